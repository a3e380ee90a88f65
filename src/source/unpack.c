/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which stream it is, several as one, and what bounds it; see unpack.h. */
#include "source/unpack.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/error.h"
#include "format/flat.h"
#include "source/unpack_codec.h"

/*
 * A row is a wrapper: a file that begins with the @n bytes of @magic.  To add one, write its codec
 * and name it here, in facts and in the schema; covered by tests/unit/test_unpack.c and
 * tests/cli/test_formats.py.
 * Source: RFC 1952 2.3.1; the .xz file format 2.1.1.1; RFC 8878 3.1.1 and 3.1.2, whose first
 * skippable frame is how pzstd begins; the LZ4 frame format.
 */
/* clang-format off */
static const struct row {
	enum trail_unpack_wrapper wrapper;
	const char *name, *command;
	size_t n;
	const char *magic;
	const struct trail_codec *codec;
} rows[] = {
	{ TRAIL_UNPACK_GZIP, "gzip", "gzip -dc", 2, "\x1f\x8b",         &trail_codec_gzip },
	{ TRAIL_UNPACK_XZ,   "xz",   "xz -dc",   6, "\xfd" "7zXZ\0",    &trail_codec_xz },
	{ TRAIL_UNPACK_ZSTD, "zstd", "zstd -dc", 4, "\x28\xb5\x2f\xfd", &trail_codec_zstd },
	{ TRAIL_UNPACK_ZSTD, "zstd", "zstd -dc", 4, "\x50\x2a\x4d\x18", &trail_codec_zstd },
	{ TRAIL_UNPACK_LZ4,  "lz4",  "lz4 -dc",  4, "\x04\x22\x4d\x18", &trail_codec_lz4 },
};
/* clang-format on */

/*
 * What comes out: as much as a flattened dump may make, and for each byte that went in no more than
 * RATIO, but for the first GiB.  A machine's unused memory is zeros that take next to nothing, so a
 * whole core of an idle guest comes to some hundreds.
 */
#define OUT_MAX TRAIL_FLAT_MAX_RESULT
#define RATIO UINT64_C(4096)
#define OUT_FREE (UINT64_C(1) << 30)

struct trail_unpack {
	const struct row *row;
	void *state;
	bool between; /* a stream has ended, and nothing of another was seen */
	uint64_t taken, given;
	uint64_t before; /* of .given, what came of the streams before this one */
};

enum trail_unpack_wrapper trail_unpack_tell(const void *bytes, size_t n)
{
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++)
		if (n >= rows[i].n && memcmp(bytes, rows[i].magic, rows[i].n) == 0)
			return rows[i].wrapper;
	return TRAIL_UNPACK_NONE;
}

static const struct row *row_of(enum trail_unpack_wrapper wrapper)
{
	const struct row *row = rows;

	while (row->wrapper != wrapper)
		row++;
	return row;
}

const char *trail_unpack_name(enum trail_unpack_wrapper wrapper)
{
	return row_of(wrapper)->name;
}

const char *trail_unpack_command(enum trail_unpack_wrapper wrapper)
{
	return row_of(wrapper)->command;
}

struct trail_error *trail_unpack_new(enum trail_unpack_wrapper wrapper, struct trail_unpack **ret)
{
	const struct row *row = row_of(wrapper);

	if (!row->codec->open)
		return trail_error_format(TRAIL_ERROR_UNSUPPORTED,
					  "compressed with %s, and this panictrail was built "
					  "without %s; unpack it first: %s FILE > vmcore",
					  row->name, row->codec->library, row->command);
	struct trail_unpack *unpack = calloc(1, sizeof(*unpack));
	if (!unpack)
		return &trail_error_nomem;
	unpack->row = row;
	struct trail_error *error = row->codec->open(&unpack->state);
	if (error) {
		free(unpack);
		if (error->code != TRAIL_ERROR_UNSUPPORTED)
			return error;
		struct trail_error *more = trail_error_format(
			TRAIL_ERROR_UNSUPPORTED,
			"compressed with %s, and %s could not be loaded: %s; unpack it first: %s "
			"FILE > vmcore",
			row->name, row->codec->library, error->message, row->command);
		trail_error_free(error);
		return more;
	}
	*ret = unpack;
	return NULL;
}

void trail_unpack_free(struct trail_unpack *unpack)
{
	if (!unpack)
		return;
	unpack->row->codec->close(unpack->state);
	free(unpack);
}

static struct trail_error *check_given(const struct trail_unpack *unpack)
{
	uint64_t limit = 0;

	if (!trail_mul(unpack->taken, RATIO, &limit) || limit > OUT_MAX)
		limit = OUT_MAX;
	limit = TRAIL_MAX(limit, OUT_FREE);
	if (unpack->given <= limit)
		return NULL;
	return trail_error_format(TRAIL_ERROR_LIMIT,
				  "more than %" PRIu64
				  " bytes of so few, which is the limit; if it "
				  "is a dump, unpack it first: %s FILE > vmcore",
				  limit, unpack->row->command);
}

/* Behind a stream: padding, the end, or another one. */
static struct trail_error *look_behind(struct trail_unpack *unpack, struct trail_unpack_io *io,
				       bool *end_ret)
{
	while (io->n_in && !*io->in) {
		io->in++;
		io->n_in--;
		unpack->taken++;
	}
	*end_ret = !io->n_in && io->last;
	if (!io->n_in)
		return NULL;
	unpack->between = false;
	unpack->before = unpack->given;
	return unpack->row->codec->restart(unpack->state);
}

/* Nothing came of what stands where another stream could. */
static struct trail_error *explain(const struct trail_unpack *unpack, struct trail_error *error)
{
	if (!unpack->before || unpack->given > unpack->before ||
	    !trail_error_catch(&error, TRAIL_ERROR_BAD_DATA))
		return error;
	return trail_error_format(TRAIL_ERROR_BAD_DATA, "what follows its end is no %s stream",
				  unpack->row->name);
}

/* One step of the codec, counted. */
static struct trail_error *step(struct trail_unpack *unpack, struct trail_unpack_io *io)
{
	size_t n_in = io->n_in, n_out = io->n_out;
	struct trail_error *error = unpack->row->codec->step(unpack->state, io, &unpack->between);

	unpack->taken += n_in - io->n_in;
	unpack->given += n_out - io->n_out;
	if (error)
		return explain(unpack, error);
	error = check_given(unpack);
	if (error || unpack->between || n_in != io->n_in || n_out != io->n_out)
		return error;
	if (n_in)
		return trail_error_format(TRAIL_ERROR_BAD_DATA, "it cannot be unpacked further");
	/* with room left it holds nothing back */
	return io->last ? trail_error_format(TRAIL_ERROR_BAD_DATA, "the file ends there") : NULL;
}

struct trail_error *trail_unpack(struct trail_unpack *unpack, struct trail_unpack_io *io,
				 bool *end_ret)
{
	struct trail_error *error = NULL;
	bool end = false, moved = true;

	/* also when no input is left: the codec may hold back what had no room */
	while (!error && !end && moved && io->n_out) {
		size_t n_in = io->n_in, n_out = io->n_out;
		bool between = unpack->between;

		error = between ? look_behind(unpack, io, &end) : step(unpack, io);
		moved = n_in != io->n_in || n_out != io->n_out || between != unpack->between;
	}
	*end_ret = end;
	return error;
}
