/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names, first lines and ends of records of pstore; see pstore.h. */
#include "format/pstore.h"

#include "base/error.h"
#include "base/pool.h"

enum {
	REASON_MAX = 32, /* "Emergency" has 9 */
	STAMP_MAX = 36,	 /* ram.c ramoops_write_kmsg_hdr() */
	NAME_MAX_LENGTH = 255,
};

const char *const trail_pstore_type_names[TRAIL_N_PSTORE_TYPES] = {
	[TRAIL_PSTORE_DMESG] = "dmesg",	    [TRAIL_PSTORE_MCE] = "mce",
	[TRAIL_PSTORE_CONSOLE] = "console", [TRAIL_PSTORE_FTRACE] = "ftrace",
	[TRAIL_PSTORE_PMSG] = "pmsg",	    [TRAIL_PSTORE_OTHER] = "other",
};

/*
 * A frontend by the word that its files' names begin with.
 * Source: Linux fs/pstore/platform.c pstore_type_names[]; "unknown" to v5.0.
 */
static const struct {
	const char *word;
	enum trail_pstore_type type;
} words[] = {
	{ "dmesg", TRAIL_PSTORE_DMESG },	{ "mce", TRAIL_PSTORE_MCE },
	{ "console", TRAIL_PSTORE_CONSOLE },	{ "ftrace", TRAIL_PSTORE_FTRACE },
	{ "pmsg", TRAIL_PSTORE_PMSG },		{ "rtas", TRAIL_PSTORE_OTHER },
	{ "powerpc-ofw", TRAIL_PSTORE_OTHER },	{ "powerpc-common", TRAIL_PSTORE_OTHER },
	{ "powerpc-opal", TRAIL_PSTORE_OTHER }, { "unknown", TRAIL_PSTORE_OTHER },
};

/* A place in a text. */
struct scan {
	const char *at, *end;
};

static bool take_word(struct scan *s, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(s->end - s->at) < n || memcmp(s->at, word, n) != 0)
		return false;
	s->at += n;
	return true;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Decimal digits, at least one; false, and at no other place, when they are above @max. */
static bool take_number(struct scan *s, uint64_t max, uint64_t *ret)
{
	const char *at = s->at;
	uint64_t n = 0;

	for (; at < s->end && trail_is_digit(*at); at++) {
		uint64_t digit = *at - '0';
		if (!trail_mul(n, 10, &n) || !trail_add(n, digit, &n) || n > max)
			return false;
	}
	if (at == s->at)
		return false;
	s->at = at;
	*ret = n;
	return true;
}

/* Nothing but spaces up to the end of the line, and over it. */
static bool take_line_end(struct scan *s)
{
	while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\r'))
		s->at++;
	if (s->at < s->end && *s->at != '\n')
		return false;
	s->at += s->at < s->end;
	return true;
}

/* Where the last "-DIGITS" begins; at the end when there is none. */
static const char *find_id(struct scan s)
{
	const char *at = s.end;

	while (at > s.at && trail_is_digit(at[-1]))
		at--;
	return at < s.end && at > s.at && at[-1] == '-' ? at - 1 : s.end;
}

bool trail_pstore_name(const char *name, size_t n, struct trail_pool *pool,
		       struct trail_pstore_record *record)
{
	static const char packed[] = ".enc.z";
	const size_t n_packed = sizeof(packed) - 1;
	bool is_packed = n > n_packed && memcmp(name + n - n_packed, packed, n_packed) == 0;
	struct scan s = { name, name + n - (is_packed ? n_packed : 0) };
	size_t row = 0;

	for (; row < TRAIL_ARRAY_SIZE(words); row++) {
		struct scan t = s;
		if (take_word(&t, words[row].word) && take_word(&t, "-")) {
			s = t;
			break;
		}
	}
	if (row == TRAIL_ARRAY_SIZE(words) || s.at == s.end || n > NAME_MAX_LENGTH)
		return false;
	struct scan id = { find_id(s), s.end };
	size_t length = id.at - s.at;
	for (size_t i = 0; i < length; i++)
		if (s.at[i] <= ' ' || s.at[i] == '/' || s.at[i] == ':')
			return false;
	record->type = words[row].type;
	record->packed = is_packed ? TRAIL_PACKED_YES : TRAIL_PACKED_NO;
	record->id = 0;
	record->has_id = take_word(&id, "-") && take_number(&id, UINT64_MAX, &record->id);
	/* SteamOS writes "dmesg-pstore.TIME-N", whatever the backend was */
	bool is_known = length && !memchr(s.at, '.', length);
	record->backend = is_known ? trail_pool_strndup(pool, s.at, length) : NULL;
	return true;
}

/* "Panic: Total 3 times", which pstore_blk puts first: fs/pstore/zone.c psz_kmsg_read(). */
static void take_total(struct scan *s)
{
	struct scan t = *s;
	uint64_t total;

	while (t.at < t.end && is_letter(*t.at) && t.at - s->at < REASON_MAX)
		t.at++;
	if (take_word(&t, ": Total ") && take_number(&t, INT32_MAX, &total) &&
	    take_word(&t, " times") && take_line_end(&t))
		*s = t;
}

bool trail_pstore_head(const void *text, size_t n, struct trail_pstore_head *ret)
{
	struct scan s = { text, (const char *)text + n };
	uint64_t count, part;

	if (!n)
		return false;
	take_total(&s);
	const char *reason = s.at;
	while (s.at < s.end && is_letter(*s.at) && s.at - reason < REASON_MAX)
		s.at++;
	size_t length = s.at - reason;
	if (!length || !take_word(&s, "#") || !take_number(&s, INT32_MAX, &count) ||
	    !take_word(&s, " Part") || !take_number(&s, UINT32_MAX, &part) || !part ||
	    !take_line_end(&s))
		return false;
	*ret = (struct trail_pstore_head){ .reason = reason,
					   .reason_length = length,
					   .count = count,
					   .part = part,
					   .length = s.at - (const char *)text };
	return true;
}

static bool is_efi(const struct trail_pstore_record *record)
{
	return record->has_id &&
	       (trail_streq(record->backend, "efi") || trail_streq(record->backend, "efi_pstore"));
}

/* Source: Linux drivers/firmware/efi/efi-pstore.c generic_id(): (seconds * 100 + part) * 1000 +
 * count. */
enum { ID_COUNTS = 1000, ID_PARTS = 100 };

bool trail_pstore_id_part(const struct trail_pstore_record *record, uint32_t *part_ret,
			  uint32_t *count_ret)
{
	uint32_t part = record->id / ID_COUNTS % ID_PARTS;

	if (!is_efi(record) || !part)
		return false;
	*part_ret = part;
	*count_ret = record->id % ID_COUNTS;
	return true;
}

enum trail_pstore_id_time trail_pstore_id_time(const struct trail_pstore_record *record,
					       const struct trail_pstore_head *head,
					       uint64_t *s_ret)
{
	uint64_t id = record->id;

	if (is_efi(record)) {
		/* both carry over into what is before them */
		uint64_t count = head ? head->count : id % ID_COUNTS;
		if (count > id || (id - count) % ID_COUNTS)
			return TRAIL_ID_NO_TIME;
		id = (id - count) / ID_COUNTS;
		uint64_t part = head ? head->part : id % ID_PARTS;
		if (part > id || (id - part) % ID_PARTS)
			return TRAIL_ID_NO_TIME;
		*s_ret = (id - part) / ID_PARTS;
		return TRAIL_ID_RECORD_TIME;
	}
	if (!record->has_id || !trail_streq(record->backend, "erst") || !(id >> 32))
		return TRAIL_ID_NO_TIME;
	/* Source: Linux drivers/acpi/apei/apei-base.c, drivers/firmware/efi/cper.c
	 * cper_next_record_id() */
	*s_ret = id >> 63 ? (id << 1) >> 25 : id >> 32;
	return TRAIL_ID_BOOT_TIME;
}

/* The line that ends at @end; empty at the start. */
static struct scan last_line(const char *start, const char *end)
{
	const char *at = end;

	while (at > start && at[-1] != '\n')
		at--;
	return (struct scan){ at, end };
}

/*
 * Source: Linux fs/pstore/ram_core.c persistent_ram_ecc_string(); it says "ECC: " in front since
 * v5.17.
 */
void trail_pstore_take_ecc(struct trail_pstore_record *record)
{
	const char *start = (const char *)record->bytes;
	uint64_t corrected = 0, bad = 0;

	if (!record->n || start[record->n - 1] != '\n')
		return;
	struct scan s = last_line(start, start + record->n - 1);
	const char *before = s.at;
	if (before == start || s.end - s.at > 80)
		return;
	(void)take_word(&s, "ECC: ");
	if (!take_word(&s, "No errors detected") &&
	    !(take_number(&s, UINT32_MAX, &corrected) && take_word(&s, " Corrected bytes, ") &&
	      take_number(&s, UINT32_MAX, &bad) && take_word(&s, " unrecoverable blocks")))
		return;
	if (s.at != s.end)
		return;
	record->n = before - 1 - start; /* the newline before it is of the notice */
	record->has_ecc = true;
	record->ecc_corrected = corrected;
	record->ecc_bad = bad;
}

/* Source: Linux fs/pstore/ram.c ramoops_read_kmsg_hdr(). */
bool trail_pstore_take_stamp(struct trail_pstore_record *record)
{
	const char *start = (const char *)record->bytes;
	struct scan s = { start, start + TRAIL_MIN(record->n, (size_t)STAMP_MAX) };
	uint64_t seconds, us;
	int packed = TRAIL_PACKED_MAYBE;

	if (!record->n || !take_word(&s, "====") || !take_number(&s, INT64_MAX, &seconds) ||
	    !take_word(&s, ".") || !take_number(&s, 999999999, &us))
		return false;
	if (take_word(&s, "-C"))
		packed = TRAIL_PACKED_YES;
	else if (take_word(&s, "-D"))
		packed = TRAIL_PACKED_NO;
	if (!take_word(&s, "\n"))
		return false;
	record->packed = packed;
	record->has_time = true;
	record->time_may_lie = false;
	record->time_s = seconds;
	record->n -= s.at - start;
	record->bytes += s.at - start;
	return true;
}

/* Over the marks of a quoted mail. */
static const char *skip_quotes(const char *at, const char *end)
{
	const char *behind = at;

	for (; at < end && (*at == '>' || *at == ' ' || *at == '\t'); at++)
		if (*at == '>')
			behind = at + 1 + (at + 1 < end && at[1] == ' ');
	return behind;
}

/* "dmesg-efi-165467561802001:": the line is a name of a file, and nothing else. */
static bool is_name_line(struct scan s, struct trail_pool *pool, struct trail_pstore_record *record)
{
	while (s.end > s.at && (s.end[-1] == ' ' || s.end[-1] == '\r'))
		s.end--;
	if (s.at == s.end || s.end[-1] != ':')
		return false;
	return trail_pstore_name(s.at, s.end - 1 - s.at, pool, record) && record->has_id;
}

/* What trail_pstore_split() has so far. */
struct pieces {
	const struct trail_pstore_record *whole;
	struct trail_pool *pool;
	struct trail_pstore_record *all;
	size_t n;
	struct trail_pstore_record named; /* by the line before a head; .name is NULL: none */
	const char *named_at;		  /* where that line begins */
	bool has_lines;			  /* before the first piece there are lines of a log */
};

/* A piece begins at @at, and the one before it ends at @end. */
static bool begin_piece(struct pieces *p, const char *at, const char *end)
{
	const struct trail_pstore_record *whole = p->whole;
	struct trail_pstore_record *all = trail_pool_grow(p->pool, p->all, p->n, sizeof(*all));

	if (!all)
		return false;
	if (p->n)
		all[p->n - 1].n = end - (const char *)all[p->n - 1].bytes;
	struct trail_pstore_record *piece = &all[p->n];
	*piece = *whole;
	piece->bytes = (const uint8_t *)at;
	piece->n = (const char *)whole->bytes + whole->n - at;
	p->all = all;
	p->n++;
	bool is_whole = at == (const char *)whole->bytes && (whole->backend || whole->region);
	if (p->named.name) {
		piece->type = p->named.type;
		piece->backend = p->named.backend;
		piece->has_id = p->named.has_id;
		piece->id = p->named.id;
		piece->name = p->named.name;
		piece->has_time = false;
	}
	p->named = (struct trail_pstore_record){ 0 };
	piece->pasted = !is_whole;
	return true;
}

/* "<6>[    1.0…", "[    1.0…" */
static bool is_log_line(const char *at, const char *end)
{
	if (end - at < 4)
		return false;
	if (at[0] == '<')
		return trail_is_digit(at[1]) && (at[2] == '>' || at[3] == '>');
	return at[0] == '[' && (at[1] == ' ' || trail_is_digit(at[1])) &&
	       memchr(at, '.', end - at) && memchr(at, ']', end - at);
}

/* @end: of the text; @next_ret: where the next line begins, when that is not behind this one. */
static bool look_at_line(struct pieces *p, struct scan line, const char *end, const char **next_ret)
{
	const char *start = skip_quotes(line.at, line.end);
	struct trail_pstore_record named = { 0 };
	struct trail_pstore_head head;

	if (is_name_line((struct scan){ start, line.end }, p->pool, &named)) {
		const char *colon = memchr(start, ':', line.end - start);
		named.name = trail_pool_strndup(p->pool, start, colon - start);
		p->named = named;
		p->named_at = line.at;
		return named.name;
	}
	if (!trail_pstore_head(start, end - start, &head)) {
		p->has_lines |= is_log_line(start, line.end);
		return true;
	}
	*next_ret = start + head.length;
	if (!p->n && p->has_lines) { /* the head of these is lost */
		named = p->named;
		p->named.name = NULL;
		if (!begin_piece(p, (const char *)p->whole->bytes, NULL))
			return false;
		p->named = named;
	}
	return begin_piece(p, start, p->named.name ? p->named_at : line.at);
}

struct trail_error *trail_pstore_split(const struct trail_pstore_record *whole,
				       struct trail_pool *pool, struct trail_pstore_record **ret,
				       size_t *n_ret)
{
	struct pieces p = { .whole = whole, .pool = pool };
	const char *at = (const char *)whole->bytes;
	const char *end = whole->n ? at + whole->n : at;

	while (at < end && p.n < TRAIL_PSTORE_SPLIT_MAX) {
		const char *newline = memchr(at, '\n', end - at);
		struct scan line = { at, newline ? newline : end };
		at = line.end + !!newline;
		if (!look_at_line(&p, line, end, &at))
			return &trail_error_nomem;
	}
	for (size_t i = 0; i < p.n && p.n > 1; i++)
		p.all[i].pasted = true;
	*ret = p.all;
	*n_ret = p.n;
	return NULL;
}
