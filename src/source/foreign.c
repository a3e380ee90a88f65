/* SPDX-License-Identifier: GPL-2.0-or-later */
/* First bytes of a file that is no dump → what it is and what to do; see foreign.h. */
#include "source/foreign.h"

#include <stdio.h>

#include "base/error.h"
#include "format/diskdump.h"
#include "format/elfcore.h"
#include "format/flat.h"

/*
 * A row is a kind of file: at @offset stand the @n bytes of @magic.  To add one, write it here and
 * in NOT_DUMPS of tests/cli/test_cli.py, which covers the table.
 * What is unpacked here has its row in unpack.c.
 * Source: bzip2's file format; POSIX ustar; PKZIP APPNOTE; Linux
 * Documentation/arch/x86/boot.rst (HdrS).
 */
/* clang-format off */
static const struct {
	size_t offset, n;
	const char *magic, *text;
	bool packed;
} kinds[] = {
	{ 0,     3, "BZh",                "compressed with bzip2; unpack it first: bzip2 -dc FILE > vmcore", true },
	{ 0,     4, "PK\x03\x04",         "a zip archive; unpack it and name the vmcore of it", true },
	{ 257,   5, "ustar",              "a tar archive; unpack it and name the vmcore of it", true },
	{ 0x202, 4, "HdrS",               "a kernel to boot, not a dump; name the vmcore", false },
};
/* clang-format on */

enum { ELF_RELOCATABLE = 1, ELF_EXECUTABLE, ELF_SHARED };

/* Source: elf(5), EI_DATA at 5, e_type at 16. */
static const char *tell_elf(const uint8_t *start, size_t n)
{
	if (n < 18 || !trail_elfcore_is(start, n))
		return NULL;
	switch (start[5] == 2 ? start[16] << 8 | start[17] : start[17] << 8 | start[16]) {
	case ELF_RELOCATABLE:
		return "an ELF object such as a kernel module, not a core; name the vmcore";
	case ELF_EXECUTABLE:
	case ELF_SHARED:
		return "an ELF executable such as vmlinux, not a core; name the vmcore, no vmlinux "
		       "is needed";
	default:
		return NULL;
	}
}

static bool is_text(const uint8_t *start, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (start[i] == 0x7f || (start[i] < ' ' && !strchr("\t\n\r\x1b", start[i])) ||
		    !start[i])
			return false;
	return n > 0;
}

const char *trail_foreign_tell(const uint8_t *start, size_t n, bool *packed_ret)
{
	if (packed_ret)
		*packed_ret = false;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(kinds); i++) {
		if (n < kinds[i].offset + kinds[i].n ||
		    memcmp(start + kinds[i].offset, kinds[i].magic, kinds[i].n) != 0)
			continue;
		if (packed_ret)
			*packed_ret = kinds[i].packed;
		return kinds[i].text;
	}
	const char *elf = tell_elf(start, n);
	if (elf)
		return elf;
	/* the start of a cut off dump is short and of letters: "KDUMP", "makedumpfile" */
	if (n >= 16 && is_text(start, TRAIL_MIN(n, (size_t)TRAIL_FOREIGN_HEAD)))
		return "a text such as a kernel log, not a dump; name the vmcore";
	return NULL;
}

/* Source: elf(5), e_type ET_CORE at 16. */
bool trail_foreign_is_dump(const uint8_t *start, size_t n)
{
	if (n >= 18 && trail_elfcore_is(start, n))
		return start[16] == 4 || start[17] == 4;
	return trail_diskdump_is(start, n) || trail_flat_is(start, n);
}

static struct trail_error *refuse_plain(const uint8_t *start, size_t n)
{
	char text[3 * 8 + 1] = "";

	if (n == 0)
		return trail_error_format(TRAIL_ERROR_UNSUPPORTED, "the file is empty");
	const char *what = trail_foreign_tell(start, n, NULL);
	if (what)
		return trail_error_format(TRAIL_ERROR_UNSUPPORTED, "%s", what);
	if (trail_flat_is(start, n))
		return trail_error_format(TRAIL_ERROR_UNSUPPORTED,
					  "a flattened stream, to be rearranged first");
	for (size_t i = 0; i < TRAIL_MIN(n, (size_t)8); i++)
		snprintf(text + 3 * i, 4, " %02x", start[i]);
	return trail_error_format(TRAIL_ERROR_UNSUPPORTED,
				  "neither an ELF core nor a kdump-compressed dump, it starts "
				  "with%s",
				  text);
}

struct trail_error *trail_foreign_refuse(enum trail_unpack_wrapper wrapper, const uint8_t *start,
					 size_t n)
{
	enum trail_unpack_wrapper inner = trail_unpack_tell(start, n);

	if (!wrapper)
		return refuse_plain(start, n);
	if (inner)
		return trail_error_format(TRAIL_ERROR_UNSUPPORTED,
					  "compressed with %s, and inside with %s; only one is "
					  "unpacked, so take the outer one off: %s FILE > vmcore",
					  trail_unpack_name(wrapper), trail_unpack_name(inner),
					  trail_unpack_command(wrapper));
	return trail_error_wrap(refuse_plain(start, n), "compressed with %s, inside",
				trail_unpack_name(wrapper));
}
