/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records of pstore → parts of dumps and console rings; see texts.h. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "collect/collect.h"
#include "collect/dumps.h"
#include "collect/record_lines.h"
#include "collect/texts.h"
#include "format/pstore.h"
#include "source/records.h"
#include "source/unpack_record.h"

enum {
	NAMED_MAX = 8,	      /* names in one gap */
	LOOK = 256,	      /* bytes that tell a text */
	BYTES_MAX = 64 << 20, /* of the texts of all records; no log buffer is larger */
	LINES_MAX = 1 << 19,
};

/* One run of trail_collect_records(). */
struct opener {
	struct trail_facts *facts;
	struct trail_unpack_records unpack;
	struct trail_pool pool; /* of pieces; the parts' records point to them */
	struct trail_record_part *parts;
	size_t n;
	size_t source; /* the record that is opened */
	struct trail_record_room room;
	const char *path;
	bool no_dir; /* @path is the records' file, or theirs */
};

/* Printable, for the most part: a bit that flipped is no reason to doubt it. */
static bool is_text(const uint8_t *bytes, size_t n)
{
	size_t odd = 0, shown = TRAIL_MIN(n, (size_t)LOOK);

	for (size_t i = 0; i < shown; i++)
		odd += (bytes[i] < ' ' || bytes[i] > '~') && bytes[i] != '\n' && bytes[i] != '\t' &&
		       bytes[i] != '\r' && bytes[i] != '\033';
	return odd <= shown / 16;
}

/* What a record holds, once it is unpacked. */
struct opened {
	struct trail_pstore_record record; /* .bytes is its text */
	uint8_t *unpacked;		   /* owns them, or NULL */
	const char *packing;
	const char *why;    /* it is not whole */
	const char *unread; /* nothing of it could be read */
};

static struct trail_error *unpack(struct opener *o, struct opened *opened)
{
	struct trail_unpacked_record unpacked;
	struct trail_pstore_record *record = &opened->record;
	struct trail_error *error = trail_unpack_record(&o->unpack, record->bytes, record->n,
							&unpacked);

	if (trail_error_catch(&error, TRAIL_ERROR_NOMEM))
		return &trail_error_nomem;
	if (error) {
		opened->unread = trail_facts_copy(o->facts, error->message);
		trail_error_free(error);
		return opened->unread ? NULL : &trail_error_nomem;
	}
	opened->unpacked = unpacked.bytes;
	opened->packing = unpacked.packing;
	opened->why = unpacked.why;
	record->bytes = unpacked.bytes;
	record->n = unpacked.n;
	return NULL;
}

static struct trail_error *open_record(struct opener *o, const struct trail_pstore_record *record,
				       struct opened *ret)
{
	struct trail_pstore_head head;

	*ret = (struct opened){ .record = *record, .why = record->why };
	(void)trail_pstore_take_stamp(&ret->record);
	if (!ret->record.has_ecc)
		trail_pstore_take_ecc(&ret->record);
	if (!ret->record.n) {
		ret->unread = "it is empty";
		return NULL;
	}
	if (!o->room.bytes || !o->room.lines) {
		ret->unread = "not read: the records before it are too large";
		return NULL;
	}
	bool has_head = trail_pstore_head(ret->record.bytes, ret->record.n, &head);
	if (has_head || record->packed == TRAIL_PACKED_NO ||
	    (record->packed == TRAIL_PACKED_MAYBE && is_text(ret->record.bytes, ret->record.n)))
		return NULL;
	struct trail_error *error = unpack(o, ret);
	if (!error && !ret->packing && is_text(ret->record.bytes, ret->record.n))
		ret->unread = NULL; /* its name says that it is packed; it is not */
	if (!error && !ret->why)
		ret->why = record->why;
	return error;
}

static void tell_time(const struct trail_pstore_record *record,
		      const struct trail_pstore_head *head, struct trail_record_part *part)
{
	uint64_t s = 0;
	enum trail_pstore_id_time what = trail_pstore_id_time(record, head, &s);

	if (what == TRAIL_ID_BOOT_TIME)
		part->boot_s = s;
	part->time_s = record->time_s;
	if (record->has_time && record->time_s && !record->time_may_lie) {
		part->time = TRAIL_TIME_OF_RECORD;
	} else if (what == TRAIL_ID_RECORD_TIME) {
		part->time = TRAIL_TIME_OF_RECORD;
		part->time_s = s;
	} else if (record->has_time && record->time_s) {
		part->time = TRAIL_TIME_OF_FILE;
	}
}

/* What the first line says, else the id. */
static bool tell_number(struct opener *o, const struct trail_pstore_record *record,
			struct trail_record_part *part, size_t *length_ret)
{
	struct trail_pstore_head head;
	bool has_head = trail_pstore_head(record->bytes, record->n, &head);

	*length_ret = has_head ? head.length : 0;
	tell_time(record, has_head ? &head : NULL, part);
	if (!has_head) {
		(void)trail_pstore_id_part(record, &part->number, &part->count);
		return true;
	}
	part->number = head.part;
	part->count = head.count;
	part->reason = trail_pool_strndup(&o->facts->pool, head.reason, head.reason_length);
	return part->reason;
}

/* What ramoops could not put right. */
static bool tell_ecc(struct opener *o, const struct trail_pstore_record *record,
		     struct trail_record_part *part)
{
	if (!record->ecc_bad || part->state != TRAIL_PART_WHOLE)
		return true;
	part->state = TRAIL_PART_DAMAGED;
	part->why = trail_pool_printf(
		&o->facts->pool, "ECC could not correct %" PRIu32 " blocks of it", record->ecc_bad);
	return part->why;
}

static struct trail_record_part *new_part(struct opener *o, const struct opened *opened,
					  const struct trail_pstore_record *piece)
{
	struct trail_record_part *all = trail_pool_grow(&o->pool, o->parts, o->n, sizeof(*all));
	struct trail_pstore_record *record = trail_pool_alloc(&o->pool, 1, sizeof(*record));
	const char *why = opened->unread ? opened->unread : opened->why;
	const char *file = trail_file_name(o->path);

	if (!all || !record)
		return NULL;
	o->parts = all;
	*record = *piece;
	all[o->n] = (struct trail_record_part){
		.record = record,
		.name = trail_facts_copy(o->facts, piece->name ? piece->name : file),
		.source = o->source,
		.packing = opened->packing,
		.why = trail_facts_copy(o->facts, why),
		.lost_end = why,
		.state = opened->unread ? TRAIL_PART_UNREAD
			 : why		? TRAIL_PART_DAMAGED
					: TRAIL_PART_WHOLE,
	};
	return why && !all[o->n].why ? NULL : &all[o->n++];
}

/*
 * A part that has lost its first line, and the next one in the same text, which has one and goes on
 * where it ends, in lines of the same look: then it is the part before that.
 */
static void tell_by_next(struct trail_record_part *part, const struct trail_record_part *next)
{
	if (part->reason || part->number || !next->reason || !part->record->pasted ||
	    !trail_record_part_precedes(part, next) || next->number == UINT32_MAX ||
	    (part->lines[0].level == TRAIL_NO_LEVEL) != (next->lines[0].level == TRAIL_NO_LEVEL))
		return;
	part->reason = next->reason;
	part->count = next->count;
	part->number = next->number + 1;
	part->why = "its first line is lost; the next part goes on where it ends";
}

/* @used_ret: bytes of the piece, from its start, that are this part's. */
static bool add_part(struct opener *o, const struct opened *opened,
		     const struct trail_pstore_record *piece, size_t *used_ret)
{
	struct trail_record_part *part = new_part(o, opened, piece);
	size_t skip, used = 0;

	if (!part)
		return false;
	const struct trail_pstore_record *record = part->record;
	if (!tell_number(o, record, part, &skip))
		return false;
	*used_ret = record->n;
	if (!opened->unread) {
		if (!trail_record_lines(o->facts, record->bytes + skip, record->n - skip, part,
					&o->room, &used))
			return false;
		*used_ret = skip + used;
	}
	if (!tell_ecc(o, record, part))
		return false;
	if (!part->reason && part->state == TRAIL_PART_WHOLE &&
	    !trail_streq(part->packing, "zlib")) {
		part->state = TRAIL_PART_DAMAGED;
		part->why = "its first line, which says what it is a part of, is lost";
	}
	return trail_record_part_mark(&o->pool, part);
}

/* A piece is a part; a pasted one may hold another behind it. */
static bool add_piece(struct opener *o, const struct opened *opened,
		      const struct trail_pstore_record *piece)
{
	struct trail_pstore_record rest = *piece;
	size_t first = o->n;

	for (size_t used = 0;;) {
		if (!add_part(o, opened, &rest, &used))
			return false;
		if (used >= rest.n || o->n - first > TRAIL_PSTORE_SPLIT_MAX)
			return true;
		rest.bytes += used;
		rest.n -= used;
		rest.backend = NULL; /* that was said of what is before it */
		rest.has_id = false;
	}
}

static struct trail_error *add_dmesg(struct opener *o, const struct trail_pstore_record *record)
{
	struct trail_pstore_record *pieces = NULL;
	struct opened opened;
	size_t n = 0;
	struct trail_error *error = open_record(o, record, &opened);

	if (!error && !opened.unread)
		error = trail_pstore_split(&opened.record, &o->pool, &pieces, &n);
	bool ok = !error;
	size_t first = o->n;
	if (ok && !n)
		ok = add_piece(o, &opened, &opened.record);
	for (size_t i = 0; i < n && ok; i++)
		ok = add_piece(o, &opened, &pieces[i]);
	for (size_t i = o->n; ok && i > first + 1; i--)
		tell_by_next(&o->parts[i - 2], &o->parts[i - 1]);
	free(opened.unpacked);
	if (ok && n == TRAIL_PSTORE_SPLIT_MAX)
		ok = trail_facts_add_gap(o->facts, record->name ? record->name : "text",
					 "it holds more than 4096 records: the others were not "
					 "told apart");
	return error ? error : ok ? NULL : &trail_error_nomem;
}

/* Where a console's ring lies: its own file of a directory. */
static const char *path_of(const struct opener *o, const struct trail_pstore_record *record)
{
	if (record->region || o->no_dir || !record->name)
		return trail_facts_copy(o->facts, o->path);
	size_t n = strlen(o->path);
	return trail_pool_printf(&o->facts->pool, "%s%s%s", o->path,
				 n && o->path[n - 1] == '/' ? "" : "/", record->name);
}

/* Source: Linux fs/pstore/ram.c ramoops_pstore_write(): what a console prints, without levels. */
static struct trail_error *add_console(struct opener *o, const struct trail_pstore_record *given)
{
	struct trail_pstore_record record = *given;
	struct trail_text_facts *text = trail_facts_add_text(o->facts);
	struct trail_record_part part = { .record = &record };
	size_t used;

	trail_pstore_take_ecc(&record);
	if (!text || !trail_record_lines(o->facts, record.bytes, record.n, &part, &o->room, &used))
		return &trail_error_nomem;
	text->kind = TRAIL_TEXT_CONSOLE;
	text->role = TRAIL_ROLE_DEAD;
	text->path = path_of(o, given);
	text->form = trail_facts_copy(o->facts, record.backend);
	text->region = trail_facts_copy(o->facts, record.region);
	text->has_time = record.has_time && record.time_s && !record.time_may_lie;
	text->time_s = text->has_time ? record.time_s : 0;
	text->has_ecc = record.has_ecc;
	text->ecc_corrected = record.ecc_corrected;
	text->ecc_bad = record.ecc_bad;
	text->log = (struct trail_log_facts){ .presence = part.n_lines ? TRAIL_PRESENT
								       : TRAIL_NODATA,
					      .records = part.lines,
					      .n = part.n_lines,
					      .first_seq = 1,
					      .next_seq = part.n_lines + 1 };
	text->lost_start = part.n_lines && !trail_log_has_start(part.lines, part.n_lines);
	if (!text->path || (record.backend && !text->form) || (record.region && !text->region) ||
	    !trail_text_identify(text, &o->facts->pool))
		return &trail_error_nomem;
	text->lost_end = part.lost_end;
	const char *why = record.why ? record.why : part.why;
	if (!why)
		return NULL;
	return trail_facts_add_gap(o->facts, given->name ? given->name : "console ring", why)
		       ? NULL
		       : &trail_error_nomem;
}

/* A gap that names the first ones of several. */
static bool add_named(struct trail_facts *facts, const char *what, const char *why, size_t n,
		      const char *(*name)(const void *list, size_t i), const void *list)
{
	struct trail_text text = { 0 };

	trail_text_printf(&text, "%s: ", why);
	for (size_t i = 0; i < TRAIL_MIN(n, (size_t)NAMED_MAX); i++)
		trail_text_printf(&text, "%s%s", i ? ", " : "", name(list, i));
	if (n > NAMED_MAX)
		trail_text_printf(&text, " and %zu more", n - NAMED_MAX);
	bool ok = !text.failed && trail_facts_add_gap(facts, what, trail_text_string(&text));
	trail_text_fini(&text);
	return ok;
}

static const char *name_of_record(const void *list, size_t i)
{
	const char *name = ((const struct trail_pstore_record *const *)list)[i]->name;

	return name ? name : "one without a name";
}

/* Records that are no log: once for all of a kind. */
static bool add_unread_types(struct opener *o, const struct trail_pstore_record *records, size_t n)
{
	const struct trail_pstore_record **some = trail_pool_alloc(&o->pool, n + !n, sizeof(*some));

	if (!some)
		return false;
	for (size_t type = 0; type < TRAIL_N_PSTORE_TYPES; type++) {
		size_t found = 0;
		if (type == TRAIL_PSTORE_DMESG || type == TRAIL_PSTORE_CONSOLE)
			continue;
		for (size_t i = 0; i < n; i++)
			if (records[i].type == (enum trail_pstore_type)type)
				some[found++] = &records[i];
		const char *what = trail_pool_printf(&o->pool, "%s records",
						     trail_pstore_type_names[type]);
		if (found && (!what || !add_named(o->facts, what, "they hold no log of the kernel",
						  found, name_of_record, some)))
			return false;
	}
	return true;
}

static struct trail_error *collect(const struct trail_pstore_record *records, size_t n,
				   const char *path, bool no_dir, struct trail_facts *facts)
{
	struct opener o = {
		.facts = facts,
		.path = path,
		.no_dir = no_dir,
		.room = { BYTES_MAX, LINES_MAX },
	};
	struct trail_error *error = NULL;

	trail_unpack_records_init(&o.unpack);
	trail_pool_init(&o.pool);
	for (size_t i = 0; i < n && !error; i++) {
		o.source = i;
		if (records[i].type == TRAIL_PSTORE_DMESG)
			error = add_dmesg(&o, &records[i]);
		else if (records[i].type == TRAIL_PSTORE_CONSOLE)
			error = add_console(&o, &records[i]);
	}
	if (!error)
		error = trail_dumps_add(o.parts, o.n, path, facts);
	if (!error && !add_unread_types(&o, records, n))
		error = &trail_error_nomem;
	trail_pool_fini(&o.pool);
	trail_unpack_records_fini(&o.unpack);
	return error;
}

struct trail_error *trail_collect_records(const struct trail_pstore_record *records, size_t n,
					  const char *path, struct trail_facts *facts)
{
	return collect(records, n, path, true, facts);
}

static bool add_gaps(const struct trail_records *records, struct trail_facts *facts)
{
	for (size_t i = 0; i < records->n_gaps; i++)
		if (!trail_facts_add_gap(facts, records->gaps[i].name, records->gaps[i].why))
			return false;
	return true;
}

struct trail_error *trail_collect_pstore(const char *path, struct trail_facts *facts)
{
	struct trail_records records;
	struct trail_error *error = trail_records_read(path, &records);

	if (!error)
		error = collect(records.records, records.n, path, !records.is_dir, facts);
	if (!error && !add_gaps(&records, facts))
		error = &trail_error_nomem;
	trail_records_fini(&records);
	return error;
}
