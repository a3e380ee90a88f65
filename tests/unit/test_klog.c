/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each form of a log's lines: what is taken off, and what is the message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "format/klog.h"
#include "format/klog_event.h"
#include "format/klog_identity.h"

/* What a line is to become, as one string: only what was found is in it. */
static void describe(const struct trail_klog_line *line, char *out, size_t n)
{
	size_t at = 0;
	struct {
		const char *name;
		bool said;
		unsigned long long value;
	} numbers[] = {
		{ "t", line->has_time, line->ts_nsec / 1000 },
		{ "date", line->has_date, line->date_s },
		{ "level", line->level != TRAIL_KLOG_NO_LEVEL, line->level },
		{ "facility", line->facility, line->facility },
		{ "cpu", line->cpu >= 0, line->cpu },
		{ "pid", line->pid >= 0, line->pid },
		{ "seq", line->marks & TRAIL_KLOG_EXTENDED, line->seq },
		{ "piece", line->pieces, line->piece },
		{ "of", line->pieces, line->pieces },
	};

	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(numbers); i++)
		if (numbers[i].said)
			at += snprintf(out + at, n - at, "%s=%llu ", numbers[i].name,
				       numbers[i].value);
	if (line->comm)
		at += snprintf(out + at, n - at, "comm=%.*s ", (int)line->comm_length, line->comm);
	if (line->host)
		at += snprintf(out + at, n - at, "host=%.*s ", (int)line->host_length, line->host);
	snprintf(out + at, n - at, "%s|%.*s", line->marks & TRAIL_KLOG_KEY ? "key" : "",
		 (int)line->length, line->text);
}

static const struct trail_klog_style plain, quoted = { .quoted = true }, hosts = { .hosts = true },
					    indented = { .indent = 1 };

static void test_lines(void **state)
{
	static const struct {
		const char *line, *want;
		const struct trail_klog_style *style;
	} rows[] = {
#define ROW(line, want) { line, want, &plain }
		ROW("", "|"),
		ROW("Kernel panic - not syncing: x", "|Kernel panic - not syncing: x"),
		ROW(" panic+0x1/0x2", "| panic+0x1/0x2"),
		ROW("text\r", "|text"),
		ROW("text\r\r\n", "|text"),
		/* the console, dmesg */
		ROW("[    1.234567] text", "t=1234567 |text"),
		ROW("[    1.234567]  <TASK>", "t=1234567 | <TASK>"),
		ROW("[    1.234567] ", "t=1234567 |"),
		ROW("[    1.234567]", "t=1234567 |"),
		ROW("[ 0.206817] Code: 74", "t=206817 |Code: 74"),
		ROW("[518291.616307] a", "t=518291616307 |a"),
		/* LG puts a date into the stamp; MediaTek how the interrupts were before the CPU */
		ROW("[   53.548940 / 09-28 10:17:30.910]  (0)[150:x y]a",
		    "t=53548940 cpu=0 pid=150 comm=x y |a"),
		ROW("[   53.548940 / 09-28] a", "|[   53.548940 / 09-28] a"),
		ROW("[    1.000000] -(2)[1:init]a", "t=1000000 cpu=2 pid=1 comm=init |a"),
		/* the month in another language, and what only looks like one */
		ROW("fev 08 12:00:00 box kernel: a", "host=box |a"),
		ROW("took 08 12:00:00 a", "|took 08 12:00:00 a"),
		ROW("[1234567.616307] a", "t=1234567616307 |a"),
		ROW("  [    1.234567] text", "t=1234567 |text"),
		ROW("[    1.23456] text", "|[    1.23456] text"),
		ROW("[    1.2345678] text", "|[    1.2345678] text"),
		ROW("[   -1.234567] text", "|[   -1.234567] text"),
		ROW("[9999999999999.234567] text", "|[9999999999999.234567] text"),
		ROW("[    1.234567 <    0.000012>] text", "t=1234567 |text"),
		/* two stamps: the second is the message's */
		ROW("[    1.234567] [    2.000000] text", "t=1234567 |[    2.000000] text"),
		ROW("<6>[    1.234567] text", "t=1234567 level=6 |text"),
		ROW("<0>text", "level=0 |text"),
		ROW("<4> ? text", "level=4 | ? text"),
		ROW("<30>[   12.345678] systemd[1]: x",
		    "t=12345678 level=6 facility=3 |systemd[1]: x"),
		ROW("<NULL> x", "|<NULL> x"),
		ROW("<99999>x", "|<99999>x"),
		ROW("<...>-1023      0.....", "|<...>-1023      0....."),
		ROW("[  105.480943][    C2] RSP", "t=105480943 cpu=2 |RSP"),
		ROW("<4>[  105.480943][ T9251] RSP", "t=105480943 level=4 pid=9251 |RSP"),
		ROW("[  105.480943] [   T12] RSP", "t=105480943 pid=12 |RSP"),
		ROW("[    T1] RSP", "pid=1 |RSP"),
		ROW("<5>[   C15]  <IRQ>", "level=5 cpu=15 | <IRQ>"),
		ROW("[    T1]RSP", "|[    T1]RSP"),
		ROW("[ T99999999999] RSP", "|[ T99999999999] RSP"),
		ROW("[<ffffffff81000000>] f+0x0", "|[<ffffffff81000000>] f+0x0"),
		ROW("[c000000012457210] [c000000008a20140] dump_stack",
		    "|[c000000012457210] [c000000008a20140] dump_stack"),
		/* dmesg -T, -H, -e, --time-format=iso, -x */
		ROW("[Mon Nov 23 12:00:00 2026] text", "date=1795435200 |text"),
		ROW("[Sun Nov  1 12:00:00 2026] text", "date=1793534400 |text"),
		ROW("[Mon Nov 23 12:00:00 2026] [    T1] text", "date=1795435200 pid=1 |text"),
		ROW("[Mon Nov 23 12:00:00 2026 <    0.000000>] text", "date=1795435200 |text"),
		ROW("[Mon Nov 23 12:00:00] text", "|[Mon Nov 23 12:00:00] text"),
		ROW("[Nov23 12:00] text", "|text"),
		ROW("[  +0.000012] text", "|text"),
		ROW("2026-11-23T12:00:00,123456+01:00 a: b c", "date=1795431600 |a: b c"),
		ROW("kern  :emerg : [    1.234567] text", "t=1234567 level=0 |text"),
		ROW("daemon:info  : [    1.234567] x", "t=1234567 level=6 facility=3 |x"),
		ROW("kern  :warn  : [Mon Nov 23 12:00:00 2026] text",
		    "date=1795435200 level=4 |text"),
		ROW("kernel:BUG: x", "|BUG: x"),
		ROW(" kernel:[    1.234567] x", "t=1234567 |x"),
		ROW("kernelcore: x", "|kernelcore: x"),
		ROW("12:00:00.123 [    1.234567] x", "t=1234567 |x"),
		ROW("[12:00:00.123] [    1.234567] x", "t=1234567 |x"),
		ROW("[12:00:00.123] x", "|[12:00:00.123] x"),
		ROW("[Mon Nov 23 12:00:00 UTC 2026] x", "date=1795435200 |x"),
		ROW("2026-11-23T12:00:00.123456Z ALERT kernel: [    1.234567] x",
		    "t=1234567 date=1795435200 level=1 |x"),
		ROW("[    1.234567@3] x", "t=1234567 |x"),
		ROW("[    1.234567@x] x", "|[    1.234567@x] x"),
		ROW("kern:what: x", "|kern:what: x"),
		/* syslog and the journal */
		ROW("Nov 23 12:00:00 box kernel: [    1.234567] text", "t=1234567 host=box |text"),
		ROW("Nov 23 12:00:00 box kernel: text", "host=box |text"),
		ROW("Nov  3 12:00:00.123456 box kernel:  <TASK>", "host=box | <TASK>"),
		ROW("Nov 23 12:00:00 box sshd[12]: text", "facility=3 host=box |sshd[12]: text"),
		ROW("Nov 23 12:00:00 [    1.234567] text", "t=1234567 |text"),
		ROW("Nov 23 12:00:00 text", "|text"),
		ROW("Nov 23 12:00:00 box kern.warn kernel: [    1.234567] text",
		    "t=1234567 level=4 host=box |text"),
		ROW("Mon Nov 23 12:00:00 2026 kern.warn kernel: [    1.234567] text",
		    "t=1234567 date=1795435200 level=4 |text"),
		ROW("Mon Nov 23 12:00:00 2026 daemon.err procd: text",
		    "date=1795435200 level=3 facility=3 |procd: text"),
		ROW("2026-11-23T12:00:00+0000 box kernel: text", "date=1795435200 host=box |text"),
		ROW("2026-11-23T12:00:00.123456-01:00 box kernel: [    1.234567] text",
		    "t=1234567 date=1795438800 host=box |text"),
		ROW("2026-11-23T12:00:00Z [    1.234567] text", "t=1234567 date=1795435200 |text"),
		ROW("Mon 2026-11-23 12:00:00 UTC box kernel: text",
		    "date=1795435200 host=box |text"),
		ROW("2026-13-23T12:00:00+0000 box kernel: text",
		    "|2026-13-23T12:00:00+0000 box kernel: text"),
		ROW("<4>Nov 23 12:00:00 box kernel: [    1.234567] text",
		    "t=1234567 level=4 host=box |text"),
		ROW("<4>1 2026-11-23T12:00:00Z box kernel: text",
		    "date=1795435200 level=4 host=box |text"),
		{ "[    1.234567] box kernel: text", "t=1234567 host=box |text", &hosts },
		ROW("[    1.234567] box kernel: text", "t=1234567 |box kernel: text"),
		{ "[    1.234567] box dhcp[3]: text",
		  "t=1234567 facility=3 host=box |dhcp[3]: text", &hosts },
		/* netconsole and /dev/kmsg */
		ROW("6,444,1234567,-;text", "t=1234567 level=6 seq=444 |text"),
		ROW("6.4.0-1,6,444,1234567,-;text", "t=1234567 level=6 seq=444 |text"),
		ROW("12,444,1234567,c;a;b", "t=1234567 level=4 facility=1 seq=444 |a;b"),
		ROW("6,444,1234567,-,caller=T12;text", "t=1234567 level=6 pid=12 seq=444 |text"),
		ROW("6,444,1234567,-,caller=C3;text", "t=1234567 level=6 cpu=3 seq=444 |text"),
		ROW("6,444,1234567,-,ncfrag=16/33;text",
		    "t=1234567 level=6 seq=444 piece=16 of=33 |text"),
		ROW("6,444,1234567,-,new=what;text", "t=1234567 level=6 seq=444 |text"),
		ROW("6,444,1234567,-text", "|6,444,1234567,-text"),
		ROW("6,444,x,-;text", "|6,444,x,-;text"),
		ROW("6,444,99999999999999999999,-;text", "|6,444,99999999999999999999,-;text"),
		ROW(" SUBSYSTEM=pci", "key| SUBSYSTEM=pci"),
		ROW(" a=b", "| a=b"),
		/* vendors */
		ROW("[    1.234567] [3:  init:    1] text",
		    "t=1234567 cpu=3 pid=1 comm=init |text"),
		ROW("[    1.234567]  [7: kworker/7:1:  123] text",
		    "t=1234567 cpu=7 pid=123 comm=kworker/7:1 |text"),
		ROW("<6>[    1.234567] I[7:      swapper/0:    1] text",
		    "t=1234567 level=6 cpu=7 pid=1 comm=swapper/0 |text"),
		ROW("[    1.234567] [7:1:init] text", "t=1234567 cpu=7 pid=1 comm=init |text"),
		ROW("[    1.234567] [7:1:kworker/0:0] text",
		    "t=1234567 cpu=7 pid=1 comm=kworker/0:0 |text"),
		ROW("[    1.234567]  (0)[1:init]text", "t=1234567 cpu=0 pid=1 comm=init |text"),
		ROW("[    1.234567]<2>.(2)[123:kworker/2:1]text",
		    "t=1234567 level=2 cpu=2 pid=123 comm=kworker/2:1 |text"),
		ROW("<6>[    0.000000s][pid:0,cpu0,swapper]text",
		    "t=0 level=6 cpu=0 pid=0 comm=swapper |text"),
		ROW("[    1.234567s][2026:11:23 12:00:00][pid:1,cpu3,in irq]text",
		    "t=1234567 cpu=3 pid=1 comm=in irq |text"),
		ROW("[    1.234567] [drm:f] text", "t=1234567 |[drm:f] text"),
		ROW("[    1.234567] [12:34:56] text", "t=1234567 |[12:34:56] text"),
		ROW("[    1.234567] (0)[1] text", "t=1234567 |(0)[1] text"),
		/* mails */
		ROW("> [    1.234567] text", "t=1234567 |text"),
		ROW(">> <6>[    1.234567] text", "t=1234567 level=6 |text"),
		ROW("> text", "|> text"),
		{ "> text", "|text", &quoted },
		{ "> >  text", "| text", &quoted },
		{ "  text", "| text", &indented },
		{ "text", "|text", &indented },
#undef ROW
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct trail_klog_line line;
		char got[512];
		/* of its own allocation: a read past its end is seen */
		size_t n = strlen(rows[i].line);
		char *copy = malloc(n + !n);
		assert_non_null(copy);
		memcpy(copy, rows[i].line, n);
		trail_klog_line(copy, n, rows[i].style, &line);
		describe(&line, got, sizeof(got));
		if (strcmp(got, rows[i].want) != 0)
			fail_msg("'%s': got '%s', not '%s'", rows[i].line, got, rows[i].want);
		free(copy);
	}
}

static void test_split(void **state)
{
	static const struct {
		const char *line;
		size_t at; /* 0: nowhere */
	} rows[] = {
		{ "[    1.234567] a[    1.234568] b", 16 },
		{ "[    1.234567] a<4>[    1.234568] b", 16 },
		{ "[    1.234567] a<14>[    1.234568] b", 16 },
		{ "login: [    1.234568] b", 7 },
		{ "[    1.234567] a[ 1.234568] b", 0 },
		{ "[    1.234567] a[    1.234568]b", 0 },
		{ "[    1.234567] a[    1.234568][   T1] b", 16 },
		{ "[    1.234567] [    1.234568] b", 0 },
		{ "12:00:00.123 [    1.234568] b", 0 },
		{ "", 0 },
		{ "[", 0 },
		{ "a[    1.234568]", 1 },
		{ "<6>[    1.234567] a", 0 },
		{ "> > [    1.234567] a", 0 },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		size_t n = strlen(rows[i].line), got = trail_klog_split(rows[i].line, n);
		if (got != (rows[i].at ? rows[i].at : n))
			fail_msg("'%s': split at %zu", rows[i].line, got);
	}
}

static void test_clean(void **state)
{
	static const struct {
		size_t (*make)(char *bytes, size_t n);
		const char *line, *want;
	} rows[] = {
		{ trail_klog_clean, "plain", "plain" },
		{ trail_klog_clean, "\x1b[1;31mred\x1b[0m", "red" },
		{ trail_klog_clean, "\x1b[2J\x1b[01;01H\x1b[=3hx", "x" },
		{ trail_klog_clean, "\x1b]0;title\ax", "x" },
		{ trail_klog_clean, "\x1b(Bx\x1b", "x" },
		{ trail_klog_clean, "\x1b[12", "" },
		{ trail_klog_clean, "[\xc2\xa0 a\xc2", "[  a\xc2" },
		{ trail_klog_clean, "ab\bc\b\b\bd", "d" },
		{ trail_klog_unescape, "a\\x0ab\\x5cx41\\xZZ\\x4", "a\nb\\x41\\xZZ\\x4" },
		{ trail_klog_unprintable, "a=3Db=20=", "a=b =" },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		char line[64];
		strcpy(line, rows[i].line);
		size_t n = rows[i].make(line, strlen(line));
		if (n != strlen(rows[i].want) || memcmp(line, rows[i].want, n) != 0)
			fail_msg("'%s': got '%.*s'", rows[i].line, (int)n, line);
	}
	char nuls[] = { 'a', 0, 0, 'b' };
	assert_int_equal(trail_klog_clean(nuls, sizeof(nuls)), 2);
	assert_memory_equal(nuls, "ab", 2);
}

static void test_style(void **state)
{
	static const char quote[] = "On Monday, X wrote:\n> a\n>  b\n> c\n\nyes\n> d\n";
	static const char indent[] = " a\n  b\n\n c\n d\n e\n f\n";
	static const char soft[] =
		"[    1.234567] a line that is so long that the program of the mail had =\n"
		"to break it=20\n";
	static const char monotonic[] = "[    1.234567] box kernel: a\n"
					"[    1.234567] box systemd[1]: a\n"
					"[    1.234567] box kernel: b\n";

	(void)state;
	struct trail_klog_style style = trail_klog_style_of(quote, sizeof(quote) - 1);
	assert_true(style.quoted && !style.indent && !style.printable && !style.hosts);
	style = trail_klog_style_of(indent, sizeof(indent) - 1);
	assert_true(!style.quoted && style.indent == 1);
	style = trail_klog_style_of(soft, sizeof(soft) - 1);
	assert_true(style.printable && style.timed == 1);
	style = trail_klog_style_of(monotonic, sizeof(monotonic) - 1);
	assert_true(style.hosts && style.timed == 3);
	style = trail_klog_style_of("", 0);
	assert_true(!style.samples && !style.quoted && !style.hosts && !style.printable);
}

static void test_events(void **state)
{
	static const struct {
		const char *text;
		enum trail_klog_event event;
	} rows[] = {
		{ "", TRAIL_KLOG_NOTHING },
		{ "   ", TRAIL_KLOG_NOTHING },
		{ "text", TRAIL_KLOG_NOTHING },
		{ "Linux version 6.1.0 (x@y)", TRAIL_KLOG_BANNER },
		{ "Linux version of it", TRAIL_KLOG_NOTHING },
		{ "Linux version ", TRAIL_KLOG_NOTHING },
		{ "Booting Linux on physical CPU 0x0", TRAIL_KLOG_EARLY },
		{ "-- Boot 0123 --", TRAIL_KLOG_BOUNDARY },
		{ "-- Reboot --", TRAIL_KLOG_BOUNDARY },
		{ "-- Journal begins at Mon", TRAIL_KLOG_BOUNDARY },
		{ "-- Logs begin at Mon", TRAIL_KLOG_BOUNDARY },
		{ "kdump[510]: saving vmcore", TRAIL_KLOG_CRASH_KERNEL },
		{ "systemd[1]: Starting kdump-capture.service - x", TRAIL_KLOG_CRASH_KERNEL },
		{ "kdump-tools[403]: running makedumpfile -c /proc/vmcore /x",
		  TRAIL_KLOG_CRASH_KERNEL },
		{ "systemd[1]: Starting kdump.service - x", TRAIL_KLOG_NOTHING },
		{ "U-Boot 2024.01", TRAIL_KLOG_FIRMWARE },
		{ "SeaBIOS (version 1.16)", TRAIL_KLOG_FIRMWARE },
		{ "NOTICE:  BL31: v2.9", TRAIL_KLOG_FIRMWARE },
		{ "BdsDxe: loading Boot0001", TRAIL_KLOG_FIRMWARE },
		{ "EFI stub: Booting Linux Kernel...", TRAIL_KLOG_FIRMWARE },
		{ "UEFI firmware (version edk2)", TRAIL_KLOG_FIRMWARE },
		{ "OpenSBI v1.3", TRAIL_KLOG_FIRMWARE },
		{ "SLOF **", TRAIL_KLOG_FIRMWARE },
		{ "CFE version 7.4", TRAIL_KLOG_FIRMWARE },
		{ "coreboot-4.20", TRAIL_KLOG_FIRMWARE },
		{ "iPXE 1.21", TRAIL_KLOG_FIRMWARE },
		{ "Booting from Hard Disk...", TRAIL_KLOG_FIRMWARE },
		{ "Starting kernel ...", TRAIL_KLOG_FIRMWARE },
		{ "Uncompressing Linux... done", TRAIL_KLOG_FIRMWARE },
		{ "Decompressing Linux... done", TRAIL_KLOG_FIRMWARE },
		{ "I'm in purgatory", TRAIL_KLOG_FIRMWARE },
		{ "reboot: Restarting system", TRAIL_KLOG_REBOOT },
		{ "Restarting system.", TRAIL_KLOG_REBOOT },
		{ "Starting crashdump kernel...", TRAIL_KLOG_CRASH_START },
		{ "Loading crashdump kernel...", TRAIL_KLOG_CRASH_START },
		{ "kdump: saving to /sysroot", TRAIL_KLOG_CRASH_KERNEL },
		{ "Reserving 4KB of memory at 0x1000 for elfcorehdr", TRAIL_KLOG_CRASH_KERNEL },
		{ "OF: fdt: Reserving 4 KiB of memory at 0x1000 for elfcorehdr",
		  TRAIL_KLOG_CRASH_KERNEL },
		{ "Reserving 4KB of memory", TRAIL_KLOG_NOTHING },
		{ "makedumpfile Completed.", TRAIL_KLOG_CRASH_KERNEL },
		{ "The dumpfile is saved to /x", TRAIL_KLOG_CRASH_KERNEL },
		{ "Saving vmcore complete", TRAIL_KLOG_CRASH_KERNEL },
		{ "---[ end Kernel panic - not syncing: x ]---", TRAIL_KLOG_PANIC_END },
		{ "Rebooting in 5 seconds..", TRAIL_KLOG_PANIC_END },
		{ "watchdog: BUG: soft lockup - CPU#1", TRAIL_KLOG_TROUBLE },
		{ "NMI watchdog: BUG: soft lockup - CPU#1", TRAIL_KLOG_TROUBLE },
		{ "BUG: soft lockup - CPU#1", TRAIL_KLOG_TROUBLE },
		{ "BUG: workqueue lockup", TRAIL_KLOG_TROUBLE },
		{ "BUG: KASAN: use-after-free", TRAIL_KLOG_TROUBLE },
		{ "watchdog: Watchdog detected hard LOCKUP on cpu 1", TRAIL_KLOG_TROUBLE },
		{ "NMI watchdog: Watchdog detected hard LOCKUP on cpu 1", TRAIL_KLOG_TROUBLE },
		{ "Watchdog detected hard LOCKUP on cpu 1", TRAIL_KLOG_TROUBLE },
		{ "watchdog: CPU 1 detected hard LOCKUP", TRAIL_KLOG_TROUBLE },
		{ "INFO: task cp:1 blocked", TRAIL_KLOG_TROUBLE },
		{ "rcu: INFO: rcu_sched detected stalls", TRAIL_KLOG_TROUBLE },
		{ "INFO: rcu_sched detected stalls", TRAIL_KLOG_TROUBLE },
		{ "mce: [Hardware Error]: CPU 1", TRAIL_KLOG_TROUBLE },
		{ "{1}[Hardware Error]: event severity: fatal", TRAIL_KLOG_TROUBLE },
		{ "{1}[hardware]", TRAIL_KLOG_NOTHING },
		{ "Uhhuh. NMI received for unknown reason", TRAIL_KLOG_TROUBLE },
		{ "sysrq: Trigger a crash", TRAIL_KLOG_TROUBLE },
		{ "sysrq: SysRq : Trigger a crash", TRAIL_KLOG_TROUBLE },
		{ "SysRq : Trigger a crash", TRAIL_KLOG_TROUBLE },
		{ "BUG: kernel NULL pointer dereference", TRAIL_KLOG_OOPS },
		{ "BUG: unable to handle page fault", TRAIL_KLOG_OOPS },
		{ "Unable to handle kernel paging request", TRAIL_KLOG_OOPS },
		{ "general protection fault, maybe", TRAIL_KLOG_OOPS },
		{ "Internal error: Oops: 96000004", TRAIL_KLOG_OOPS },
		{ "Oops: 0000", TRAIL_KLOG_OOPS },
		{ "invalid opcode: 0000 [#1] SMP", TRAIL_KLOG_OOPS },
		{ "Oops[#12]:", TRAIL_KLOG_OOPS },
		{ "a [#] b [#0] [#x]", TRAIL_KLOG_NOTHING },
		{ "kernel BUG at mm/slab.c:1!", TRAIL_KLOG_OOPS },
		{ "Kernel BUG at f+0x1", TRAIL_KLOG_OOPS },
		{ "kernel tried to execute NX-protected page", TRAIL_KLOG_OOPS },
		{ "BUG: TASK stack guard page was hit", TRAIL_KLOG_OOPS },
		{ "BUG: stack guard page was hit", TRAIL_KLOG_OOPS },
		{ "Insufficient stack space to handle exception!", TRAIL_KLOG_OOPS },
		{ "PANIC: double fault", TRAIL_KLOG_OOPS },
		{ "traps: PANIC: double fault", TRAIL_KLOG_OOPS },
		{ "Bad mode in Error handler", TRAIL_KLOG_OOPS },
		{ "Kernel panic - not syncing: x", TRAIL_KLOG_PANIC },
		{ " Kernel panic - not syncing: x", TRAIL_KLOG_PANIC },
		{ "login: Kernel panic - not syncing: x", TRAIL_KLOG_PANIC },
		{ "Kernel panic: x", TRAIL_KLOG_PANIC },
		{ "Kernel panic - not sync", TRAIL_KLOG_NOTHING },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		enum trail_klog_event got = trail_klog_event(rows[i].text, strlen(rows[i].text));
		if (got != rows[i].event)
			fail_msg("'%s': %d, not %d", rows[i].text, got, rows[i].event);
	}
	assert_true(trail_klog_tells_reset("x86/amd: Previous system reset reason [0x1]: x", 46));
	assert_true(trail_klog_tells_reset("BERT: Error records", 19));
	assert_false(trail_klog_tells_reset("usb 1-1: reset high-speed USB device", 36));
}

static void test_identity(void **state)
{
	static const struct {
		const char *lines[3];
		const char *release, *version, *arch, *build_id, *cmdline;
	} rows[] = {
		{ { "Linux version 6.1.0-9-amd64 (a@b) (gcc-12 (D) 12, GNU ld) #1 SMP D 6.1 (2023)" },
		  "6.1.0-9-amd64",
		  "#1 SMP D 6.1 (2023)",
		  "x86_64",
		  "",
		  "" },
		{ { "Linux version 6.6.9 (a@b) (aarch64-linux-gnu-gcc 13) #2 SMP x" },
		  "6.6.9",
		  "#2 SMP x",
		  "aarch64",
		  "",
		  "" },
		{ { "Linux version 6.6.9 (a@b) (gcc issue #12) built" }, "6.6.9", "", "", "", "" },
		{ { "Linux version 6.6.9" }, "6.6.9", "", "", "", "" },
		{ { "Linux version 5.14.0-1.el9.s390x (a@b)",
		    "CPU: 0 PID: 1 Comm: x Not tainted 9.9 #1" },
		  "5.14.0-1.el9.s390x",
		  "",
		  "s390x",
		  "",
		  "" },
		{ { "CPU: 0 UID: 0 PID: 15 Comm: a b Kdump: loaded Tainted: G        W          "
		    "6.18.2 #2 PREEMPT(full)" },
		  "6.18.2",
		  "",
		  "",
		  "",
		  "" },
		{ { "CPU: 1 PID: 2 Comm: x Not tainted 6.1.0-9-amd64 #1 "
		    "0123456789abcdef0123456789abcdef01234567" },
		  "6.1.0-9-amd64",
		  "",
		  "x86_64",
		  "0123456789abcdef0123456789abcdef01234567",
		  "" },
		{ { "Pid: 1, comm: init Not tainted 2.6.32-431.el6.x86_64 #1 x" },
		  "2.6.32-431.el6.x86_64",
		  "",
		  "x86_64",
		  "",
		  "" },
		{ { "CPU: 1 PID: 2 Comm: x Not tainted #1" }, "", "", "", "", "" },
		{ { "RIP: 0010:f+0x1/0x2" }, "", "", "x86_64", "", "" },
		{ { "EIP: f+0x1/0x2" }, "", "", "i686", "", "" },
		{ { "pc : f+0x1/0x2" }, "", "", "aarch64", "", "" },
		{ { "pc : [<c0123456>]    lr : [<c0123456>]    psr: 60000013" },
		  "",
		  "",
		  "arm",
		  "",
		  "" },
		{ { "Krnl PSW : 0704c00180000000 0000" }, "", "", "s390x", "", "" },
		{ { "epc : f+0x1/0x2" }, "", "", "riscv64", "", "" },
		{ { "epc: ffffffe0000c8e8c ra : ffffffe0000c8e84 sp : 0" },
		  "",
		  "",
		  "riscv64",
		  "",
		  "" },
		{ { "epc   : 80015750 copy_page+0x48/0x548" }, "", "", "mips", "", "" },
		{ { "epc   : ffffffff80015750 copy_page+0x48/0x548" }, "", "", "mips64", "", "" },
		{ { "NIP:  c000000000659adc LR: c000000000659ac4",
		    "MSR:  8000000000021033 <SF,ME,LE>" },
		  "",
		  "",
		  "ppc64le",
		  "",
		  "" },
		{ { "NIP:  c0659adc LR: c0659ac4" }, "", "", "ppc", "", "" },
		{ { "pc 9000000000abcdef ra 9000000000abcdef tp 9000 sp 9000" },
		  "",
		  "",
		  "loongarch64",
		  "",
		  "" },
		/* arm's line is old arm64's, too */
		{ { "Booting Linux on physical CPU 0x0" }, "", "", "", "", "" },
		{ { "Booting Linux on physical CPU 0x0000000000 [0x410fd034]" },
		  "",
		  "",
		  "aarch64",
		  "",
		  "" },
		{ { "Booting Linux on physical CPU 0x0", "Boot CPU: AArch64 Processor [410fd034]" },
		  "",
		  "",
		  "aarch64",
		  "",
		  "" },
		{ { "CPU: ARMv7 Processor [410fc073] revision 3 (ARMv7), cr=10c5387d" },
		  "",
		  "",
		  "arm",
		  "",
		  "" },
		{ { "[<80014428>](unwind_backtrace+0x0/0xf8) from [<803643a8>](panic+0x84/0x1dc)" },
		  "",
		  "",
		  "arm",
		  "",
		  "" },
		{ { " unwind_backtrace from show_stack+0x10/0x14" }, "", "", "arm", "", "" },
		{ { "[<ffffffff81000000>] panic+0x84/0x1dc" }, "", "", "", "", "" },
		{ { "Command line: a=b c", "Kernel command line: d" }, "", "", "", "", "a=b c" },
		{ { "Kernel command line: a \\", "Kernel command line: b" },
		  "",
		  "",
		  "",
		  "",
		  "a b" },
	};

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct trail_klog_identity id = {};
		for (size_t k = 0; k < 3 && rows[i].lines[k]; k++)
			trail_klog_identity_see(&id, rows[i].lines[k], strlen(rows[i].lines[k]));
		const char *pairs[][2] = { { id.release, rows[i].release },
					   { id.version, rows[i].version },
					   { id.arch, rows[i].arch },
					   { id.build_id, rows[i].build_id },
					   { id.cmdline, rows[i].cmdline } };
		for (size_t k = 0; k < TRAIL_ARRAY_SIZE(pairs); k++)
			if (strcmp(pairs[k][0], pairs[k][1]) != 0)
				fail_msg("'%s': '%s', not '%s'", rows[i].lines[0], pairs[k][0],
					 pairs[k][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),  cmocka_unit_test(test_split),
		cmocka_unit_test(test_clean),  cmocka_unit_test(test_style),
		cmocka_unit_test(test_events), cmocka_unit_test(test_identity),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
