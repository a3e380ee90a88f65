/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ordering models.  A model is an ordered list of steps with conditions,
 * and which callback is in which of its lists; see struct trail_order_model.
 * What a proposal does not say is a row with the reason why it is open, never
 * a guess.  To add a model, add its rows and a row of the table, a variant for
 * "all", a paragraph in docs/orders.md and a table of what it does in
 * tests/unit/test_what_if.c.  Tests: unit/test_what_if.c, cli/test_what_if.py.
 */
#include "policy/orders.h"

#include <limits.h>

const char *const trail_order_input_names[TRAIL_N_INPUTS] = {
	[TRAIL_INPUT_NOTHING] = "nothing",
	[TRAIL_INPUT_FLAG] = "crash_kexec_post_notifiers",
	[TRAIL_INPUT_PRINT] = "panic_print",
	[TRAIL_INPUT_DUMPER] = "kmsg_dumper",
	[TRAIL_INPUT_CRASH_KERNEL] = "crash_kernel",
	[TRAIL_INPUT_OOPS] = "oops",
	[TRAIL_INPUT_SYS_FIRST] = "sys_info_before_kmsg_dump",
	[TRAIL_INPUT_POST_HYPERVISOR] = "crash_kexec_post_hypervisor",
	[TRAIL_INPUT_LEVEL] = "panic_notifiers_level",
	[TRAIL_INPUT_PREFER] = "panic_prefer_crash_dump",
	[TRAIL_INPUT_PRE] = "crash_kernel_pre_notifiers",
	[TRAIL_INPUT_POST] = "crash_kernel_post_notifiers",
	[TRAIL_INPUT_POST_KMSG] = "crash_kexec_post_kmsg_dump",
};

/* clang-format off */
#define IS(i, v)       { TRAIL_INPUT_ ## i, TRAIL_OP_IS, v }
#define AT_LEAST(i, v) { TRAIL_INPUT_ ## i, TRAIL_OP_AT_LEAST, v }
#define IF(...)        .when = { __VA_ARGS__ }

#define STAGE(s, ...)  { .step = TRAIL_STAGE_ ## s, __VA_ARGS__ }
#define KDUMP(...)     { .step = TRAIL_STEP_KDUMP, __VA_ARGS__ }
#define LIST(l, ...)   { .step = TRAIL_STAGE_NOTIFIERS, .list = l, __VA_ARGS__ }
#define CRASH_STOP     .how = "crash_smp_send_stop()"
#define PLAIN_STOP     .how = "smp_send_stop()"

/* what all models leave as it is */
#define HEAD  STAGE(ENTRY), STAGE(REDIRECT), STAGE(MESSAGE), STAGE(KGDB)
#define FLUSH STAGE(CONSOLE_FLUSH), STAGE(CONSOLE_REPLAY)
#define TAIL  FLUSH, STAGE(REBOOT_WAIT), STAGE(REBOOT), STAGE(HALT)

#define GATE_OPEN "the proposal does not say whether an oops still starts the crash kernel before panic()"
#define BACKTRACES_OPEN "the proposal does not have the backtraces of all CPUs; they need CPUs that run"

#define BIT(list) (1u << (list))

/* ---- today's kernels ------------------------------------------------------ */

/* one list; the flag moves kdump from before to behind */
static const struct trail_order_step mainline[] = {
	STAGE(DIRECT_KEXEC, IF(IS(OOPS, 1), IS(FLAG, 0))),
	HEAD,
	STAGE(KDUMP_EARLY, IF(IS(FLAG, 0))),
	STAGE(CPU_BACKTRACES),
	STAGE(STOP_CPUS, PLAIN_STOP, IF(IS(FLAG, 0))),
	STAGE(STOP_CPUS, CRASH_STOP),
	LIST(0),
	STAGE(SYS_INFO, IF(IS(SYS_FIRST, 1))),
	STAGE(KMSG_DUMP),
	STAGE(KDUMP_LATE),
	FLUSH,
	STAGE(SYS_INFO),
	STAGE(REBOOT_WAIT), STAGE(REBOOT), STAGE(HALT),
};

static const struct trail_member one_list[] = {
	{ .by = TRAIL_FITS_ALL, .lists = BIT(0) },
};

/* ---- the filter ----------------------------------------------------------- */

/* the second list is never called: its callbacks were not registered */
static const struct trail_member chosen[] = {
	{ .by = TRAIL_FITS_CHOSEN, .lists = BIT(0) },
	{ .by = TRAIL_FITS_ALL, .lists = BIT(1) },
};

/* ---- two parameters ------------------------------------------------------- */

enum { PRE, POST };

#define PRE_STOP_OPEN "the mail does not say whether the CPUs are stopped before the pre list"
#define PRE_LATE_OPEN "a disabled pre list runs with the post list after the dump, says the mail; the post list runs before it here"
#define SYS_OPEN      "the proposal does not say where the system information is printed"

static const struct trail_order_step two_parameters[] = {
	STAGE(DIRECT_KEXEC, IF(IS(OOPS, 1), IS(POST, 0))),
	HEAD,
	STAGE(CPU_BACKTRACES, .open = BACKTRACES_OPEN),
	STAGE(STOP_CPUS, .open = PRE_STOP_OPEN, IF(IS(PRE, 1))),
	LIST(PRE, IF(IS(PRE, 1))),
	STAGE(STOP_CPUS, CRASH_STOP, IF(IS(POST, 1))),
	LIST(PRE, .open = PRE_LATE_OPEN, IF(IS(POST, 1))),
	LIST(POST, IF(IS(POST, 1))),
	STAGE(SYS_INFO, .open = SYS_OPEN),
	STAGE(KMSG_DUMP, IF(IS(POST, 1))),
	KDUMP(),
	STAGE(STOP_CPUS, PLAIN_STOP),
	LIST(PRE), LIST(POST),
	STAGE(KMSG_DUMP),
	FLUSH,
	STAGE(SYS_INFO, .open = SYS_OPEN),
	STAGE(REBOOT_WAIT), STAGE(REBOOT), STAGE(HALT),
};

static const struct trail_member pre_and_post[] = {
	{ .by = TRAIL_FITS_FUNCTION, .words = "rcu_panic", .lists = BIT(PRE) },
	{ .by = TRAIL_FITS_RISK, .words = "medium high", .lists = BIT(POST) },
	{ .by = TRAIL_FITS_CATALOGUED, .lists = BIT(PRE) | BIT(POST),
	  .why = "the mail names no more than rcu_panic for the pre list: callbacks without risk" },
	{ .by = TRAIL_FITS_ALL, .lists = BIT(PRE) | BIT(POST), .why = "it is not catalogued" },
};

/* ---- three lists ---------------------------------------------------------- */

enum { HYPERVISOR, INFO, REBOOT, LOOP };

static const struct trail_order_step three_lists[] = {
	STAGE(DIRECT_KEXEC, .open = GATE_OPEN, IF(IS(OOPS, 1))),
	HEAD,
	STAGE(CPU_BACKTRACES, .open = BACKTRACES_OPEN),
	STAGE(STOP_CPUS, CRASH_STOP, IF(IS(POST_HYPERVISOR, 1))),
	STAGE(STOP_CPUS, CRASH_STOP, IF(IS(PRINT, 1))),
	STAGE(STOP_CPUS, CRASH_STOP, IF(IS(DUMPER, 1))),
	LIST(HYPERVISOR, IF(IS(POST_HYPERVISOR, 1))),
	LIST(INFO, IF(IS(DUMPER, 1))),
	STAGE(SYS_INFO),
	STAGE(KMSG_DUMP),
	KDUMP(),
	STAGE(STOP_CPUS, PLAIN_STOP),
	LIST(HYPERVISOR), LIST(INFO), LIST(REBOOT),
	TAIL,
};

static const struct trail_member by_class[] = {
	{ .by = TRAIL_FITS_CLASS, .words = "hypervisor", .lists = BIT(HYPERVISOR) },
	{ .by = TRAIL_FITS_CLASS, .words = "info", .lists = BIT(INFO) },
	{ .by = TRAIL_FITS_CLASS, .words = "reboot", .lists = BIT(REBOOT) },
	{ .by = TRAIL_FITS_ALL, .lists = BIT(HYPERVISOR) | BIT(INFO) | BIT(REBOOT), .why = "it is not catalogued" },
};

static const struct trail_order_note three_lists_notes[] = {
	{ .when = { IS(PRINT, 1), IS(POST_HYPERVISOR, 0), IS(DUMPER, 0) },
	  .text = "in words the mail stops the CPUs for hypervisor notifiers and kmsg dumpers only, in its code for panic_print, too; this is the code" },
	{ .text = NULL },
};

/* ---- levels --------------------------------------------------------------- */

enum { PRE_REBOOT = REBOOT, POST_REBOOT = LOOP };

/* what belongs to the info list goes before kdump by the level, by the flag, or with a dumper */
#define WITH_INFO(make, ...) \
	make(__VA_ARGS__, IF(AT_LEAST(LEVEL, 3))), make(__VA_ARGS__, IF(IS(FLAG, 1))), \
	make(__VA_ARGS__, IF(IS(LEVEL, 2), IS(DUMPER, 1)))

static const struct trail_order_step levels[] = {
	STAGE(DIRECT_KEXEC, IF(IS(OOPS, 1), IS(LEVEL, 0), IS(FLAG, 0))),
	HEAD,
	KDUMP(IF(IS(LEVEL, 0))), /* whatever the flag */
	STAGE(STOP_CPUS, CRASH_STOP),
	LIST(HYPERVISOR, IF(AT_LEAST(LEVEL, 1))),
	LIST(HYPERVISOR, IF(IS(FLAG, 1))),
	WITH_INFO(LIST, INFO),
	WITH_INFO(STAGE, CPU_BACKTRACES),
	WITH_INFO(STAGE, SYS_INFO),
	WITH_INFO(STAGE, KMSG_DUMP),
	LIST(PRE_REBOOT, IF(AT_LEAST(LEVEL, 4))),
	LIST(PRE_REBOOT, IF(IS(FLAG, 1))),
	KDUMP(),
	LIST(HYPERVISOR), LIST(INFO), STAGE(CPU_BACKTRACES), STAGE(SYS_INFO), STAGE(KMSG_DUMP), LIST(PRE_REBOOT),
	FLUSH,
	STAGE(REBOOT_WAIT), STAGE(REBOOT), LIST(POST_REBOOT), STAGE(HALT),
};

#define SERIES_LISTS (BIT(HYPERVISOR) | BIT(INFO) | BIT(PRE_REBOOT))

static const struct trail_member by_series[] = {
	{ .by = TRAIL_FITS_SOURCE, .words = "drivers/char/ipmi/ipmi_msghandler.c", .lists = BIT(PRE_REBOOT),
	  .moved = true, .priority = INT_MIN + 1 },
	{ .by = TRAIL_FITS_SOURCE, .words = "arch/xtensa/platforms/iss/setup.c", .lists = BIT(PRE_REBOOT),
	  .moved = true, .priority = INT_MIN },
	{ .by = TRAIL_FITS_SOURCE, .words = "kernel/hung_task.c kernel/rcu/tree_stall.h", .lists = BIT(INFO),
	  .moved = true, .priority = INT_MAX },
	{ .by = TRAIL_FITS_LIST, .words = "hypervisor", .lists = BIT(HYPERVISOR) },
	{ .by = TRAIL_FITS_LIST, .words = "informational", .lists = BIT(INFO) },
	{ .by = TRAIL_FITS_LIST, .words = "pre-reboot", .lists = BIT(PRE_REBOOT) },
	{ .by = TRAIL_FITS_CATALOGUED, .lists = SERIES_LISTS, .why = "the series does not put it in a list" },
	{ .by = TRAIL_FITS_ALL, .lists = SERIES_LISTS, .why = "it is not catalogued" },
};

static const struct trail_order_note levels_notes[] = {
	{ .when = { IS(LEVEL, 0), IS(FLAG, 1) },
	  .text = "level 0 goes before the flag: the code of the series asks only the level before the first kdump" },
	{ .text = NULL },
};

/* ---- the counter-draft ---------------------------------------------------- */

static const struct trail_order_step counter[] = {
	STAGE(DIRECT_KEXEC, .open = GATE_OPEN, IF(IS(OOPS, 1))),
	HEAD,
	KDUMP(IF(IS(PREFER, 1))),
	STAGE(CPU_BACKTRACES, .open = BACKTRACES_OPEN),
	STAGE(STOP_CPUS, CRASH_STOP, IF(IS(CRASH_KERNEL, 1))),
	STAGE(STOP_CPUS, PLAIN_STOP),
	LIST(HYPERVISOR),
	KDUMP(IF(IS(DUMPER, 0))),
	LIST(INFO),
	STAGE(SYS_INFO, .open = SYS_OPEN),
	STAGE(KMSG_DUMP),
	KDUMP(),
	FLUSH,
	STAGE(SYS_INFO, .open = SYS_OPEN),
	STAGE(REBOOT_WAIT), LIST(REBOOT), STAGE(REBOOT), LIST(LOOP), STAGE(HALT),
};

static const struct trail_member by_class_and_loop[] = {
	{ .by = TRAIL_FITS_SOURCE, .lists = BIT(LOOP),
	  .words = "drivers/leds/trigger/ledtrig-panic.c drivers/leds/trigger/ledtrig-heartbeat.c "
		   "drivers/leds/trigger/ledtrig-activity.c drivers/misc/ibmasm/heartbeat.c "
		   "arch/mips/sgi-ip22/ip22-reset.c arch/mips/sgi-ip32/ip32-reset.c" },
	{ .by = TRAIL_FITS_CLASS, .words = "hypervisor", .lists = BIT(HYPERVISOR) },
	{ .by = TRAIL_FITS_CLASS, .words = "info", .lists = BIT(INFO) },
	{ .by = TRAIL_FITS_CLASS, .words = "reboot", .lists = BIT(REBOOT) },
	{ .by = TRAIL_FITS_ALL, .lists = BIT(HYPERVISOR) | BIT(INFO) | BIT(REBOOT) | BIT(LOOP), .why = "it is not catalogued" },
};

/* ---- the two drafts before them ------------------------------------------- */

enum { WATCHDOGS, DRAFT_INFO, DRAFT_HYPERVISOR, REST };

static const struct trail_order_step four_lists[] = {
	STAGE(DIRECT_KEXEC, .open = GATE_OPEN, IF(IS(OOPS, 1))),
	HEAD,
	LIST(WATCHDOGS), LIST(DRAFT_INFO),
	STAGE(CPU_BACKTRACES, .open = BACKTRACES_OPEN),
	STAGE(SYS_INFO),
	KDUMP(IF(IS(POST_KMSG, 0))),
	STAGE(STOP_CPUS, PLAIN_STOP, IF(IS(POST_KMSG, 0))),
	STAGE(STOP_CPUS, CRASH_STOP),
	STAGE(KMSG_DUMP),
	KDUMP(),
	LIST(DRAFT_HYPERVISOR), LIST(REST),
	TAIL,
};

#define ANY_OF_FOUR (BIT(WATCHDOGS) | BIT(DRAFT_INFO) | BIT(DRAFT_HYPERVISOR) | BIT(REST))

static const struct trail_member by_draft[] = {
	{ .by = TRAIL_FITS_FUNCTION, .words = "hung_task_panic rcu_panic", .lists = BIT(WATCHDOGS) },
	{ .by = TRAIL_FITS_FUNCTION, .words = "dump_kernel_offset trace_panic_handler trace_die_panic_handler",
	  .lists = BIT(DRAFT_INFO) },
	{ .by = TRAIL_FITS_FUNCTION, .words = "xen_panic_event pvpanic_panic_notify hyperv_panic_event",
	  .lists = BIT(DRAFT_HYPERVISOR) },
	{ .by = TRAIL_FITS_SOURCE, .lists = BIT(REST),
	  .words = "drivers/char/ipmi/ipmi_msghandler.c drivers/misc/ibmasm/heartbeat.c "
		   "drivers/leds/trigger/ledtrig-panic.c" },
	{ .by = TRAIL_FITS_CATALOGUED, .lists = ANY_OF_FOUR, .why = "the mail does not name it" },
	{ .by = TRAIL_FITS_ALL, .lists = ANY_OF_FOUR, .why = "it is not catalogued" },
};

#define DUMP_STAGE_OPEN "the mail has one dump stage between its lists; what is first in it is not said"
#define STOP_OPEN       "the mail does not say where the CPUs are stopped"

static const struct trail_order_step two_lists[] = {
	STAGE(DIRECT_KEXEC, .open = GATE_OPEN, IF(IS(OOPS, 1))),
	HEAD,
	STAGE(CPU_BACKTRACES, .open = BACKTRACES_OPEN),
	STAGE(STOP_CPUS, .open = STOP_OPEN),
	LIST(PRE),
	STAGE(SYS_INFO, .open = SYS_OPEN),
	STAGE(KMSG_DUMP, .open = DUMP_STAGE_OPEN),
	KDUMP(),
	STAGE(STOP_CPUS, PLAIN_STOP),
	STAGE(KMSG_DUMP),
	LIST(POST),
	FLUSH,
	STAGE(SYS_INFO, .open = SYS_OPEN),
	STAGE(REBOOT_WAIT), STAGE(REBOOT), STAGE(HALT),
};

static const struct trail_member before_or_behind[] = {
	{ .by = TRAIL_FITS_ALL, .lists = BIT(PRE) | BIT(POST), .why = "the mail does not say what is in which list" },
};

/* ---- the table ------------------------------------------------------------ */

#define STEPS(array)   .steps = array, .n_steps = TRAIL_ARRAY_SIZE(array)
#define FIXED(i, v)    { TRAIL_INPUT_ ## i, v, true }
#define DEFAULTS(i, v) { TRAIL_INPUT_ ## i, v, false }

const struct trail_order_model trail_order_models[] = {
	{ .name = "vanilla", .about = "today's kernel without crash_kexec_post_notifiers: kdump first",
	  .source = "kernel/panic.c panic()",
	  .lists = { "" }, .members = one_list, STEPS(mainline), .inputs = { FIXED(FLAG, 0) }, .variants = { "vanilla", NULL } },
	{ .name = "post-notifiers", .about = "today's kernel with crash_kexec_post_notifiers: kdump after notifiers and kmsg_dump",
	  .source = "kernel/panic.c panic(), since v3.18",
	  .lists = { "" }, .members = one_list, STEPS(mainline), .inputs = { FIXED(FLAG, 1) }, .variants = { "post-notifiers", NULL } },
	{ .name = "filter", .about = "today's order; only the callbacks that are named are ever registered",
	  .source = "panic_notifier_filter, G. Piccoli, V2 to V4, January 2022",
	  .lists = { "filter", "not registered" }, .members = chosen, STEPS(mainline), .wants_names = true, .variants = { NULL } },
	{ .name = "mladek-four-lists", .about = "four lists; watchdogs and info always before kdump",
	  .source = "first draft, P. Mladek, 2022-01-20",
	  .lists = { "watchdogs", "info", "hypervisor", "rest" }, .members = by_draft, STEPS(four_lists),
	  .inputs = { DEFAULTS(POST_KMSG, 0) }, .variants = { "mladek-four-lists", "mladek-four-lists=post-kmsg", NULL } },
	{ .name = "mladek-two-lists", .about = "a list before the dump stage and a list after it",
	  .source = "second draft, P. Mladek, 2022-01-20",
	  .lists = { "pre-dump", "post-dump" }, .members = before_or_behind, STEPS(two_lists), .variants = { "mladek-two-lists", NULL } },
	{ .name = "two-parameters", .about = "callbacks without risk before kdump unless disabled, the others only on demand",
	  .source = "G. Piccoli, 2022-01-27",
	  .lists = { "pre", "post" }, .members = pre_and_post, STEPS(two_parameters),
	  .inputs = { DEFAULTS(PRE, 1), DEFAULTS(POST, 0) },
	  .variants = { "two-parameters", "two-parameters=no-pre", "two-parameters=post", "two-parameters=no-pre,post", NULL } },
	{ .name = "mladek", .about = "three lists; before kdump only what its parameters and the dumpers ask for",
	  .source = "P. Mladek, 2022-01-28",
	  .lists = { "hypervisor", "info", "reboot" }, .members = by_class, STEPS(three_lists),
	  .inputs = { DEFAULTS(POST_HYPERVISOR, 0) }, .variants = { "mladek", "mladek=post-hypervisor", NULL }, .notes = three_lists_notes },
	{ .name = "piccoli", .about = "four lists; a level says which of them go before kdump",
	  .source = "The panic notifiers refactor, V1, G. Piccoli, 2022-04-27, patches 19 to 24",
	  .lists = { "hypervisor", "info", "pre-reboot", "post-reboot" }, .members = by_series, STEPS(levels),
	  .inputs = { DEFAULTS(LEVEL, 2), DEFAULTS(FLAG, 0) },
	  .variants = { "piccoli=0", "piccoli=1", "piccoli=2", "piccoli=3", "piccoli=4", NULL }, .notes = levels_notes },
	{ .name = "mladek-counter", .about = "hypervisor list first; kdump as soon as no dumper wants more",
	  .source = "answer to the refactor, P. Mladek, 2022-05-12",
	  .lists = { "hypervisor", "info", "reboot", "loop" }, .members = by_class_and_loop, STEPS(counter),
	  .inputs = { DEFAULTS(PREFER, 0) }, .variants = { "mladek-counter", "mladek-counter=prefer", NULL } },
};
/* clang-format on */
const size_t trail_n_order_models = TRAIL_ARRAY_SIZE(trail_order_models);
