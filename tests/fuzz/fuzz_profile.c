/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A profile's JSON behind a first line whose checksum is made right. */
#include <stdio.h>
#include <zlib.h>

#include "base/error.h"
#include "base/text.h"
#include "format/vmcoreinfo.h"
#include "source/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char lines[] = "BUILD-ID=0123456789abcdef\nSYMBOL(_stext)=ffffffff81000000\n"
				    "SYMBOL(panic)=ffffffff81001000\nOFFSET(a.b)=8\n";
	const struct trail_vmcoreinfo info = { lines, sizeof(lines) - 1 };
	TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 };
	struct trail_profile *profile = NULL;
	bool is_there;

	trail_text_printf(&text, "panictrail-profile/1 crc32 %08lx\n", crc32(0, data, size));
	trail_text_add(&text, (const char *)data, size);
	trail_error_free(trail_profile_load(text.data, text.length, "input", &info, &profile));
	if (profile) {
		(void)!trail_profile_symbols(profile, "panic");
		(void)!trail_profile_symbol_at(profile, UINT64_C(0xffffffff81002004));
		(void)!trail_profile_orc_at(profile, UINT64_C(0xffffffff81002004));
		(void)!trail_profile_member(profile, "a", "b", &is_there);
	}
	trail_profile_free(profile);
	return 0;
}
