/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words of the result for each enumerator: the same in text, JSON and
 * docs.  One row an enumerator; tests/unit/test_timeline.c walks them.
 */
#include "timeline/timeline.h"

/* clang-format off */
const char *const trail_stage_names[TRAIL_N_STAGES] = {
	[TRAIL_STAGE_DIRECT_KEXEC]   = "direct-kexec",
	[TRAIL_STAGE_ENTRY]          = "entry",
	[TRAIL_STAGE_REDIRECT]       = "redirect",
	[TRAIL_STAGE_MESSAGE]        = "message",
	[TRAIL_STAGE_KGDB]           = "kgdb",
	[TRAIL_STAGE_KDUMP_EARLY]    = "kdump-early",
	[TRAIL_STAGE_CPU_BACKTRACES] = "cpu-backtraces",
	[TRAIL_STAGE_STOP_CPUS]      = "stop-cpus",
	[TRAIL_STAGE_NOTIFIERS]      = "notifiers",
	[TRAIL_STAGE_SYS_INFO]       = "sys-info",
	[TRAIL_STAGE_KMSG_DUMP]      = "kmsg-dump",
	[TRAIL_STAGE_KDUMP_LATE]     = "kdump-late",
	[TRAIL_STAGE_CONSOLE_FLUSH]  = "console-flush",
	[TRAIL_STAGE_CONSOLE_REPLAY] = "console-replay",
	[TRAIL_STAGE_REBOOT_WAIT]    = "reboot-wait",
	[TRAIL_STAGE_REBOOT]         = "reboot",
	[TRAIL_STAGE_HALT]           = "halt",
};

const char *const trail_outcome_names[TRAIL_N_OUTCOMES] = {
	[TRAIL_OUTCOME_UNKNOWN]     = "unknown",
	[TRAIL_OUTCOME_DONE]        = "done",
	[TRAIL_OUTCOME_IN_PROGRESS] = "in-progress",
	[TRAIL_OUTCOME_NOT_REACHED] = "not-reached",
	[TRAIL_OUTCOME_SKIPPED]     = "skipped",
};

const char *const trail_call_names[TRAIL_N_CALLS] = {
	[TRAIL_CALL_UNKNOWN]     = "unknown",
	[TRAIL_CALL_CALLED]      = "called",
	[TRAIL_CALL_IN_PROGRESS] = "in-progress",
	[TRAIL_CALL_NOT_CALLED]  = "not-called",
	[TRAIL_CALL_CUT_OFF]     = "cut-off",
};

const char *const trail_cpu_outcome_names[TRAIL_N_CPU_OUTCOMES] = {
	[TRAIL_CPU_UNKNOWN]      = "unknown",
	[TRAIL_CPU_PANICKING]    = "panicking",
	[TRAIL_CPU_STOPPED]      = "stopped",
	[TRAIL_CPU_SELF_STOPPED] = "self-stopped",
	[TRAIL_CPU_NOT_STOPPED]  = "not-stopped",
	[TRAIL_CPU_RUNNING]      = "running",
	[TRAIL_CPU_OFFLINE]      = "offline",
};

const char *const trail_how_names[TRAIL_N_HOWS] = {
	[TRAIL_HOW_UNKNOWN] = "unknown",
	[TRAIL_HOW_NMI]     = "nmi",
	[TRAIL_HOW_IPI]     = "ipi",
};

const char *const trail_method_names[TRAIL_N_METHODS] = {
	[TRAIL_METHOD_UNKNOWN]    = "unknown",
	[TRAIL_METHOD_KDUMP]      = "kdump",
	[TRAIL_METHOD_FADUMP]     = "fadump",
	[TRAIL_METHOD_HYPERVISOR] = "hypervisor",
	[TRAIL_METHOD_LIVE]       = "live",
	[TRAIL_METHOD_NONE]       = "none",
};

const char *const trail_point_names[TRAIL_N_POINTS] = {
	[TRAIL_POINT_UNKNOWN] = "unknown",
	[TRAIL_POINT_DIRECT]  = "direct",
	[TRAIL_POINT_EARLY]   = "early",
	[TRAIL_POINT_LATE]    = "late",
	[TRAIL_POINT_OUTSIDE] = "outside",
	[TRAIL_POINT_NONE]    = "none",
};

const char *const trail_strength_names[TRAIL_N_STRENGTHS] = {
	[TRAIL_HINT]    = "hint",
	[TRAIL_LIKELY]  = "likely",
	[TRAIL_CERTAIN] = "certain",
};

const char *const trail_source_names[TRAIL_N_SOURCES] = {
	[TRAIL_SOURCE_STACK]      = "stack",
	[TRAIL_SOURCE_MEMORY]     = "memory",
	[TRAIL_SOURCE_REGISTER]   = "register",
	[TRAIL_SOURCE_NOTE]       = "note",
	[TRAIL_SOURCE_LOG]        = "log",
	[TRAIL_SOURCE_PSTORE]     = "pstore",
	[TRAIL_SOURCE_VMCOREINFO] = "vmcoreinfo",
	[TRAIL_SOURCE_CONFIG]     = "config",
	[TRAIL_SOURCE_SYMBOL]     = "symbol",
	[TRAIL_SOURCE_DWARF]      = "dwarf",
	[TRAIL_SOURCE_PLUGIN]     = "plugin",
	[TRAIL_SOURCE_INFERENCE]  = "inference",
};
/* clang-format on */
