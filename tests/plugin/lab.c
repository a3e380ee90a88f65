/* SPDX-License-Identifier: MIT */
/* A plugin for the callbacks of tests/lab/labmod: a class, facts, witnesses, rules, both callbacks.
 */
#include "panictrail/host.h"
#include "panictrail/plugin.h"

static const struct panictrail_need needs[] = {
	{ PANICTRAIL_NEED_NOTIFIER, "lab_nb_setvar lab_nb_print lab_nb_hang" },
	{ PANICTRAIL_NEED_ARCH, "x86_64 aarch64" },
	{ 0 },
};

static const struct panictrail_notifier notifiers[] = {
	{ .function = "lab_nb_hang",
	  .module = "labmod",
	  .class_ = PANICTRAIL_CLASS_HYPERVISOR,
	  .risk = PANICTRAIL_HIGH,
	  .reason = "it never returns",
	  .does = "hangs, for the lab",
	  .source = "tests/lab/labmod/labmod.c" },
	{ .function = "lab_nb_print",
	  .module = "labmod",
	  .class_ = PANICTRAIL_CLASS_INFO,
	  .risk = PANICTRAIL_LOW,
	  .reason = "only prints",
	  .does = "prints its name",
	  .source = "tests/lab/labmod/labmod.c" },
	{ 0 },
};

static const struct panictrail_fact facts[] = {
	{ .name = "lab-var",
	  .kind = PANICTRAIL_FACT_VARIABLE,
	  .symbol = "lab_var",
	  .module = "labmod",
	  .width = 8,
	  .what = "what lab_nb_setvar() leaves",
	  .source = "tests/lab/labmod/labmod.c" },
	{ .name = "timeout",
	  .kind = PANICTRAIL_FACT_VARIABLE,
	  .symbol = "panic_timeout",
	  .width = 4,
	  .is_signed = 1,
	  .what = "seconds until the reboot",
	  .source = "kernel/panic.c panic_timeout" },
	{ .name = "callbacks",
	  .kind = PANICTRAIL_FACT_COLLECTED,
	  .is_signed = 1,
	  .what = "callbacks of labmod on the chain",
	  .source = "tests/lab/labmod/labmod.c" },
	{ 0 },
};

static const struct panictrail_witness witnesses[] = {
	{ .function = "lab_nb_setvar",
	  .module = "labmod",
	  .outcome = PANICTRAIL_CALL_CALLED,
	  .strength = PANICTRAIL_CERTAIN,
	  .when = { { PANICTRAIL_LOOK_FACT, PANICTRAIL_AT_LEAST, "lab-var", 0x1ab0000 } },
	  .statement = "lab_nb_setvar() has set lab_var",
	  .source = "tests/lab/labmod/labmod.c lab_nb_setvar() alone sets it so" },
	{ .function = "lab_nb_print",
	  .module = "labmod",
	  .outcome = PANICTRAIL_CALL_CALLED,
	  .strength = PANICTRAIL_CERTAIN,
	  .when = { { PANICTRAIL_LOOK_LOG_AFTER, PANICTRAIL_IS, "labmod: notifier ", 1 } },
	  .statement = "lab_nb_print() has printed its line after the panic line",
	  .source = "tests/lab/labmod/labmod.c lab_nb_print()" },
	{ 0 },
};

static const struct panictrail_rule rules[] = {
	{ .id = "lab:hang-returned",
	  .severity = PANICTRAIL_WARNING,
	  .statement = "lab_nb_hang() returns.",
	  .message = "lab_nb_hang() was called and did not return",
	  .remedy = "Do not load labmod.",
	  .source = "tests/lab/labmod/labmod.c",
	  .fails = { { PANICTRAIL_LOOK_NOTIFIER, PANICTRAIL_IS, "lab_nb_hang",
		       PANICTRAIL_CALL_IN_PROGRESS } } },
	{ .id = "lab:reboots",
	  .severity = PANICTRAIL_NOTE,
	  .statement = "The machine comes back by itself.",
	  .message = "panic_timeout is 0: it waits for somebody",
	  .source = "kernel/panic.c",
	  .fails = { { PANICTRAIL_LOOK_FACT, PANICTRAIL_IS, "timeout", 0 } } },
	{ .id = "lab:first",
	  .severity = PANICTRAIL_NOTE,
	  .statement = "pvpanic stands first.",
	  .source = "tests/lab/labmod/labmod.c" },
	{ 0 },
};

static int is_lab(const char *module)
{
	static const char name[] = "labmod";

	for (size_t i = 0; module && i < sizeof(name); i++)
		if (module[i] != name[i])
			return 0;
	return module != NULL;
}

static int collect(const struct panictrail_host *host)
{
	struct panictrail_callback c;
	uint64_t n = 0;

	for (size_t i = 0; host->callback(host, i, &c) == PANICTRAIL_HOST_OK; i++)
		n += is_lab(c.module);
	host->set_fact(host, "callbacks", n);
	return PANICTRAIL_OK;
}

static int check(const struct panictrail_host *host)
{
	struct panictrail_callback c;
	uint32_t id, stage;
	char name[] = "?";

	if (host->callback(host, 0, &c) != PANICTRAIL_HOST_OK || !c.function)
		return PANICTRAIL_OK;
	name[0] = c.function[0];
	host->say_text(host, "first-letter", name);
	if (host->stage(host, "notifiers", &stage) == PANICTRAIL_HOST_OK)
		host->say_number(host, "notifiers-stage", stage);
	if (name[0] == 'p')
		return host->say_pass(host, "lab:first");
	host->say_evidence(host, "first callback", PANICTRAIL_CERTAIN, "it is not pvpanic's", NULL,
			   &id);
	return host->say_finding(host, "lab:first", "another callback stands first", &id, 1);
}

PANICTRAIL_EXPORT const struct panictrail_plugin panictrail_plugin = {
	.abi = PANICTRAIL_ABI,
	.size = sizeof(struct panictrail_plugin),
	.name = "lab",
	.version = "1.0",
	.licence = "MIT",
	.about = "callbacks of the lab's module",
	.needs = needs,
	.notifiers = notifiers,
	.facts = facts,
	.witnesses = witnesses,
	.rules = rules,
	.collect = collect,
	.check = check,
};
