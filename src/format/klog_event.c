/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What lines are signs of; see klog_event.h. */
#include "format/klog_event.h"

/*
 * A row: a message that starts so is that sign.  A new one needs a line in tests/unit/test_klog.c.
 * Sources, as of v6.1 where nothing else is said: init/version.c linux_banner; kernel/panic.c;
 * kernel/reboot.c; kernel/watchdog.c; kernel/hung_task.c; kernel/rcu/tree_stall.h; lib/bug.c;
 * arch/x86/kernel/{traps,dumpstack}.c, mm/fault.c, cpu/mce/core.c; arch/arm64/kernel/setup.c,
 * mm/fault.c, kernel/traps.c, kernel/machine_kexec.c; arch/mips/kernel/traps.c;
 * arch/powerpc/kernel/traps.c; drivers/tty/sysrq.c; drivers/of/fdt.c; drivers/firmware/efi/libstub.
 */
static const struct {
	const char *start;
	enum trail_klog_event event;
} rows[] = {
	{ "Linux version ", TRAIL_KLOG_BANNER },
	{ "Booting Linux on physical CPU ", TRAIL_KLOG_EARLY },
	{ "-- Boot ", TRAIL_KLOG_BOUNDARY },
	{ "-- Reboot --", TRAIL_KLOG_BOUNDARY },
	{ "-- Journal begins at ", TRAIL_KLOG_BOUNDARY },
	{ "-- Logs begin at ", TRAIL_KLOG_BOUNDARY },

	{ "U-Boot ", TRAIL_KLOG_FIRMWARE },
	{ "SeaBIOS (version", TRAIL_KLOG_FIRMWARE },
	{ "NOTICE:  BL", TRAIL_KLOG_FIRMWARE },
	{ "BdsDxe: ", TRAIL_KLOG_FIRMWARE },
	{ "EFI stub: ", TRAIL_KLOG_FIRMWARE },
	{ "UEFI firmware (version", TRAIL_KLOG_FIRMWARE },
	{ "OpenSBI v", TRAIL_KLOG_FIRMWARE },
	{ "SLOF ", TRAIL_KLOG_FIRMWARE },
	{ "CFE version ", TRAIL_KLOG_FIRMWARE },
	{ "coreboot-", TRAIL_KLOG_FIRMWARE },
	{ "iPXE ", TRAIL_KLOG_FIRMWARE },
	{ "Booting from Hard Disk", TRAIL_KLOG_FIRMWARE },
	{ "Starting kernel ...", TRAIL_KLOG_FIRMWARE },
	{ "Uncompressing Linux...", TRAIL_KLOG_FIRMWARE },
	{ "Decompressing Linux...", TRAIL_KLOG_FIRMWARE },
	{ "I'm in purgatory", TRAIL_KLOG_FIRMWARE },

	{ "reboot: ", TRAIL_KLOG_REBOOT },
	{ "Restarting system", TRAIL_KLOG_REBOOT },

	{ "Starting crashdump kernel...", TRAIL_KLOG_CRASH_START },
	{ "Loading crashdump kernel...", TRAIL_KLOG_CRASH_START },
	{ "kdump: saving ", TRAIL_KLOG_CRASH_KERNEL },
	{ "makedumpfile Completed", TRAIL_KLOG_CRASH_KERNEL },
	{ "The dumpfile is saved to ", TRAIL_KLOG_CRASH_KERNEL },
	{ "Saving vmcore", TRAIL_KLOG_CRASH_KERNEL },

	{ "---[ end Kernel panic", TRAIL_KLOG_PANIC_END },
	{ "Rebooting in ", TRAIL_KLOG_PANIC_END },

	{ "watchdog: BUG: soft lockup", TRAIL_KLOG_TROUBLE },
	{ "NMI watchdog: BUG: soft lockup", TRAIL_KLOG_TROUBLE },
	{ "BUG: soft lockup", TRAIL_KLOG_TROUBLE },
	{ "BUG: workqueue lockup", TRAIL_KLOG_TROUBLE },
	{ "watchdog: Watchdog detected hard LOCKUP", TRAIL_KLOG_TROUBLE },
	{ "NMI watchdog: Watchdog detected hard LOCKUP", TRAIL_KLOG_TROUBLE },
	{ "Watchdog detected hard LOCKUP", TRAIL_KLOG_TROUBLE },
	{ "watchdog: CPU", TRAIL_KLOG_TROUBLE },
	{ "INFO: task ", TRAIL_KLOG_TROUBLE },
	{ "rcu: INFO: ", TRAIL_KLOG_TROUBLE },
	{ "INFO: rcu_", TRAIL_KLOG_TROUBLE },
	{ "mce: [Hardware Error]: ", TRAIL_KLOG_TROUBLE },
	{ "Uhhuh. NMI received", TRAIL_KLOG_TROUBLE },
	{ "sysrq: Trigger a crash", TRAIL_KLOG_TROUBLE },
	{ "sysrq: SysRq : Trigger a crash", TRAIL_KLOG_TROUBLE },
	{ "SysRq : Trigger a crash", TRAIL_KLOG_TROUBLE },
	{ "BUG: ", TRAIL_KLOG_TROUBLE },

	{ "BUG: kernel NULL pointer", TRAIL_KLOG_OOPS },
	{ "BUG: unable to handle", TRAIL_KLOG_OOPS },
	{ "Unable to handle kernel", TRAIL_KLOG_OOPS },
	{ "general protection fault", TRAIL_KLOG_OOPS },
	{ "Internal error: ", TRAIL_KLOG_OOPS },
	{ "Oops: ", TRAIL_KLOG_OOPS },
	{ "kernel BUG at ", TRAIL_KLOG_OOPS },
	{ "Kernel BUG at ", TRAIL_KLOG_OOPS },
	{ "kernel tried to execute", TRAIL_KLOG_OOPS },
	{ "BUG: TASK stack guard page", TRAIL_KLOG_OOPS },
	{ "BUG: stack guard page", TRAIL_KLOG_OOPS },
	{ "Insufficient stack space", TRAIL_KLOG_OOPS },
	{ "PANIC: double fault", TRAIL_KLOG_OOPS },
	{ "traps: PANIC: double fault", TRAIL_KLOG_OOPS },
	{ "Bad mode in ", TRAIL_KLOG_OOPS },
	{ "Kernel panic:", TRAIL_KLOG_PANIC },
};

static const char panic_line[] = "Kernel panic - not syncing";

static bool starts(const char *text, size_t n, const char *with, size_t length)
{
	return n >= length && memcmp(text, with, length) == 0;
}

/* Is @part anywhere in the text? */
static bool holds(const char *text, size_t n, const char *part, size_t length)
{
	const char *end = text + n, *p = text;

	for (; p < end && (p = memchr(p, *part, end - p)); p++)
		if (starts(p, end - p, part, length))
			return true;
	return false;
}

/* [#1]: the count of oopses, Linux __die() of any architecture */
static bool is_counted(const char *text, size_t n)
{
	const char *end = text + n, *p = text;

	for (; p < end && (p = memchr(p, '#', end - p)); p++)
		if (p > text && p[-1] == '[' && end - p >= 3 && p[1] >= '1' && p[1] <= '9' &&
		    (p[2] == ']' || (p[2] >= '0' && p[2] <= '9')))
			return true;
	return false;
}

enum trail_klog_event trail_klog_event(const char *text, size_t n)
{
	enum trail_klog_event found = TRAIL_KLOG_NOTHING;

	while (n && *text == ' ') {
		text++;
		n--;
	}
	if (!n)
		return found;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++)
		if (rows[i].start[0] == *text &&
		    starts(text, n, rows[i].start, strlen(rows[i].start)))
			found = rows[i].event;
	if (found == TRAIL_KLOG_BANNER) /* a person's sentence may begin so, too */
		return n > 14 && text[14] >= '1' && text[14] <= '9' ? found : TRAIL_KLOG_NOTHING;
	if (found == TRAIL_KLOG_PANIC_END || found == TRAIL_KLOG_PANIC)
		return found;
	if (holds(text, n, panic_line, sizeof(panic_line) - 1))
		return TRAIL_KLOG_PANIC;
	if (is_counted(text, n))
		return TRAIL_KLOG_OOPS;
	if (!found && (starts(text, n, "OF: fdt: Res", 12) || starts(text, n, "Reserving ", 10)) &&
	    holds(text, n, "for elfcorehdr", 14))
		return TRAIL_KLOG_CRASH_KERNEL;
	/* only there the old kernel's memory is, and the service runs that saves it */
	if (!found &&
	    ((holds(text, n, "makedumpfile ", 13) && holds(text, n, " /proc/vmcore", 13)) ||
	     (starts(text, n, "kdump", 5) && holds(text, n, "]: saving vmcore", 16)) ||
	     (starts(text, n, "systemd[1]: Starting ", 21) &&
	      holds(text, n, "kdump-capture.service", 21))))
		return TRAIL_KLOG_CRASH_KERNEL;
	if (!found && *text == '{' && holds(text, n, "[Hardware Error]", 16))
		return TRAIL_KLOG_TROUBLE;
	return found;
}

bool trail_klog_tells_reset(const char *text, size_t n)
{
	static const char *const words[] = {
		"reset reason",	    "reset cause", "reset status", "boot reason",
		"reboot reason",    "last reset",  "bootreason",   "restart cause",
		"power-off reason", "pstore",	   "ramoops",	   "bert: ",
		"watchdog reset",
	};
	char lower[256];

	n = TRAIL_MIN(n, sizeof(lower));
	for (size_t i = 0; i < n; i++)
		lower[i] = text[i] >= 'A' && text[i] <= 'Z' ? text[i] + 32 : text[i];
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(words); i++)
		if (holds(lower, n, words[i], strlen(words[i])))
			return true;
	return false;
}
