/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a flattened stream to a file that can be sought; see flatten.h. */
#include "source/flatten.h"

#include <stdlib.h>

#include "base/error.h"
#include "format/flat.h"
#include "source/spool.h"
#include "source/stream.h"

enum { PART_SIZE = 256 * 1024 }; /* of a block, moved at once */

bool trail_flatten_is(const void *bytes, size_t n)
{
	return trail_flat_is(bytes, n);
}

/* Move a block's data; *whole_ret is false when the stream ends in it. */
static struct trail_error *move_block(struct trail_stream *in, struct trail_spool *out,
				      struct trail_flat_block block, bool *whole_ret)
{
	while (block.size) {
		size_t n;
		const uint8_t *bytes = trail_stream_look(
			in, TRAIL_MIN(block.size, (uint64_t)PART_SIZE), &n);

		n = TRAIL_MIN(block.size, (uint64_t)n);
		struct trail_error *err = trail_spool_put(out, block.offset, bytes, n);
		if (err)
			return err;
		if (n == 0)
			break;
		trail_stream_skip(in, n);
		block.offset += n;
		block.size -= n;
	}
	*whole_ret = block.size == 0;
	return NULL;
}

static struct trail_error *next_block(struct trail_stream *in, struct trail_flat_block *ret)
{
	size_t n;
	const uint8_t *bytes = trail_stream_look(in, TRAIL_FLAT_BLOCK_HEADER_SIZE, &n);

	n = TRAIL_MIN(n, (size_t)TRAIL_FLAT_BLOCK_HEADER_SIZE);
	struct trail_error *err = trail_flat_read_block(bytes, n, trail_stream_offset(in), ret);
	if (!err)
		trail_stream_skip(in, n);
	return err;
}

/* Once a block has arrived, damage ends the stream instead of losing what is there. */
static struct trail_error *move_all(struct trail_stream *in, struct trail_spool *out,
				    bool *complete_ret)
{
	for (bool first = true, whole;; first = false) {
		struct trail_flat_block block;
		struct trail_error *err = next_block(in, &block);
		if (!first && (trail_error_catch(&err, TRAIL_ERROR_BAD_DATA) ||
			       trail_error_catch(&err, TRAIL_ERROR_LIMIT))) {
			*complete_ret = false;
			return NULL;
		}
		if (err)
			return err;
		if (block.end) {
			*complete_ret = true;
			return NULL;
		}
		err = move_block(in, out, block, &whole);
		if (err)
			return err;
		if (!whole) {
			*complete_ret = false;
			return NULL;
		}
	}
}

static struct trail_error *check_header(struct trail_stream *in)
{
	size_t n;
	const uint8_t *bytes = trail_stream_look(in, TRAIL_FLAT_HEADER_SIZE, &n);
	struct trail_error *err = trail_flat_check_header(bytes, n);

	if (!err)
		trail_stream_skip(in, TRAIL_FLAT_HEADER_SIZE);
	return err;
}

/* Why not all came in: no room, the stream's own reason, or only that it stopped. */
static struct trail_error *tell_why(const struct trail_stream *in, struct trail_error *err,
				    char **why_ret)
{
	struct trail_error *failed = trail_spool_why(err, in, why_ret);

	if (!failed && !*why_ret &&
	    !(*why_ret = strdup("the flattened stream ends before its end mark")))
		failed = &trail_error_nomem;
	return failed;
}

struct trail_error *trail_flatten(struct trail_stream *stream, const char *tmpdir, int *fd_ret,
				  char **why_ret)
{
	TRAIL_CLEANUP(trail_spool_fini) struct trail_spool out;
	TRAIL_CLEANUP(trail_freep) char *why = NULL;
	bool complete = false;
	struct trail_error *err = trail_spool_init(tmpdir, &out);

	trail_stream_doing(stream, "rearranging the flattened dump");
	/* It makes at most as many bytes as it has: better told now than at the end. */
	if (!err)
		err = trail_spool_check_room(&out, trail_stream_size(stream));
	if (!err)
		err = check_header(stream);
	if (!err)
		err = move_all(stream, &out, &complete);
	if ((!err && !complete) || out.full)
		err = tell_why(stream, err, &why);
	if (!err)
		err = trail_spool_finish(&out, fd_ret);
	if (!err)
		*why_ret = TRAIL_STEAL(why);
	return err;
}
