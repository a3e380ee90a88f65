/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records of pstore for tests: their text, and each packing by its real library. */
#ifndef TRAIL_TESTS_RECORD_TEXT_H
#define TRAIL_TESTS_RECORD_TEXT_H

#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#include "base/error.h"
#include "base/text.h"
#include "source/library.h"

enum packing { DEFLATE11, DEFLATE15, ZLIB12, ZSTD, LZO, LZ4, LZ4HC, N_PACKINGS };

static const char *const packing_names[N_PACKINGS] __attribute__((__unused__)) = {
	"deflate", "deflate", "zlib", "zstd", "lzo", "lz4", "lz4",
};

/* A part's text: @lines lines from second @start of the kernel's clock on, a millisecond apart. */
__attribute__((__unused__)) static void add_part(struct trail_text *text, const char *head,
						 unsigned start, unsigned lines)
{
	if (head)
		trail_text_printf(text, "%s\n", head);
	for (unsigned i = 0; i < lines; i++)
		trail_text_printf(text, "<%u>[%5u.%06u] line %u of %u, 0x%08x\n", i % 7, start,
				  i * 1000, i, start, (i + start) * 2654435761u);
}

/* The function of a library that the tests do not link. */
__attribute__((__unused__)) static void *borrow(const char *soname, const char *name,
						void **library_ret)
{
	void *function = NULL;
	struct trail_error *error = trail_library_open(soname, &name, 1, &function, library_ret);

	trail_error_free(error);
	return error ? NULL : function;
}

__attribute__((__unused__)) static size_t pack_zlib(int window, const void *in, size_t n,
						    uint8_t *out, size_t room)
{
	z_stream z = {
		.next_in = (Bytef *)(uintptr_t)in, .avail_in = n, .next_out = out, .avail_out = room
	};
	bool good = deflateInit2(&z, 6, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY) == Z_OK &&
		    deflate(&z, Z_FINISH) == Z_STREAM_END;

	deflateEnd(&z);
	return good ? z.total_out : 0;
}

/* What the kernel would keep of it; 0 when the library is not here. */
__attribute__((__unused__)) static size_t pack(enum packing how, const void *in, size_t n,
					       uint8_t *out, size_t room)
{
	static const struct {
		const char *soname, *name;
	} functions[N_PACKINGS] = {
		[ZSTD] = { "libzstd.so.1", "ZSTD_compress" },
		[LZO] = { "liblzo2.so.2", "lzo1x_1_compress" },
		[LZ4] = { "liblz4.so.1", "LZ4_compress_default" },
		[LZ4HC] = { "liblz4.so.1", "LZ4_compress_HC" },
	};
	static unsigned char work[16384 * sizeof(void *)]; /* LZO1X_1_MEM_COMPRESS */
	void *library = NULL;
	size_t packed = 0;

	if (how <= ZLIB12)
		return pack_zlib(how == DEFLATE11   ? -11
				 : how == DEFLATE15 ? -15
						    : 12,
				 in, n, out, room);
	void *function = borrow(functions[how].soname, functions[how].name, &library);
	if (!function)
		return 0;
	if (how == ZSTD)
		packed = ((size_t(*)(void *, size_t, const void *, size_t, int))function)(out, room,
											  in, n, 3);
	else if (how == LZO)
		((int (*)(const void *, size_t, void *, size_t *, void *))function)(in, n, out,
										    &packed, work);
	else if (how == LZ4)
		packed = ((int (*)(const void *, void *, int, int))function)(in, out, (int)n,
									     (int)room);
	else
		packed = ((int (*)(const void *, void *, int, int, int))function)(in, out, (int)n,
										  (int)room, 9);
	trail_library_close(library);
	return packed;
}

#endif
