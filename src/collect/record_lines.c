/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of a record; see record_lines.h. */
#include "collect/record_lines.h"

#include "base/error.h"
#include "collect/collect.h"
#include "format/klog.h"
#include "format/pstore.h"

enum {
	LINE_MAX_BYTES = 32 << 10,
	STYLE_LOOK = 32 << 10, /* bytes that tell how a text is quoted */
	WRAP_COLUMN = 70,      /* mailers break lines behind this */
	GARBLED_SHARE = 4,     /* one line of so many is wrong: nothing behind the first is right */
};

/* In a paste: what goes back further is of another boot, or older. */
#define BACK_NS UINT64_C(1000000000)
/* Clocks of CPUs differ by less. */
#define CLOCKS_APART_NS UINT64_C(100000000)

/* One run of trail_record_lines(). */
struct maker {
	struct trail_facts *facts;
	struct trail_record_part *part;
	struct trail_klog_style style;
	bool has_marks;	  /* some line has a prefix */
	bool has_level;	  /* some line has a level */
	bool is_aside;	  /* behind an empty line: the words of whoever pasted it */
	uint64_t last_ns; /* of the last line that has a time */
	bool is_other;	  /* this line is of another record: it was not taken */
	bool is_marked;	  /* the line before has a prefix, or goes on from such a one */
	size_t before;	  /* the length of that line as it stands in the text */
	size_t n_too_long;
};

/* Over what was never written: erased memory, what a buffer was filled up with. */
static size_t text_length(const uint8_t *bytes, size_t n)
{
	while (n && (bytes[n - 1] == 0 || bytes[n - 1] == 0xff))
		n--;
	return n;
}

/* Would the first word of a line have gone past the column where mailers break lines? */
static bool is_wrapped(const struct maker *m, const struct trail_klog_line *line)
{
	size_t word = 0;

	if (!m->part->record->pasted || !m->is_marked || !m->part->n_lines || !line->length)
		return false;
	while (word < line->length && line->text[word] != ' ')
		word++;
	return m->before + 1 + word > WRAP_COLUMN;
}

/* Put a line behind the last one. */
static bool join(struct maker *m, const struct trail_klog_line *line)
{
	struct trail_record *last = &m->part->lines[m->part->n_lines - 1];
	bool has_space = last->length && last->text[last->length - 1] == ' ';
	const char *joined = trail_pool_printf(&m->facts->pool, "%.*s%s%.*s", (int)last->length,
					       last->text, has_space ? "" : " ", (int)line->length,
					       line->text);

	if (!joined || last->length + line->length > LINE_MAX_BYTES)
		return joined;
	last->length = (uint32_t)strlen(joined);
	last->text = joined;
	return true;
}

/*
 * Is a line of a paste of another record, or of a log of another kind?  A record's lines have a
 * level, or, where somebody took it off, none has.
 */
static bool is_other(const struct maker *m, const struct trail_klog_line *line)
{
	if (!m->part->record->pasted || !line->has_time)
		return false;
	if (m->is_aside && line->ts_nsec + BACK_NS < m->last_ns)
		return true;
	return m->has_level && line->level == TRAIL_NO_LEVEL &&
	       (m->is_aside || line->ts_nsec + BACK_NS < m->last_ns);
}

static bool add_line(struct maker *m, char *bytes, size_t n)
{
	struct trail_record_part *part = m->part;
	struct trail_klog_line line;
	size_t raw = n;

	n = trail_klog_clean(bytes, n);
	trail_klog_line(bytes, n, part->record->pasted ? &m->style : NULL, &line);
	bool is_marked = line.marks & ~(unsigned)TRAIL_KLOG_QUOTED;
	if (m->has_marks && is_other(m, &line)) {
		m->is_other = true;
		return true;
	}
	if (is_marked || !line.length)
		m->is_aside = !is_marked && m->has_marks && part->record->pasted;
	if (!is_marked && (!line.length || m->is_aside)) {
		m->is_marked = false;
		return true;
	}
	if (!is_marked && is_wrapped(m, &line)) {
		m->before = raw;
		return join(m, &line);
	}
	m->has_level |= line.level != TRAIL_NO_LEVEL;
	m->has_marks |= is_marked;
	m->last_ns = line.has_time ? line.ts_nsec : m->last_ns;
	m->is_marked = is_marked;
	m->before = raw;
	struct trail_record *all = trail_pool_grow(&m->facts->pool, part->lines, part->n_lines,
						   sizeof(*all));
	if (!all)
		return false;
	part->lines = all;
	m->n_too_long += line.length > LINE_MAX_BYTES;
	all[part->n_lines++] = (struct trail_record){
		.seq = part->n_lines,
		.ts_nsec = line.has_time ? line.ts_nsec : TRAIL_NO_TIME,
		.text = line.text,
		.length = (uint32_t)TRAIL_MIN(line.length, (size_t)LINE_MAX_BYTES),
		.level = line.level,
		.facility = line.facility,
		.cpu = line.cpu,
		.pid = line.pid,
		.comm = line.comm ? trail_pool_strndup(&m->facts->pool, line.comm, line.comm_length)
				  : NULL,
	};
	return !line.comm || all[part->n_lines - 1].comm;
}

/* A newline that a mailer lost: one line of the text is several of the log. */
static bool add_lines(struct maker *m, char *bytes, size_t n)
{
	for (size_t end; m->part->record->pasted; bytes += end, n -= end) {
		end = trail_klog_split(bytes, n);
		if (end >= n || !end)
			break;
		size_t length = end;
		while (length && bytes[length - 1] == ' ')
			length--;
		if (!add_line(m, bytes, length))
			return false;
	}
	return add_line(m, bytes, n);
}

static bool add_gap(const struct maker *m)
{
	const char *name = m->part->name ? m->part->name : "record";
	const char *why = trail_pool_printf(&m->facts->pool,
					    "%zu lines are longer than 32 KiB and were cut there",
					    m->n_too_long);

	return why && trail_facts_add_gap(m->facts, name, why);
}

/* The kernel puts a level before each line, and a time before all of them or none. */
static bool is_wrong(const struct trail_record_part *part, size_t i)
{
	const struct trail_record *first = &part->lines[0], *line = &part->lines[i];

	return line->level == TRAIL_NO_LEVEL ||
	       (line->ts_nsec == TRAIL_NO_TIME && first->ts_nsec != TRAIL_NO_TIME);
}

/* The first of @n lines whose time goes back as no clock of a CPU does; @n when there is none. */
static size_t first_back(const struct trail_record_part *part, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (part->lines[i].ts_nsec + CLOCKS_APART_NS < part->lines[i - 1].ts_nsec)
			return i;
	return n;
}

/*
 * Bare deflate has no checksum: what was damaged before it was unpacked, by us or by the kernel
 * that read it, goes on as a text of pieces of itself.  That is cut off; single lines that are
 * wrong, as in a record that never was packed, stay.
 */
static bool look_for_damage(struct maker *m)
{
	struct trail_record_part *part = m->part;
	size_t first = 1, n = 0, bare = 0;

	if (part->n_lines < 2 || is_wrong(part, 0))
		return true; /* it never had levels */
	while (first < part->n_lines && !is_wrong(part, first))
		first++;
	for (size_t i = first; i < part->n_lines; i++) {
		n += is_wrong(part, i);
		bare += part->lines[i].level == TRAIL_NO_LEVEL;
	}
	if (!bare) /* somebody may have switched the times off */
		return true;
	if (n * GARBLED_SHARE >= part->n_lines - first && n > 2) {
		first = first_back(part, first);
		part->n_lines = first - 1; /* the last good one may be wrong behind its start */
		part->lost_end = true;
		part->why = trail_pool_printf(
			&m->facts->pool,
			"its bytes are wrong from line %zu on: what is behind "
			"that was left out",
			first);
	} else if (part->state == TRAIL_PART_WHOLE) {
		part->why = trail_pool_printf(&m->facts->pool,
					      "%zu of its %zu lines do not begin as the kernel "
					      "writes them: bytes of it are wrong",
					      n, part->n_lines);
	}
	part->state = TRAIL_PART_DAMAGED;
	return part->why;
}

/* Each line is written with its newline: an end without one is cut. */
static void look_at_end(struct trail_record_part *part, const char *text, size_t n)
{
	if (!n || text[n - 1] == '\n')
		return;
	part->lost_end = true;
	if (part->state != TRAIL_PART_WHOLE)
		return;
	part->state = TRAIL_PART_DAMAGED;
	part->why = "its last line is cut: the newest bytes of it are lost";
}

/* There is no room for the rest. */
static void cut(struct trail_record_part *part)
{
	part->state = TRAIL_PART_DAMAGED;
	part->lost_end = true;
	part->why = "the records are too large: what is behind its last line was not read";
}

bool trail_record_lines(struct trail_facts *facts, const uint8_t *bytes, size_t n,
			struct trail_record_part *part, struct trail_record_room *room,
			size_t *used_ret)
{
	struct maker m = { .facts = facts, .part = part };
	size_t all = text_length(bytes, n), length = TRAIL_MIN(all, room->bytes), at = 0;
	char *text = trail_pool_strndup(&facts->pool, length ? (const char *)bytes : "", length);
	const struct trail_pstore_record *record = part->record;

	if (!text)
		return false;
	if (record->pasted)
		m.style = trail_klog_style_of(text, TRAIL_MIN(length, (size_t)STYLE_LOOK));
	while (at < length && part->n_lines < room->lines) {
		char *end = memchr(text + at, '\n', length - at);
		size_t line = end ? (size_t)(end - text) - at : length - at;
		if (!add_lines(&m, text + at, line))
			return false;
		if (m.is_other)
			break;
		at += line + 1;
	}
	*used_ret = m.is_other ? at : n;
	if (!record->pasted && record->type == TRAIL_PSTORE_DMESG) {
		look_at_end(part, text, length);
		if (!look_for_damage(&m))
			return false;
	}
	room->bytes -= TRAIL_MIN(at, length);
	room->lines -= TRAIL_MIN(part->n_lines, room->lines);
	if (at < all && !m.is_other)
		cut(part);
	return !m.n_too_long || add_gap(&m);
}
