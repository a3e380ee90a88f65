/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which kernel wrote these lines; see klog_identity.h. */
#include "format/klog_identity.h"

/* Architectures by what the compiler's or the package's name says; sorted by what must be tried
 * first. */
static const struct {
	const char *word, *arch;
} names[] = {
	{ "x86_64", "x86_64" },
	{ "amd64", "x86_64" },
	{ "aarch64", "aarch64" },
	{ "arm64", "aarch64" },
	{ "riscv64", "riscv64" },
	{ "powerpc64le", "ppc64le" },
	{ "ppc64le", "ppc64le" },
	{ "ppc64el", "ppc64le" },
	{ "powerpc64", "ppc64" },
	{ "ppc64", "ppc64" },
	{ "powerpc", "ppc" },
	{ "s390x", "s390x" },
	{ "loongarch64", "loongarch64" },
	{ "mips64el", "mips64" },
	{ "mips64", "mips64" },
	{ "mipsel", "mips" },
	{ "mips", "mips" },
	{ "armv7hl", "armv7l" },
	{ "armv7l", "armv7l" },
	{ "i686", "i686" },
	{ "686-pae", "i686" },
	{ "sparc64", "sparc64" },
};

static const char *find(const char *text, size_t n, const char *part)
{
	return memmem(text, n, part, strlen(part));
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

static void put(char *to, size_t room, const char *text, size_t n)
{
	n = TRAIL_MIN(n, room - 1);
	memcpy(to, text, n);
	to[n] = 0;
}

static void set_arch(struct trail_klog_identity *id, const char *arch, bool registers)
{
	if (id->registers || (id->arch[0] && !registers))
		return;
	put(id->arch, sizeof(id->arch), arch, strlen(arch));
	id->registers = registers;
}

/* The compiler's triple, "(aarch64-linux-gnu-gcc", or how the package is called. */
static void arch_by_name(struct trail_klog_identity *id, const char *text, size_t n, bool triple)
{
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(names); i++) {
		size_t length = strlen(names[i].word);
		if (!triple && n > length + 1 &&
		    memcmp(text + n - length, names[i].word, length) == 0 &&
		    (text[n - length - 1] == '.' || text[n - length - 1] == '-'))
			set_arch(id, names[i].arch, false);
		const char *at = triple ? find(text, n, names[i].word) : NULL;
		if (at && at > text && at[-1] == '(' &&
		    trail_text_starts(at + length, text + n - at - length, "-"))
			set_arch(id, names[i].arch, false);
	}
}

static size_t word_of(const char *text, size_t n)
{
	const char *space = memchr(text, ' ', n);

	return space ? (size_t)(space - text) : n;
}

/* The number of the build: digits, and nothing else that belongs to a word but - and ~. */
static bool is_build(const char *text, size_t n)
{
	size_t i = 0;

	while (i < n && text[i] >= '0' && text[i] <= '9')
		i++;
	return i && (i == n || text[i] == ' ' || text[i] == '-' || text[i] == '~');
}

static void banner(struct trail_klog_identity *id, const char *text, size_t n)
{
	static const char start[] = "Linux version ";
	size_t length = sizeof(start) - 1, word = word_of(text + length, n - length);

	if (id->banner || !word || text[length] < '1' || text[length] > '9')
		return;
	id->banner = true;
	put(id->release, sizeof(id->release), text + length, word);
	arch_by_name(id, id->release, strlen(id->release), false);
	arch_by_name(id, text, n, true);
	for (size_t i = n - 1; i > length + word; i--)
		if (text[i] == '#' && text[i - 1] == ' ' && is_build(text + i + 1, n - i - 1)) {
			put(id->version, sizeof(id->version), text + i, n - i);
			break;
		}
}

/* CPU: 0 PID: 1 Comm: x Not tainted 6.1.0 #1 …, with the build ID at its end or not */
static void task_line(struct trail_klog_identity *id, const char *text, size_t n)
{
	const char *taint = find(text, n, "ainted");
	size_t i = taint ? (size_t)(taint - text) : n;

	if (!taint)
		return;
	while (i + 2 < n &&
	       !(text[i] == ' ' && text[i + 1] == '#' && text[i + 2] >= '0' && text[i + 2] <= '9'))
		i++;
	size_t end = i, start = end;
	while (start > 0 && text[start - 1] != ' ' && text[start - 1] != '(')
		start--;
	if (i + 2 >= n || text + start < taint || text[start] < '1' || text[start] > '9' ||
	    !memchr(text + start, '.', end - start))
		return;
	if (!id->release[0]) {
		put(id->release, sizeof(id->release), text + start, end - start);
		arch_by_name(id, id->release, strlen(id->release), false);
	}
	while (n && text[n - 1] == ' ')
		n--;
	size_t digits = 0;
	while (digits < n && is_hex(text[n - 1 - digits]))
		digits++;
	if (digits == 40 && text[n - 41] == ' ' && !id->build_id[0])
		put(id->build_id, sizeof(id->build_id), text + n - 40, 40);
}

/* How many hex digits stand here. */
static size_t hex_digits(const char *text, size_t n)
{
	size_t i = 0;

	while (i < n && is_hex(text[i]))
		i++;
	return i;
}

/* The number behind @start and spaces: its digits, 0 when there is no number. */
static size_t digits_behind(const char *text, size_t n, const char *start)
{
	size_t i = strlen(start);

	while (i < n && (text[i] == ' ' || text[i] == ':' || text[i] == '[' || text[i] == '<'))
		i++;
	return hex_digits(text + i, n - i);
}

static void registers(struct trail_klog_identity *id, const char *text, size_t n)
{
	if (trail_text_starts(text, n, "RIP: "))
		set_arch(id, "x86_64", true);
	else if (trail_text_starts(text, n, "EIP: "))
		set_arch(id, "i686", true);
	else if (trail_text_starts(text, n, "pc : ") || trail_text_starts(text, n, "PC is at "))
		set_arch(id,
			 find(text, n, "psr: ") || digits_behind(text, n, "pc : ") == 8 ? "arm"
											: "aarch64",
			 text[0] == 'p');
	else if (trail_text_starts(text, n, "Krnl PSW : ") ||
		 trail_text_starts(text, n, "User PSW : "))
		set_arch(id, "s390x", true);
	else if (trail_text_starts(text, n, "epc : ") || trail_text_starts(text, n, "epc: "))
		set_arch(id, digits_behind(text, n, "epc:") == 8 ? "riscv32" : "riscv64", true);
	else if (trail_text_starts(text, n, "epc   : "))
		set_arch(id, digits_behind(text, n, "epc   : ") == 16 ? "mips64" : "mips", true);
	else if (trail_text_starts(text, n, "NIP: "))
		set_arch(id, digits_behind(text, n, "NIP: ") == 8 ? "ppc" : "ppc64", false);
	else if (trail_text_starts(text, n, "MSR: ") && digits_behind(text, n, "MSR: ") == 16)
		set_arch(id, find(text, n, ",LE") ? "ppc64le" : "ppc64", true);
	else if ((trail_text_starts(text, n, "el0_") || trail_text_starts(text, n, "el1")) &&
		 find(text, n, "+0x"))
		set_arch(id, "aarch64", false); /* entry code */
	else if (trail_text_starts(text, n, "TPC: <"))
		set_arch(id, "sparc64", true);
	else if (trail_text_starts(text, n, "pc ") && digits_behind(text, n, "pc ") == 16 &&
		 find(text, n, " ra ") && find(text, n, " tp "))
		set_arch(id, "loongarch64", true);
}

/*
 * What the kernel says of the processor.
 * Source: Linux arch/arm/kernel/setup.c setup_processor(), "CPU: %s [%08x] revision %d",
 * and cacheid_init(); arch/arm64/kernel/setup.c, cpuinfo.c, smp.c.
 */
static void processor(struct trail_klog_identity *id, const char *text, size_t n)
{
	static const char *const arm64[] = {
		"CPU: AArch64 Processor [",	 "Boot CPU: AArch64 Processor [",
		"Detected VIPT I-cache on CPU",	 "Detected PIPT I-cache on CPU",
		"CPU: All CPU(s) started at EL",
	};

	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(arm64); i++)
		if (trail_text_starts(text, n, arm64[i]))
			set_arch(id, "aarch64", false);
	if (trail_text_starts(text, n, "CPU: Testing write buffer coherency"))
		set_arch(id, "arm", false);
	if (trail_text_starts(text, n, "CPU: ARM") && find(text + 8, n - 8, "] revision "))
		set_arch(id, "arm", false);
}

/* A step of a stack as only arm prints it: "[<c0101234>] (f) from [<c0105678>]", "f from
 * g+0x1/0x2". Source: Linux arch/arm/kernel/traps.c dump_backtrace_entry(). */
static void arm_step(struct trail_klog_identity *id, const char *text, size_t n)
{
	const char *from = find(text, n, " from [<");
	size_t left = from ? n - (size_t)(from - text) - 8 : 0;

	if (trail_text_starts(text, n, "unwind_backtrace from ") ||
	    (trail_text_starts(text, n, "[<") && hex_digits(text + 2, n - 2) == 8 && left > 8 &&
	     hex_digits(from + 8, left) == 8))
		set_arch(id, "arm", true);
}

static void cmdline(struct trail_klog_identity *id, const char *text, size_t n)
{
	static const char *const starts_of[] = { "Kernel command line: ", "Command line: " };
	size_t have = strlen(id->cmdline);

	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(starts_of); i++) {
		size_t length = strlen(starts_of[i]);
		if (!trail_text_starts(text, n, starts_of[i]) ||
		    (have && !(id->line_goes_on && i == 0)))
			continue;
		text += length;
		n -= length;
		bool on = n >= 2 && text[n - 1] == '\\' && text[n - 2] == ' ';
		put(id->cmdline + have, sizeof(id->cmdline) - have, text, on ? n - 1 : n);
		id->line_goes_on = on;
		return;
	}
}

void trail_klog_identity_see(struct trail_klog_identity *id, const char *text, size_t n)
{
	while (n && *text == ' ') {
		text++;
		n--;
	}
	switch (n > 6 ? *text : 0) {
	case 'L':
		if (trail_text_starts(text, n, "Linux version "))
			banner(id, text, n);
		break;
	case 'C':
		cmdline(id, text, n);
		if (trail_text_starts(text, n, "CPU: "))
			task_line(id, text, n);
		else if (trail_text_starts(text, n, "CPU0 revision is: "))
			set_arch(id, "mips", false);
		processor(id, text, n);
		break;
	case 'K':
		cmdline(id, text, n);
		registers(id, text, n);
		break;
	case 'P':
		if (trail_text_starts(text, n, "Pid: "))
			task_line(id, text, n);
		registers(id, text, n);
		break;
	case 'B':
		/* arm64 prints the processor's number behind it since v4.17; before, it is arm's
		 * line
		 */
		if (trail_text_starts(text, n, "Booting Linux on physical CPU 0x") &&
		    find(text, n, "[0x"))
			set_arch(id, "aarch64", false);
		processor(id, text, n);
		break;
	case 'D':
		processor(id, text, n);
		break;
	case '[':
	case 'u':
		arm_step(id, text, n);
		break;
	case 'R':
	case 'E':
	case 'N':
	case 'M':
	case 'T':
	case 'U':
	case 'e':
	case 'p':
		registers(id, text, n);
		break;
	}
}
