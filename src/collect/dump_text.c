/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts of one dump → its lines in order, and what is lost of it; see dump_text.h. */
#include "collect/dump_text.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/error.h"
#include "collect/collect.h"
#include "collect/texts.h"
#include "format/pstore.h"

enum {
	MISSING_MAX = 128, /* missing parts in a row that are listed one by one */
	START_LINES = 40,  /* what an early console may say before the banner */
};

bool trail_log_has_start(const struct trail_record *lines, size_t n)
{
	static const char banner[] = "Linux version ";

	for (size_t i = 0; i < TRAIL_MIN(n, (size_t)START_LINES); i++)
		if (lines[i].length >= sizeof(banner) - 1 &&
		    memcmp(lines[i].text, banner, sizeof(banner) - 1) == 0)
			return true;
	return false;
}

/*
 * Of a part that did not compress, bytes of the part written before it can follow its own: lines
 * that the newer part has, one behind the other up to the end.  How many lines are its own.
 * Source: Linux fs/pstore/platform.c pstore_dump(), which since v6.6 keeps the whole buffer.
 */
static size_t own_lines(const struct trail_record_part *part, const struct trail_record_part *newer)
{
	size_t n = part->n_lines;

	if (!newer || part->packing || part->record->pasted)
		return n;
	size_t first = n;
	/* the very last line may be cut */
	if (first > 1 && part->lost_end && !trail_record_part_has(newer, &part->lines[first - 1]))
		first--;
	size_t cut = first;
	while (first && trail_record_part_has(newer, &part->lines[first - 1]))
		first--;
	return first < cut ? first : n;
}

static bool add_lines(const struct trail_dump *dump, struct trail_facts *facts,
		      struct trail_text_facts *text)
{
	size_t n = 0, at = 0;

	for (size_t i = 0; i < dump->n; i++)
		n += dump->parts[i]->n_lines;
	struct trail_record *lines = trail_pool_alloc(&facts->pool, n, sizeof(*lines));
	if (!lines && n)
		return false;
	for (size_t i = dump->n; i; i--) {
		const struct trail_record_part *part = dump->parts[i - 1];
		size_t own = own_lines(part, i > 1 ? dump->parts[i - 2] : NULL);
		if (own)
			memcpy(lines + at, part->lines, own * sizeof(*lines));
		at += own;
	}
	for (size_t i = 0; i < at; i++)
		lines[i].seq = i + 1;
	text->log = (struct trail_log_facts){ .presence = at ? TRAIL_PRESENT : TRAIL_NODATA,
					      .records = lines,
					      .n = at,
					      .first_seq = 1,
					      .next_seq = at + 1 };
	return true;
}

static struct trail_text_part *add_part(struct trail_facts *facts, struct trail_text_facts *text)
{
	struct trail_text_part *all = trail_pool_grow(&facts->pool, text->parts, text->n_parts,
						      sizeof(*all));

	if (!all)
		return NULL;
	text->parts = all;
	return &all[text->n_parts++];
}

static bool add_record(const struct trail_record_part *part, struct trail_facts *facts,
		       struct trail_text_facts *text)
{
	struct trail_text_part *p = add_part(facts, text);

	if (!p)
		return false;
	*p = (struct trail_text_part){ .number = part->number,
				       .record = part->name,
				       .packing = part->packing,
				       .state = part->state,
				       .why = part->why };
	return true;
}

/* Parts from @number down to above @low, of which there is no record. */
static bool add_missing(uint32_t number, uint32_t low, struct trail_facts *facts,
			struct trail_text_facts *text)
{
	const char *lost = low ? "lines between are lost" : "the newest lines are lost";

	for (size_t i = 1; number > low; number--, i++) {
		struct trail_text_part *p = add_part(facts, text);
		if (!p)
			return false;
		bool is_last = i == MISSING_MAX && number > low + 1;
		*p = (struct trail_text_part){ .number = number, .state = TRAIL_PART_MISSING };
		p->why = is_last ? trail_pool_printf(&facts->pool,
						     "no record of it is there, nor of any down to "
						     "Part%" PRIu32 ": %s",
						     low + 1, lost)
				 : trail_pool_printf(&facts->pool, "no record of it is there: %s",
						     lost);
		if (!p->why || is_last)
			return p->why;
	}
	return true;
}

/* All records and what is missing between them, descending. */
static bool add_parts(const struct trail_dump *dump, struct trail_facts *facts,
		      struct trail_text_facts *text)
{
	for (size_t i = dump->n; i; i--) {
		const struct trail_record_part *part = dump->parts[i - 1];
		if (!add_record(part, facts, text))
			return false;
		for (size_t r = 0; r < dump->n_repeated; r++)
			if (dump->repeated[r]->number == part->number &&
			    !add_record(dump->repeated[r], facts, text))
				return false;
		uint32_t low = i > 1 ? dump->parts[i - 2]->number : 0;
		if (part->number && !add_missing(part->number - 1, low, facts, text))
			return false;
	}
	return true;
}

/* Places between two lines where some are lost: one is counted for each, as nobody knows how many.
 */
static uint64_t holes_of(const struct trail_dump *dump)
{
	uint64_t holes = 0;

	for (size_t i = 1; i < dump->n; i++) {
		const struct trail_record_part *part = dump->parts[i];
		holes += part->number &&
			 (part->number - dump->parts[i - 1]->number > 1 || part->lost_end);
	}
	return holes;
}

static void add_origin(const struct trail_dump *dump, const char *path,
		       struct trail_text_facts *text)
{
	const struct trail_record_part *newest = dump->parts[0];

	/* what was pasted without a record's first line may be of any log */
	text->kind = newest->record->pasted && !dump->reason ? TRAIL_TEXT_LOG : TRAIL_TEXT_DUMP;
	text->role = TRAIL_ROLE_DEAD;
	text->path = path;
	text->reason = dump->reason;
	text->count = dump->reason ? dump->count : 0;
	text->has_time = newest->time == TRAIL_TIME_OF_RECORD;
	text->time_s = text->has_time ? newest->time_s : 0;
	/* the first dump of a boot is the first record of it, but for those of machine checks */
	if (!text->has_time && newest->boot_s && newest->reason && newest->count == 1 &&
	    newest->number == 1) {
		text->has_time = true;
		text->time_s = newest->boot_s;
	}
	for (size_t i = 0; i < dump->n; i++) {
		const struct trail_pstore_record *record = dump->parts[i]->record;
		if (!text->form)
			text->form = record->backend;
		if (!text->region)
			text->region = record->region;
		text->has_ecc |= record->has_ecc;
		text->ecc_corrected += record->ecc_corrected;
		text->ecc_bad += record->ecc_bad;
	}
}

/* What is lost, in words, for the first part of each kind. */
static bool add_gap(const struct trail_text_facts *text, const char *path,
		    struct trail_facts *facts)
{
	size_t n[TRAIL_N_PART_STATES] = { 0 };
	const struct trail_text_part *first[TRAIL_N_PART_STATES] = { NULL };

	for (size_t i = 0; i < text->n_parts; i++) {
		enum trail_part_state state = text->parts[i].state;
		first[state] = &text->parts[i]; /* the lowest: what is nearest to the panic */
		n[state]++;
	}
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(first); i++) {
		if (i == TRAIL_PART_WHOLE || i == TRAIL_PART_DUPLICATE || !n[i])
			continue;
		char more[64] = "";
		if (n[i] > 1)
			snprintf(more, sizeof(more), ", and of %zu more parts", n[i] - 1);
		const char *what = text->reason ? trail_pool_printf(&facts->pool,
								    "%s#%" PRIu32 " Part%" PRIu32,
								    text->reason, text->count,
								    first[i]->number)
						: "record of pstore";
		const char *why = trail_pool_printf(
			&facts->pool, "%s%s%s: %s%s", path, first[i]->record ? ": " : "",
			first[i]->record ? first[i]->record : "",
			first[i]->why ? first[i]->why : trail_part_state_names[i], more);
		if (!what || !why || !trail_facts_add_gap(facts, what, why))
			return false;
	}
	return true;
}

/* The backend's name must outlive its record. */
static bool keep_strings(struct trail_facts *facts, struct trail_text_facts *text)
{
	const char **all[] = { &text->path, &text->form, &text->region };

	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(all); i++) {
		if (!*all[i])
			continue;
		*all[i] = trail_facts_copy(facts, *all[i]);
		if (!*all[i])
			return false;
	}
	return true;
}

struct trail_error *trail_dump_text(const struct trail_dump *dump, const char *path,
				    struct trail_facts *facts)
{
	struct trail_text_facts *text = trail_facts_add_text(facts);
	const struct trail_record_part *newest = dump->parts[0];

	if (!text)
		return &trail_error_nomem;
	add_origin(dump, path, text);
	if (!keep_strings(facts, text) || !add_lines(dump, facts, text) ||
	    (text->kind == TRAIL_TEXT_DUMP && !add_parts(dump, facts, text)) ||
	    !trail_text_identify(text, &facts->pool))
		return &trail_error_nomem;
	text->log.lost = holes_of(dump);
	text->lost_end = newest->number > 1 || newest->lost_end;
	text->lost_start = text->log.n && !trail_log_has_start(text->log.records, text->log.n);
	return add_gap(text, path, facts) ? NULL : &trail_error_nomem;
}
