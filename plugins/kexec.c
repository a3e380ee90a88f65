/* SPDX-License-Identifier: MIT */
/*
 * kexec: could the crash kernel have been started at all?  What was loaded is
 * held against the memory that was reserved for it, as the kernel itself does
 * when it is loaded and never again.  A sample of facts that are rows, of facts
 * that `collect` counts, and of rules that need no code.
 */
#include "panictrail/host.h"
#include "panictrail/plugin.h"

#define KIMAGE "include/linux/kexec.h struct kimage, kernel/kexec_core.c kexec_crash_image"
#define CHECKED "kernel/kexec_core.c sanity_check_segment_list()"
#define RELOAD "Load the crash kernel anew; if it stays so, report it to whoever made kexec."

#define POINTED(n, m, w, s)                                                                \
	{                                                                                  \
		.name = n, .kind = PANICTRAIL_FACT_POINTED, .symbol = "kexec_crash_image", \
		.type = "kimage", .member = m, .what = w, .source = s                      \
	}
#define RESERVED(n, m, w)                                                          \
	{                                                                          \
		.name = n, .kind = PANICTRAIL_FACT_MEMBER, .symbol = "crashk_res", \
		.type = "resource", .member = m, .what = w,                        \
		.source = "kernel/kexec_core.c crashk_res"                         \
	}
#define COUNTED(n, w)                                                                    \
	{                                                                                \
		.name = n, .kind = PANICTRAIL_FACT_COLLECTED, .is_signed = 1, .what = w, \
		.source = CHECKED                                                        \
	}

enum { SEGMENTS_MAX = 64 };

static const struct panictrail_need needs[] = {
	{ PANICTRAIL_NEED_SYMBOL, "kexec_crash_image" },
	{ PANICTRAIL_NEED_TYPE, "kimage" },
	{ 0 },
};

static const struct panictrail_fact facts[] = {
	POINTED("entry", "start", "where the crash kernel is entered, physical", KIMAGE),
	POINTED("segments", "nr_segments", "pieces that were loaded", KIMAGE),
	{ .name = "elfcorehdr",
	  .kind = PANICTRAIL_FACT_COLLECTED,
	  .what = "ELF header for the crash kernel, physical; 0: kexec_load() put it into a segment",
	  .source = "arch/x86/kernel/crash.c crash_load_segments()" },
	RESERVED("reserved-start", "start", "first byte that crashkernel= reserves, physical"),
	RESERVED("reserved-end", "end", "the last byte"),
	COUNTED("outside", "segments that reach out of the reserved memory"),
	COUNTED("overlaps", "pairs of segments that overlap"),
	COUNTED("entry-in", "segments that hold the entry"),
	COUNTED("elfcorehdr-in", "segments that hold the ELF header"),
	{ 0 },
};

static const struct panictrail_rule rules[] = {
	{ .id = "kexec:segments-inside",
	  .severity = PANICTRAIL_ERROR,
	  .statement = "All of the crash kernel lies in the memory that was reserved for it.",
	  .message = "a piece of the crash kernel lies outside of the reserved memory: the "
		     "panicking kernel may have written over it",
	  .remedy = RELOAD,
	  .source = CHECKED,
	  .fails = { { PANICTRAIL_LOOK_FACT, PANICTRAIL_AT_LEAST, "outside", 1 } } },
	{ .id = "kexec:segments-apart",
	  .severity = PANICTRAIL_ERROR,
	  .statement = "No piece of the crash kernel lies on another.",
	  .message = "two pieces of the crash kernel overlap",
	  .remedy = RELOAD,
	  .source = CHECKED,
	  .fails = { { PANICTRAIL_LOOK_FACT, PANICTRAIL_AT_LEAST, "overlaps", 1 } } },
	{ .id = "kexec:entry-loaded",
	  .severity = PANICTRAIL_ERROR,
	  .statement = "The crash kernel is entered where something was loaded.",
	  .message = "the crash kernel is entered where nothing was loaded",
	  .remedy = RELOAD,
	  .source = KIMAGE,
	  .fails = { { PANICTRAIL_LOOK_FACT, PANICTRAIL_IS, "entry-in", 0 } } },
	{ .id = "kexec:elfcorehdr-loaded",
	  .severity = PANICTRAIL_ERROR,
	  .statement = "The ELF header that /proc/vmcore is made from was loaded.",
	  .message = "the ELF header for the crash kernel lies in no segment: it would find no "
		     "/proc/vmcore",
	  .remedy = RELOAD,
	  .source = "arch/x86/kernel/crash.c crash_load_segments()",
	  .where = { { PANICTRAIL_LOOK_FACT, PANICTRAIL_IS_NOT, "elfcorehdr", 0 } },
	  .fails = { { PANICTRAIL_LOOK_FACT, PANICTRAIL_IS, "elfcorehdr-in", 0 } } },
	{ 0 },
};

struct segment {
	uint64_t start, end; /* of its memory; one past the last byte */
};

static int problem(const struct panictrail_host *host, const char *what, const char *why)
{
	host->say_problem(host, what, why);
	return PANICTRAIL_FAILED;
}

/* One entry of kexec_crash_image->segment. */
static int read_segment(const struct panictrail_host *host, uint64_t at, struct segment *ret)
{
	uint64_t size;

	if (host->read_member(host, at, "kexec_segment", "mem", &ret->start) ||
	    host->read_member(host, at, "kexec_segment", "memsz", &size) ||
	    ret->start + size < ret->start)
		return 0;
	ret->end = ret->start + size;
	return 1;
}

static uint64_t count_in(const struct segment *all, uint64_t n, uint64_t address)
{
	uint64_t found = 0;

	for (uint64_t i = 0; i < n; i++)
		found += all[i].start <= address && address < all[i].end;
	return found;
}

static uint64_t count_overlaps(const struct segment *all, uint64_t n)
{
	uint64_t found = 0;

	for (uint64_t i = 0; i < n; i++)
		for (uint64_t k = 0; k < i; k++)
			found += all[i].start < all[k].end && all[k].start < all[i].end;
	return found;
}

static uint64_t count_outside(const struct segment *all, uint64_t n, uint64_t start, uint64_t end)
{
	uint64_t found = 0;

	for (uint64_t i = 0; i < n; i++)
		found += all[i].start < start || all[i].end > end + 1;
	return found;
}

/* In struct kimage_arch of 5.10, in struct kimage itself of 6.1. */
static int read_elfcorehdr(const struct panictrail_host *host, uint64_t image, uint64_t *ret)
{
	int status = host->read_member(host, image, "kimage", "elf_load_addr", ret);

	if (status == PANICTRAIL_HOST_ABSENT)
		status = host->read_member(host, image, "kimage", "arch.elf_load_addr", ret);
	return status;
}

static int collect(const struct panictrail_host *host)
{
	struct panictrail_member array;
	struct segment segments[SEGMENTS_MAX];
	uint64_t image, n, size, value, start, end;

	if (host->symbol(host, "kexec_crash_image", NULL, &image) ||
	    host->read_number(host, image, 8, 0, &image) || !image)
		return PANICTRAIL_OK; /* none is loaded, or that is not known */
	if (host->fact(host, "segments", &n) || host->member(host, "kimage", "segment", &array) ||
	    host->type_size(host, "kexec_segment", &size))
		return problem(host, "segments", "their number or layout cannot be read");
	if (!size || n > array.size / size || n > SEGMENTS_MAX)
		return problem(host, "segments", "more than there is room for");
	for (uint64_t i = 0; i < n; i++)
		if (!read_segment(host, image + array.offset + i * size, &segments[i]))
			return problem(host, "segments", "one cannot be read");
	host->set_fact(host, "overlaps", count_overlaps(segments, n));
	if (!host->fact(host, "reserved-start", &start) && !host->fact(host, "reserved-end", &end))
		host->set_fact(host, "outside", count_outside(segments, n, start, end));
	if (!host->fact(host, "entry", &value))
		host->set_fact(host, "entry-in", count_in(segments, n, value));
	if (!read_elfcorehdr(host, image, &value)) {
		host->set_fact(host, "elfcorehdr", value);
		host->set_fact(host, "elfcorehdr-in", count_in(segments, n, value));
	}
	return PANICTRAIL_OK;
}

PANICTRAIL_EXPORT const struct panictrail_plugin panictrail_plugin = {
	.abi = PANICTRAIL_ABI,
	.size = sizeof(struct panictrail_plugin),
	.name = "kexec",
	.version = "1.0",
	.licence = "MIT",
	.about = "is the crash kernel that was loaded one that can be started?",
	.needs = needs,
	.facts = facts,
	.rules = rules,
	.collect = collect,
};
