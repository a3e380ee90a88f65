/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A log file → texts: bytes are read once, front to back, cut into lines and given to the boots.
 * What mail programs and terminals did to the lines is undone here, as far as a file shows it.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "collect/boots.h"
#include "collect/klog_objects.h"
#include "collect/texts.h"
#include "format/klog.h"
#include "format/klog_event.h"
#include "format/pstore.h"

enum {
	BLOCK = 256 << 10,
	LINE_MAX_BYTES = 32 << 10, /* what is longer is cut */
	WRAP_AT = 70,		   /* a mail's line could not take the next word */
	WRAP_LEAST = 40,
	WRAP_MOST = 80, /* where nothing else is wrapped */
	WRAP_FARTHEST = 100,
	TEXT_START = 1 << 10,	/* bytes, all of text, that no file of another kind begins with */
	RECORDS_MAX = 64 << 20, /* bytes of a file with records of pstore */
};

/* Bytes that were put together from several lines. */
struct joined {
	size_t length;
	char bytes[2 * LINE_MAX_BYTES];
};

struct reader {
	int fd;
	const char *path;
	struct trail_boots *boots;
	struct trail_klog_style style;
	uint64_t number; /* of the line */
	uint64_t cut;	 /* lines that were */
	uint64_t lines, returns, escapes;
	char newline;  /* or the carriage return of a file that has no other */
	bool in_line;  /* of a line that is too long, a part was taken */
	bool skipping; /* no stamp is in what was seen of it */
	bool dirty;    /* this block holds bytes that are no text */
	bool may_wrap; /* its lines, or the panic line in it */
	size_t start, have;
	struct joined soft; /* quoted-printable: a line that goes on */
	struct joined held; /* wrapped: a line that may go on */
	size_t held_last;   /* length of its last piece */
	uint64_t held_number;
	struct joined piece;		/* netconsole: a message in pieces, */
	uint64_t piece_seq;		/* of that record */
	uint32_t pieces;		/* 0: none */
	char scratch[LINE_MAX_BYTES];	/* a clean line */
	char unescaped[LINE_MAX_BYTES]; /* a message of the extended form */
	char bytes[BLOCK];
};

static void reader_freep(struct reader **reader)
{
	free(*reader);
}

static bool joined_add(struct joined *joined, const char *bytes, size_t n)
{
	if (n > sizeof(joined->bytes) - joined->length)
		return false;
	if (n)
		memcpy(joined->bytes + joined->length, bytes, n);
	joined->length += n;
	return true;
}

/* A message; one of the extended form may hold newlines. */
static struct trail_error *take(struct reader *r, struct trail_klog_line line, const char *text,
				size_t n)
{
	struct trail_error *error = NULL;

	for (size_t at = 0; at < n && !error;) {
		const char *end = memchr(text + at, '\n', n - at);
		line.text = text + at;
		line.length = end ? (size_t)(end - text) - at : n - at;
		at += line.length + 1;
		error = trail_boots_line(r->boots, &line, r->number);
	}
	return error;
}

/* A message of the extended form, whole or a piece of one. */
static struct trail_error *take_extended(struct reader *r, struct trail_klog_line *line)
{
	if (line->pieces) {
		if (!line->piece || r->piece_seq != line->seq)
			r->piece.length = 0;
		r->piece_seq = line->seq;
		if (!joined_add(&r->piece, line->text, line->length))
			r->cut++;
		if (r->piece.length < line->pieces)
			return NULL;
		line->text = r->piece.bytes;
		line->length = r->piece.length;
	}
	size_t n = TRAIL_MIN(line->length, (size_t)LINE_MAX_BYTES);
	if (n)
		memcpy(r->unescaped, line->text, n);
	n = trail_klog_unescape(r->unescaped, n);
	struct trail_error *error = take(r, *line, r->unescaped, n);
	r->piece.length = 0;
	return error;
}

/* A line; where its message holds another stamp, it is several. */
static struct trail_error *split(struct reader *r, const char *bytes, size_t n)
{
	const char *end = bytes + n;
	struct trail_error *error = NULL;

	while (bytes < end && !error) {
		struct trail_klog_line line;
		trail_klog_line(bytes, end - bytes, &r->style, &line);
		size_t length = trail_klog_split(line.text, line.length);
		bytes = length < line.length ? line.text + length : end;
		line.length = length;
		error = line.escaped || line.pieces ? take_extended(r, &line)
						    : trail_boots_line(r->boots, &line, r->number);
	}
	return error;
}

static struct trail_error *flush(struct reader *r)
{
	uint64_t now = r->number;

	r->number = r->held_number;
	struct trail_error *error = split(r, r->held.bytes, r->held.length);
	r->number = now;
	r->held.length = 0;
	return error;
}

/*
 * A mail's line without a stamp goes on the one before, when that had no room for its first word.
 * With one further on it is a program's, which the kernel interrupted on the same console.
 */
static struct trail_error *wrapped(struct reader *r, const char *bytes, size_t n)
{
	struct trail_klog_line line;
	const char *space = memchr(bytes, ' ', n);
	size_t word = space ? (size_t)(space - bytes) : n;

	trail_klog_line(bytes, n, &r->style, &line);
	size_t most = r->style.wrapped ? WRAP_FARTHEST : WRAP_MOST;
	bool goes_on = r->held.length && !line.marks && word && r->held_last >= WRAP_LEAST &&
		       r->held_last <= most && r->held_last + 1 + word > WRAP_AT &&
		       trail_klog_split(bytes, n) == n && !trail_klog_event(bytes, n);
	if (goes_on && r->held.length + n < LINE_MAX_BYTES) {
		const char *last = &r->held.bytes[r->held.length - 1];
		bool hyphen = last[0] == '-' && last[-1] != ' ' && last[-1] != '-';
		if (*last != ' ' && !hyphen)
			(void)joined_add(&r->held, " ", 1);
		(void)joined_add(&r->held, bytes, n);
		r->held_last = n;
		return NULL;
	}
	struct trail_error *error = flush(r);
	if (error)
		return error;
	bool waits = r->style.wrapped ||
		     trail_klog_event(line.text, line.length) == TRAIL_KLOG_PANIC;
	if (!waits || !(line.marks & (TRAIL_KLOG_TIME | TRAIL_KLOG_TAG)))
		return split(r, bytes, n);
	(void)joined_add(&r->held, bytes, n);
	r->held_last = n;
	r->held_number = r->number;
	return NULL;
}

/* A line without its newline and carriage returns. */
static struct trail_error *line_of(struct reader *r, const char *bytes, size_t n)
{
	if (n > LINE_MAX_BYTES) {
		n = LINE_MAX_BYTES;
		r->cut++;
	}
	if (r->dirty) {
		memcpy(r->scratch, bytes, n);
		n = trail_klog_clean(r->scratch, n);
		bytes = r->scratch;
	}
	if (!r->style.printable)
		return r->may_wrap ? wrapped(r, bytes, n) : split(r, bytes, n);
	bool goes_on = n && bytes[n - 1] == '=';
	if (!joined_add(&r->soft, bytes, n - goes_on))
		r->cut++;
	if (goes_on && r->soft.length < LINE_MAX_BYTES)
		return NULL;
	n = trail_klog_unprintable(r->soft.bytes,
				   TRAIL_MIN(r->soft.length, (size_t)LINE_MAX_BYTES));
	r->soft.length = 0;
	return r->may_wrap ? wrapped(r, r->soft.bytes, n) : split(r, r->soft.bytes, n);
}

/* A line of the file: a carriage return inside it ends one, too. */
static struct trail_error *raw_line(struct reader *r, const char *bytes, size_t n)
{
	struct trail_error *error = NULL;

	r->lines++;
	r->returns += n && bytes[n - 1] == '\r';
	while (n && bytes[n - 1] == '\r')
		n--;
	while (!error) {
		const char *end = n ? memchr(bytes, '\r', n) : NULL;
		if (!end)
			return line_of(r, bytes, n);
		error = line_of(r, bytes, end - bytes);
		n -= end + 1 - bytes;
		bytes = end + 1;
	}
	return error;
}

/*
 * Of a line longer than it may be, all up to the last stamp, each piece as a line; the rest, too,
 * when the line is whole.  A piece that is too long itself is cut.
 *
 * @used_ret  how much it took
 */
static struct trail_error *long_line(struct reader *r, const char *bytes, size_t n, bool whole,
				     size_t *used_ret)
{
	struct trail_error *error = NULL;
	size_t at = 0;

	while (at < n && !error) {
		size_t length = trail_klog_split(bytes + at, n - at);
		bool last = at + length == n;
		if (last && !whole && !r->skipping && length <= LINE_MAX_BYTES)
			break;
		if (!r->skipping)
			error = line_of(r, bytes + at, length);
		/* what follows of it, in the next block */
		r->skipping = last && !whole;
		at += length;
	}
	*used_ret = at;
	return error;
}

/* What of the block is whole lines; of its rest, as much as must not wait. */
static struct trail_error *lines_of_block(struct reader *r, bool end)
{
	struct trail_error *error = NULL;

	while (r->start < r->have && !error) {
		const char *at = r->bytes + r->start;
		size_t n = r->have - r->start, used = n;
		const char *newline = memchr(at, r->newline, n);
		if (newline)
			used = n = newline - at;
		else if (!end && n <= BLOCK / 2)
			break;
		r->number += !r->in_line;
		if (n <= LINE_MAX_BYTES && !r->in_line)
			error = raw_line(r, at, n);
		else
			error = long_line(r, at, n, newline || end, &used);
		r->start += used + (newline != NULL);
		r->in_line = !newline;
	}
	return error;
}

static struct trail_error *fill(struct reader *r, bool *end_ret)
{
	size_t n;

	memmove(r->bytes, r->bytes + r->start, r->have - r->start);
	r->have -= r->start;
	r->start = 0;
	if (!trail_fd_read(r->fd, r->bytes + r->have, BLOCK - r->have, &n))
		return trail_error_os(errno, "%s", r->path);
	r->have += n;
	*end_ret = r->have < BLOCK;
	bool escape = memchr(r->bytes, 0x1b, r->have);
	r->escapes += escape;
	r->may_wrap = r->style.wrapped || r->held.length ||
		      memmem(r->bytes, r->have, "Kernel panic", strlen("Kernel panic"));
	r->dirty = escape || memchr(r->bytes, 0, r->have) || memchr(r->bytes, '\b', r->have) ||
		   memchr(r->bytes, 0xc2, r->have);
	return NULL;
}

static struct trail_error *read_lines(struct reader *r, bool end)
{
	struct trail_error *error = NULL;

	r->style = trail_klog_style_of(r->bytes, r->have);
	r->may_wrap |= r->style.wrapped;
	r->newline = memchr(r->bytes, '\n', r->have) ? '\n' : '\r';
	if (!memchr(r->bytes, r->newline, r->have))
		r->newline = '\n';
	for (;;) {
		error = lines_of_block(r, end);
		if (error || end)
			break;
		error = fill(r, &end);
		if (error)
			break;
	}
	return error ? error : flush(r);
}

static struct trail_error *read_objects(struct reader *r, enum trail_objects_form form, bool end,
					uint64_t *lost_ret)
{
	TRAIL_CLEANUP(trail_objects_freep)
	struct trail_objects *objects = trail_objects_new(form, r->boots);
	struct trail_error *error = objects ? NULL : &trail_error_nomem;

	while (!error) {
		error = trail_objects_bytes(objects, r->bytes, r->have);
		if (error || !r->have)
			break;
		r->start = r->have;
		if (end)
			r->have = 0;
		else
			error = fill(r, &end);
	}
	if (objects)
		*lost_ret = trail_objects_lost(objects);
	return error;
}

/* Does a line of the block begin a record of pstore? */
static bool has_records(const struct reader *r)
{
	static const char word[] = " Part";
	const char *end = r->bytes + r->have, *p = r->bytes;
	struct trail_pstore_head head;

	while ((p = memmem(p, end - p, word, sizeof(word) - 1))) {
		const char *newline = memrchr(r->bytes, '\n', p - r->bytes);
		const char *line = newline ? newline + 1 : r->bytes;
		if (trail_pstore_head(line, end - line, &head))
			return true;
		p++;
	}
	return false;
}

/* Parts of dumps in a text: their order is undone where records are read. */
static struct trail_error *read_records(struct reader *r, bool end, struct trail_facts *facts)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text all = {};
	struct trail_error *error = NULL;

	while (!error) {
		trail_text_add(&all, r->bytes, r->have);
		r->start = r->have;
		if (end || all.failed || all.length > RECORDS_MAX)
			break;
		error = fill(r, &end);
	}
	if (error || all.failed)
		return error ? error : &trail_error_nomem;
	const struct trail_pstore_record whole = {
		.type = TRAIL_PSTORE_DMESG,
		.packed = TRAIL_PACKED_NO,
		.bytes = (const uint8_t *)all.data,
		.n = all.length,
	};
	if (!end && !trail_facts_add_gap(facts, "log text", "what is behind 64 MiB was not read"))
		return &trail_error_nomem;
	return trail_collect_records(&whole, 1, r->path, facts);
}

static bool add_gap(struct trail_facts *facts, uint64_t n, const char *why)
{
	char text[128];

	snprintf(text, sizeof(text), "%" PRIu64 " %s", n, why);
	return !n || trail_facts_add_gap(facts, "log text", text);
}

struct trail_error *trail_collect_log(int fd, const char *path, struct trail_facts *facts)
{
	static const char *const forms[] = { NULL, "dmesg-json", "journal-json", "journal-export" };
	TRAIL_CLEANUP(reader_freep) struct reader *r = calloc(1, sizeof(*r));
	TRAIL_CLEANUP(trail_boots_freep) struct trail_boots *boots = trail_boots_new();
	uint64_t lost = 0;
	bool end = false;

	if (!r || !boots)
		return &trail_error_nomem;
	r->fd = fd;
	r->path = path;
	r->boots = boots;
	struct trail_error *error = fill(r, &end);
	if (error)
		return error;
	enum trail_objects_form form = trail_objects_form(r->bytes, r->have);
	if (!form && has_records(r))
		return read_records(r, end, facts);
	error = form ? read_objects(r, form, end, &lost) : read_lines(r, end);
	if (error)
		return error;
	const struct trail_boots_file file = {
		.path = path,
		.form = forms[form],
		.outside = !form && (r->returns > r->lines / 2 || r->escapes),
	};
	error = trail_boots_finish(boots, &file, facts);
	if (error)
		return error;
	bool ok = add_gap(facts, r->cut, "lines longer than 32768 bytes were cut") &&
		  add_gap(facts, lost, "objects could not be read, or were larger than 1 MiB");
	return ok ? NULL : &trail_error_nomem;
}

bool trail_collect_is_log(const uint8_t *start, size_t n)
{
	size_t text = 0, nuls = 0;

	for (size_t i = 0; i < n; i++) {
		if (i == TEXT_START && text == i) /* whatever the crash has made of the rest */
			return true;
		nuls += !start[i];
		text += start[i] >= 0x20 ? start[i] < 0x7f
					 : start[i] == '\n' || start[i] == '\r' ||
						   start[i] == '\t' || start[i] == 0x1b;
	}
	/* a line's noise, a hole of a file that was not written to the end, UTF-8 */
	return text && nuls <= n / 2 && text >= (n - nuls) / 4 * 3;
}
