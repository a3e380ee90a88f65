/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the checks of several rules ask of a crash; see checks.h. */
#include "policy/checks.h"

#include <inttypes.h>

const struct trail_stage_verdict *trail_judge_stage(const struct trail_judge *j,
						    enum trail_stage stage)
{
	long rank = trail_judge_rank(j, stage);

	return rank < 0 ? NULL : &j->timeline->stages[rank];
}

void trail_judge_cite_stage(struct trail_judge *j, struct trail_refs *evidence,
			    enum trail_stage stage)
{
	const struct trail_stage_verdict *verdict = trail_judge_stage(j, stage);

	if (verdict)
		trail_judge_cite(j, evidence, &verdict->evidence);
}

long trail_judge_rank(const struct trail_judge *j, enum trail_stage stage)
{
	for (size_t i = 0; i < j->timeline->n_stages; i++)
		if (j->timeline->stages[i].stage == stage)
			return (long)i;
	return -1;
}

enum trail_outcome trail_judge_outcome(const struct trail_judge *j, enum trail_stage stage)
{
	const struct trail_stage_verdict *verdict = trail_judge_stage(j, stage);

	return verdict ? verdict->outcome : TRAIL_OUTCOME_UNKNOWN;
}

bool trail_judge_crashed(const struct trail_judge *j)
{
	return j->timeline->entered == TRAIL_YES ||
	       j->timeline->frontier == TRAIL_STAGE_DIRECT_KEXEC;
}

enum trail_result trail_judge_no_crash(const struct trail_judge *j)
{
	return j->timeline->entered == TRAIL_NO ? TRAIL_RESULT_NOT_APPLICABLE
						: TRAIL_RESULT_UNKNOWN;
}

enum trail_tristate trail_judge_began(const struct trail_judge *j, enum trail_stage stage)
{
	const struct trail_stage_verdict *verdict = trail_judge_stage(j, stage);

	if (!verdict)
		return TRAIL_NO;
	switch (verdict->outcome) {
	case TRAIL_OUTCOME_DONE:
	case TRAIL_OUTCOME_IN_PROGRESS:
		return TRAIL_YES;
	case TRAIL_OUTCOME_NOT_REACHED:
	case TRAIL_OUTCOME_SKIPPED:
		return TRAIL_NO;
	default:
		return TRAIL_MAYBE;
	}
}

bool trail_judge_passed(const struct trail_judge *j, enum trail_stage stage)
{
	long rank = trail_judge_rank(j, stage);

	return rank >= 0 && j->timeline->frontier != TRAIL_N_STAGES &&
	       trail_judge_rank(j, j->timeline->frontier) > rank;
}

enum trail_tristate trail_judge_is_set(const struct trail_judge *j, const char *name)
{
	if (!trail_facts_has(j->facts, name))
		return TRAIL_MAYBE;
	return trail_facts_value(j->facts, name, 0) ? TRAIL_YES : TRAIL_NO;
}

bool trail_judge_is_text(const struct trail_judge *j)
{
	return j->facts->format == TRAIL_FORMAT_NONE;
}

enum trail_tristate trail_judge_armed(const struct trail_judge *j)
{
	enum trail_method method = j->timeline->method;

	if (trail_judge_is_text(j))
		return j->timeline->text_config.crash_kernel_loaded;
	if (method == TRAIL_METHOD_KDUMP || method == TRAIL_METHOD_FADUMP)
		return TRAIL_YES;
	/* a kernel without names of variables lacks the variable's too: only its code tells */
	if (trail_judge_is_set(j, "feature.kexec") == TRAIL_NO)
		return TRAIL_NO;
	return trail_judge_is_set(j, "kexec_crash_image");
}

enum trail_tristate trail_judge_late(const struct trail_judge *j)
{
	enum trail_point point = j->timeline->point;

	if (point == TRAIL_POINT_LATE)
		return TRAIL_YES;
	if (point == TRAIL_POINT_EARLY || point == TRAIL_POINT_DIRECT)
		return TRAIL_NO;
	if (trail_judge_is_text(j))
		return j->timeline->text_config.post_notifiers;
	return trail_judge_is_set(j, "crash_kexec_post_notifiers");
}

void trail_judge_cite_armed(struct trail_judge *j, struct trail_refs *evidence)
{
	trail_judge_cite_scalar(j, evidence, "kexec_crash_image");
	/* that something is not said counts here: these pieces may speak against it */
	for (size_t i = 0; trail_judge_is_text(j) && i < j->timeline->text_config.evidence.n; i++)
		trail_refs_add(&j->builder, evidence,
			       (long)j->timeline->text_config.evidence.ids[i]);
}

size_t trail_judge_panic_text(const struct trail_judge *j)
{
	size_t i = 0;

	while (i < j->facts->n_texts && !(j->facts->texts[i].kind == TRAIL_TEXT_DUMP &&
					  j->facts->texts[i].role == TRAIL_ROLE_DEAD &&
					  trail_streq(j->facts->texts[i].reason, "Panic")))
		i++;
	return i;
}

const char *trail_judge_say_text(struct trail_judge *j, size_t i)
{
	const struct trail_text_facts *t = &j->facts->texts[i];
	const char *form = t->form ? t->form : "pstore";

	if (t->kind == TRAIL_TEXT_CONSOLE)
		return trail_timeline_say(&j->builder, "the console ring of %s", form);
	if (t->kind != TRAIL_TEXT_DUMP)
		return trail_timeline_say(&j->builder, "the %s log", t->form ? t->form : "");
	if (!t->reason || !t->count)
		return trail_timeline_say(&j->builder, "the record of %s", form);
	return trail_timeline_say(&j->builder, "%s#%u of %s", t->reason, t->count, form);
}

enum trail_tristate trail_judge_has_dumper(const struct trail_judge *j)
{
	if (j->facts->dumpers_presence != TRAIL_PRESENT)
		return TRAIL_MAYBE;
	return j->facts->n_dumpers ? TRAIL_YES : TRAIL_NO;
}

enum trail_tristate trail_judge_info_first(const struct trail_judge *j)
{
	long info = trail_judge_rank(j, TRAIL_STAGE_SYS_INFO);

	/* there are two places for it: without the feature the list holds a guess */
	if (info < 0 || !trail_facts_has(j->facts, "feature.cpu-backtraces"))
		return TRAIL_MAYBE;
	return info < trail_judge_rank(j, TRAIL_STAGE_KMSG_DUMP) ? TRAIL_YES : TRAIL_NO;
}

bool trail_judge_tells_hypervisor(const struct trail_judge *j, size_t i)
{
	const char *function = j->facts->notifiers[i].function;

	/* these two tell nobody: Xen is told by the final reboot, and only without a crash kernel;
	 * the firmware of SEV-SNP is shut down.  Source: arch/x86/xen/enlighten.c,
	 * drivers/crypto/ccp/sev-dev.c */
	return trail_streq(j->timeline->notifiers[i].class,
			   trail_class_names[TRAIL_CLASS_HYPERVISOR]) &&
	       !trail_same_function(function, "snp_shutdown_on_panic") &&
	       !(trail_same_function(function, "xen_panic_event") &&
		 trail_judge_armed(j) != TRAIL_NO);
}

long trail_judge_last_record(const struct trail_judge *j, const char *start)
{
	const struct trail_log_facts *log = j->timeline->log;
	size_t n = strlen(start);

	for (size_t i = log->n; i-- > 0;)
		if (!log->records[i].facility && log->records[i].length >= n &&
		    memcmp(log->records[i].text, start, n) == 0)
			return (long)i;
	return -1;
}

const char *trail_judge_function(struct trail_judge *j, const char *function, const char *module)
{
	if (!function)
		return "a callback without a symbol";
	return module ? trail_timeline_say(&j->builder, "%s() [%s]", function, module)
		      : trail_timeline_say(&j->builder, "%s()", function);
}

/* A replay prints all again from the first record on: until it is over a console's count says
 * nothing.  Source: kernel/printk/printk.c console_flush_on_panic(). */
static bool may_replay(const struct trail_judge *j)
{
	enum trail_outcome replay = trail_judge_outcome(j, TRAIL_STAGE_CONSOLE_REPLAY);

	return trail_facts_value(j->facts, "replay.mask", 0) &&
	       (replay == TRAIL_OUTCOME_IN_PROGRESS || replay == TRAIL_OUTCOME_UNKNOWN);
}

/*
 * A real-time kernel from before the nbcon consoles counts apart what a console
 * prints in a panic, and that count is not read.
 * Source: include/linux/console.h struct console, atomic_data; the PREEMPT_RT
 * patch of v6.1.
 */
static bool counts_apart(const struct trail_judge *j)
{
	return j->facts->version && strstr(j->facts->version, "PREEMPT_RT") &&
	       !trail_facts_has(j->facts, "legacy_allow_panic_sync");
}

bool trail_judge_unprinted(const struct trail_judge *j, size_t i, uint64_t *ret)
{
	const struct trail_console_facts *console = &j->facts->consoles[i];
	const struct trail_log_facts *log = j->timeline->log;

	if (log->presence != TRAIL_PRESENT || console->seq_presence != TRAIL_PRESENT ||
	    console->seq > log->next_seq || may_replay(j) || counts_apart(j))
		return false;
	*ret = log->next_seq - console->seq;
	return true;
}

long trail_judge_best_console(const struct trail_judge *j, uint64_t *unprinted_ret)
{
	long best = -1;

	for (size_t i = 0; i < j->facts->n_consoles; i++) {
		uint64_t unprinted;
		if (!j->facts->consoles[i].enabled || !trail_judge_unprinted(j, i, &unprinted) ||
		    (best >= 0 && unprinted >= *unprinted_ret))
			continue;
		*unprinted_ret = unprinted;
		best = (long)i;
	}
	return best;
}

bool trail_judge_has_console(const struct trail_judge *j)
{
	for (size_t i = 0; i < j->facts->n_consoles; i++)
		if (j->facts->consoles[i].enabled)
			return true;
	return false;
}

/* How far console @i has come, or only that it is enabled. */
static const char *say_console(struct trail_judge *j, size_t i)
{
	const struct trail_console_facts *console = &j->facts->consoles[i];
	uint64_t unprinted = 0;

	if (!trail_judge_unprinted(j, i, &unprinted))
		return trail_timeline_say(&j->builder, "%s is enabled", console->name);
	if (!unprinted)
		return trail_timeline_say(&j->builder, "%s has taken the whole log", console->name);
	return trail_timeline_say(
		&j->builder, "%s has taken the log before record %" PRIu64 ", %" PRIu64 " are left",
		console->name, console->seq, unprinted);
}

void trail_judge_cite_consoles(struct trail_judge *j, struct trail_refs *evidence)
{
	struct trail_builder *b = &j->builder;

	for (size_t i = 0; i < j->facts->n_consoles; i++) {
		const struct trail_console_facts *console = &j->facts->consoles[i];
		if (console->enabled)
			trail_judge_cite_fact(j, evidence,
					      trail_timeline_say(b, "console %s", console->name),
					      TRAIL_SOURCE_MEMORY, say_console(j, i),
					      trail_timeline_say(b, "struct console at 0x%" PRIx64,
								 console->address));
	}
	if (!trail_judge_has_console(j) && j->facts->consoles_presence == TRAIL_PRESENT)
		trail_judge_cite_fact(j, evidence, "consoles", TRAIL_SOURCE_MEMORY,
				      "no console is registered and enabled",
				      "the list of consoles");
}

void trail_judge_cite_callback(struct trail_judge *j, struct trail_refs *evidence, size_t i)
{
	const struct trail_notifier_facts *n = &j->facts->notifiers[i];
	struct trail_builder *b = &j->builder;

	trail_judge_cite_fact(
		j, evidence, trail_timeline_say(b, "notifier %zu", i + 1), TRAIL_SOURCE_MEMORY,
		trail_timeline_say(b, "%s is notifier %zu",
				   trail_judge_function(j, n->function, n->module), i + 1),
		trail_timeline_say(b, "struct notifier_block at 0x%" PRIx64, n->block));
}

void trail_judge_cite_dumper(struct trail_judge *j, struct trail_refs *evidence, size_t i)
{
	const struct trail_dumper_facts *d = &j->facts->dumpers[i];
	struct trail_builder *b = &j->builder;

	trail_judge_cite_fact(
		j, evidence, trail_timeline_say(b, "kmsg dumper %zu", i + 1), TRAIL_SOURCE_MEMORY,
		trail_timeline_say(b, "%s is kmsg dumper %zu",
				   trail_judge_function(j, d->function, d->module), i + 1),
		trail_timeline_say(b, "struct kmsg_dumper at 0x%" PRIx64, d->address));
}
