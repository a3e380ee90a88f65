/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packed records of pstore; see unpack_record.h. */
#include "source/unpack_record.h"

#include <stdlib.h>
#include <zlib.h>

#include "base/error.h"
#include "format/pstore.h"
#include "source/library.h"
#include "source/unpack.h"
#include "source/unpack_block.h"

enum {
	ROOM = 256 << 10,     /* for most; then all there may be */
	HEADLESS_SHOWN = 512, /* bytes that must be text where no first line says it is right */
};

/* One way's outcome: what lies in the room. */
struct attempt {
	const char *packing;
	size_t n;
	bool whole;
	const char *why;
};

void trail_unpack_records_init(struct trail_unpack_records *u)
{
	*u = (struct trail_unpack_records){
		.blocks = { &trail_unpack_block_lzo, &trail_unpack_block_lz4 },
	};
}

void trail_unpack_records_fini(struct trail_unpack_records *u)
{
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(u->loaded); i++) {
		trail_library_close(u->loaded[i].library);
		free(u->loaded[i].why);
	}
	free(u->room);
}

static bool has_head(const uint8_t *bytes, size_t n)
{
	struct trail_pstore_head head;

	return trail_pstore_head(bytes, n, &head);
}

/* Is it the start of a text? */
static bool is_text(const uint8_t *bytes, size_t n)
{
	size_t odd = 0, shown = TRAIL_MIN(n, (size_t)HEADLESS_SHOWN);

	for (size_t i = 0; i < shown; i++)
		odd += bytes[i] < ' ' && bytes[i] != '\n' && bytes[i] != '\t' && bytes[i] != '\r';
	return shown && odd == 0;
}

/* By zlib: a window of 15 bits for its own streams, of -15 for bare deflate, which reads all
 * smaller ones too. */
static bool try_inflate(struct trail_unpack_records *u, const uint8_t *bytes, size_t n, int window,
			struct attempt *ret)
{
	z_stream z = {
		/* zlib's type of what it only reads */
		.next_in = (Bytef *)(uintptr_t)bytes,
		.avail_in = (uInt)TRAIL_MIN(n, (size_t)TRAIL_UNPACK_RECORD_MAX),
		.next_out = u->room,
		.avail_out = (uInt)u->n_room,
	};

	if (inflateInit2(&z, window) != Z_OK)
		return false;
	int result = inflate(&z, Z_SYNC_FLUSH);
	inflateEnd(&z);
	ret->packing = window < 0 ? "deflate" : "zlib";
	ret->n = z.total_out;
	ret->whole = result == Z_STREAM_END;
	ret->why = result == Z_DATA_ERROR
			   ? "the packed bytes are damaged: what is behind that is lost"
			   : "the packed bytes end early: the newest lines are lost";
	return result != Z_MEM_ERROR;
}

static struct trail_error *try_zstd(struct trail_unpack_records *u, const uint8_t *bytes, size_t n,
				    struct attempt *ret)
{
	struct trail_unpack *unpack;
	struct trail_error *error = trail_unpack_new(TRAIL_UNPACK_ZSTD, &unpack);
	struct trail_unpack_io io = {
		.in = bytes, .n_in = n, .out = u->room, .n_out = u->n_room, .last = true
	};
	bool end = false;

	if (error)
		return error;
	error = trail_unpack(unpack, &io, &end);
	trail_unpack_free(unpack);
	if (error && error->code == TRAIL_ERROR_NOMEM)
		return error;
	ret->packing = "zstd";
	ret->n = u->n_room - io.n_out;
	ret->whole = !error && end;
	ret->why = "the packed bytes are damaged or end early: what is behind that is lost";
	trail_error_free(error);
	return NULL;
}

/* Is the library there?  It is loaded at the first question. */
static bool load(struct trail_unpack_records *u, size_t i)
{
	const struct trail_unpack_block *block = u->blocks[i];

	if (u->loaded[i].asked || !block->soname)
		return u->loaded[i].function;
	u->loaded[i].asked = true;
	struct trail_error *error = trail_library_open(
		block->soname, &block->function, 1, &u->loaded[i].function, &u->loaded[i].library);
	if (!error)
		return true;
	u->loaded[i].function = NULL;
	u->loaded[i].why = strdup(error->message);
	trail_error_free(error);
	return false;
}

static void try_block(struct trail_unpack_records *u, size_t i, const uint8_t *bytes, size_t n,
		      struct attempt *ret)
{
	ret->packing = u->blocks[i]->packing;
	ret->why = "the packed bytes are damaged or end early: what is behind that is lost";
	memset(u->room, 0, u->n_room);
	ret->whole = u->blocks[i]->unpack(u->loaded[i].function, bytes, n, u->room, u->n_room,
					  &ret->n);
}

/* Every way there is; each is tried again by its number. */
enum way { ZSTD, ZLIB, DEFLATE, BLOCKS };

/* False when a way cannot be right, or memory ran out and *@error_ret says so. */
static bool try_way(struct trail_unpack_records *u, size_t way, const uint8_t *bytes, size_t n,
		    struct attempt *ret, struct trail_error **error_ret)
{
	bool is_zstd = trail_unpack_tell(bytes, n) == TRAIL_UNPACK_ZSTD;

	*ret = (struct attempt){ 0 };
	if (way == ZSTD) {
		*error_ret = is_zstd ? try_zstd(u, bytes, n, ret) : NULL;
		return is_zstd && !*error_ret;
	}
	if (is_zstd)
		return false;
	if (way >= BLOCKS) {
		if (!load(u, way - BLOCKS))
			return false;
		try_block(u, way - BLOCKS, bytes, n, ret);
		return true;
	}
	/* RFC 1950: method 8, and a check of the two bytes */
	if (way == ZLIB && (n < 2 || (bytes[0] & 0xf) != 8 || (bytes[0] << 8 | bytes[1]) % 31))
		return false;
	if (!try_inflate(u, bytes, n, way == ZLIB ? 15 : -15, ret)) {
		*error_ret = &trail_error_nomem;
		return false;
	}
	return true;
}

/* A stream of zlib has a checksum: it needs no first line, and ppc64's nvram writes none. */
static bool is_right(const struct trail_unpack_records *u, const struct attempt *a)
{
	return has_head(u->room, a->n) ||
	       (a->whole && trail_streq(a->packing, "zlib") && is_text(u->room, a->n));
}

static struct trail_error *keep(const struct trail_unpack_records *u, const struct attempt *a,
				struct trail_unpacked_record *ret)
{
	uint8_t *bytes = malloc(a->n + !a->n);

	if (!bytes)
		return &trail_error_nomem;
	memcpy(bytes, u->room, a->n);
	*ret = (struct trail_unpacked_record){
		.packing = a->packing, .bytes = bytes, .n = a->n, .why = a->whole ? NULL : a->why
	};
	return NULL;
}

static struct trail_error *refuse(const struct trail_unpack_records *u)
{
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(u->blocks); i++)
		if (!u->loaded[i].function)
			return trail_error_format(
				TRAIL_ERROR_UNSUPPORTED,
				"packed neither by zstd nor by zlib, and %s is not read here: %s%s",
				u->blocks[i]->packing,
				u->blocks[i]->soname ? u->loaded[i].why : "this was built without ",
				u->blocks[i]->soname ? "" : u->blocks[i]->library);
	return trail_error_format(
		TRAIL_ERROR_UNSUPPORTED,
		"packed by none of zstd, zlib, deflate, lzo and lz4, or its start "
		"is damaged; 842 is not read");
}

/* All ways in the room there is; @best_ret is what came out most, and lies in the room. */
static struct trail_error *try_all(struct trail_unpack_records *u, const uint8_t *bytes, size_t n,
				   struct attempt *best_ret)
{
	struct trail_error *error = NULL;
	struct attempt best = { 0 }, a = { 0 };
	size_t best_way = 0;
	const size_t ways = BLOCKS + TRAIL_ARRAY_SIZE(u->blocks);

	for (size_t way = 0; way < ways && !error && !a.whole; way++) {
		if (!try_way(u, way, bytes, n, &a, &error) || !is_right(u, &a)) {
			a.whole = false;
		} else if (a.whole || a.n > best.n) {
			best = a;
			best_way = way;
		}
	}
	if (!error && best.n && !best.whole) /* others were tried in the same room behind it */
		(void)try_way(u, best_way, bytes, n, &best, &error);
	*best_ret = best;
	return error;
}

struct trail_error *trail_unpack_record(struct trail_unpack_records *u, const uint8_t *bytes,
					size_t n, struct trail_unpacked_record *ret)
{
	static const size_t rooms[] = { ROOM, TRAIL_UNPACK_RECORD_MAX };
	struct attempt best = { 0 };

	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rooms); i++) {
		/* a block that does not fit ends before its last match */
		if (i && (!best.n || best.whole || best.n < u->n_room / 2))
			break;
		if (u->n_room < rooms[i]) {
			free(u->room);
			u->n_room = 0;
			u->room = malloc(rooms[i]);
			if (!u->room)
				return &trail_error_nomem;
			u->n_room = rooms[i];
		}
		struct trail_error *error = try_all(u, bytes, n, &best);
		if (error)
			return error;
	}
	return best.n ? keep(u, &best, ret) : refuse(u);
}
