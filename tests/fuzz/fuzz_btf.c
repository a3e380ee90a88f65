/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A type table in both byte orders, asked for what the reader of a dump asks for. */
#include "../lib/lazy_bytes.h"
#include "format/btf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const paths[] = { "a", "b.a", "c", "b.b.c.a", "", "a.", "." };

	for (int big_endian = 0; big_endian < 2; big_endian++) {
		struct lazy_bytes source = { .data = data, .size = size };
		struct trail_lazy lazy;
		struct trail_btf *btf = NULL;
		struct trail_member member;
		uint64_t n;

		if (lazy_bytes_open(&source, &lazy))
			return 0;
		trail_error_free(trail_btf_new(&lazy, big_endian, &btf));
		for (size_t i = 0; btf && i < TRAIL_ARRAY_SIZE(paths); i++)
			(void)!trail_btf_member(btf, "s", paths[i], &member);
		if (btf)
			(void)!trail_btf_size(btf, "s", &n);
		trail_btf_free(btf);
		trail_lazy_fini(&lazy);
	}
	return 0;
}
