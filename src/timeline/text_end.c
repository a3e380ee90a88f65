/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How it ended, as texts tell it: whether a crash kernel was loaded and
 * started, from where, whether it wrote a dump; and what they tell of single
 * stages.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "timeline/evidence.h"
#include "timeline/texts.h"
#include "timeline/verdicts.h"

#define POST_NOTIFIERS "crash_kexec_post_notifiers"

static bool is_dead(const struct trail_builder *b, size_t i)
{
	return b->facts->texts[i].role == TRAIL_ROLE_DEAD;
}

static const char *arch_of(const struct trail_builder *b, size_t i)
{
	return b->facts->texts[i].arch ? b->facts->texts[i].arch : b->facts->arch;
}

static const char *cmdline_of(const struct trail_builder *b, size_t i)
{
	return b->facts->texts[i].cmdline ? b->facts->texts[i].cmdline : b->facts->cmdline;
}

/* ---- parameters ---------------------------------------------------------- */

/* The last value of @name on a command line, NULL when it is not there; "" without a value. */
static const char *parameter(const char *cmdline, const char *name, size_t *n_ret)
{
	const char *found = NULL;
	size_t n = strlen(name);

	for (const char *s = cmdline; s && *s; s += strspn(s, " ")) {
		size_t length = strcspn(s, " ");
		if (strncmp(s, name, n) == 0 && (length == n || s[n] == '=')) {
			found = s + n + (length > n);
			*n_ret = length - n - (length > n);
		}
		s += length;
	}
	return found;
}

static bool is_off(const char *value, size_t n)
{
	return n && (*value == '0' || *value == 'n' || *value == 'N' ||
		     (n > 1 && *value == 'o' && value[1] == 'f'));
}

/* "Kdump: loaded" at the head of the panic's stack, or a whole head without it. */
static void read_loaded(struct trail_builder *b, size_t i)
{
	const struct trail_text_read *read = &b->reads[i];
	struct trail_text_config *config = &b->timeline->text_config;
	struct trail_cpu_line head;

	if (!read->has_cpu_line || config->crash_kernel_loaded == TRAIL_YES ||
	    !trail_read_cpu_line(&b->facts->texts[i].log.records[read->cpu_line], &head) ||
	    (!head.loaded && (!head.whole || head.major < 5)))
		return;
	config->crash_kernel_loaded = head.loaded ? TRAIL_YES : TRAIL_NO;
	trail_refs_add(
		b, &config->evidence,
		trail_evidence_add(
			b, "config crash_kernel_loaded", !head.loaded, TRAIL_SOURCE_LOG,
			head.loaded ? TRAIL_CERTAIN : TRAIL_LIKELY,
			head.loaded
				? "the head of the stack says that a crash kernel was loaded"
				: "the head of the stack does not say \"Kdump: loaded\", which kernels since v5.0 do where one is",
			trail_text_where(b, i, read->cpu_line)));
}

/* panic() prints the seconds that it waits. */
static void read_timeout(struct trail_builder *b, size_t i)
{
	const struct trail_text_read *read = &b->reads[i];
	const struct trail_log_facts *log = &b->facts->texts[i].log;
	struct trail_text_config *config = &b->timeline->text_config;

	for (size_t k = read->panic + 1; read->has_panic && k < read->end && !config->has_timeout;
	     k++) {
		const struct trail_record *r = &log->records[k];
		int32_t seconds;
		if (!trail_read_number(trail_line_behind(r, "Rebooting in "), r->text + r->length,
				       &seconds))
			continue;
		config->has_timeout = true;
		config->timeout = seconds;
		trail_refs_add(b, &config->evidence,
			       trail_evidence_add(b, "config panic_timeout", false,
						  TRAIL_SOURCE_LOG, TRAIL_CERTAIN,
						  "panic() says how long it waits",
						  trail_text_where(b, i, k)));
	}
}

/* The command line is where parameters come from; sysfs and sysctl can have changed them. */
static void read_cmdline(struct trail_builder *b, size_t i)
{
	struct trail_text_config *config = &b->timeline->text_config;
	const char *cmdline = cmdline_of(b, i), *value;
	size_t n = 0;

	value = parameter(cmdline, POST_NOTIFIERS, &n);
	if (!value)
		value = parameter(cmdline, "kernel." POST_NOTIFIERS, &n);
	if (value && config->post_notifiers == TRAIL_MAYBE) {
		config->post_notifiers = is_off(value, n) ? TRAIL_NO : TRAIL_YES;
		trail_refs_add(b, &config->evidence,
			       trail_evidence_add(b, "config " POST_NOTIFIERS,
						  config->post_notifiers == TRAIL_NO,
						  TRAIL_SOURCE_CONFIG, TRAIL_LIKELY,
						  "the command line sets " POST_NOTIFIERS,
						  "command line"));
	}
	value = parameter(cmdline, "panic", &n);
	if (value && n && !config->has_timeout) {
		config->has_timeout = true;
		config->timeout = strtoll(value, NULL, 10);
		trail_refs_add(b, &config->evidence,
			       trail_evidence_add(b, "config panic_timeout", false,
						  TRAIL_SOURCE_CONFIG, TRAIL_LIKELY,
						  "the command line sets panic", "command line"));
	}
	value = parameter(cmdline, "panic_print", &n);
	if (value && n && !config->has_print) {
		config->has_print = true;
		config->print = strtoull(value, NULL, 0);
		trail_refs_add(b, &config->evidence,
			       trail_evidence_add(b, "config panic_print", false,
						  TRAIL_SOURCE_CONFIG, TRAIL_LIKELY,
						  "the command line sets panic_print",
						  "command line"));
	}
}

void trail_texts_read_config(struct trail_builder *b)
{
	for (size_t i = 0; i < b->facts->n_texts; i++)
		if (is_dead(b, i)) {
			read_loaded(b, i);
			read_timeout(b, i);
		}
	for (size_t i = 0; i < b->facts->n_texts; i++)
		if (is_dead(b, i))
			read_cmdline(b, i);
}

/* ---- the crash kernel was started ---------------------------------------- */

/* Evidence that it was, negative when there is none. */
static long started(struct trail_builder *b)
{
	for (size_t i = 0; i < b->facts->n_texts; i++) {
		const struct trail_text_facts *text = &b->facts->texts[i];
		if (b->reads[i].kdump >= 0)
			return b->reads[i].kdump;
		if (text->role == TRAIL_ROLE_CRASH_KERNEL && text->log.n)
			return trail_evidence_add(b, "dump", false, TRAIL_SOURCE_LOG, TRAIL_LIKELY,
						  "the crash kernel's own lines are there",
						  trail_text_where(b, i, 0));
	}
	return TRAIL_NO_EVIDENCE;
}

/*
 * A text in which the lines of notifiers would stand if they had run before
 * the crash kernel: a callback of these architectures always prints one, and
 * the console has printed on until the other kernel came.
 * Source: arch/x86/kernel/setup.c, arch/arm64/kernel/setup.c, registered by initcalls.
 */
static bool would_show_notifiers(const struct trail_builder *b, size_t i)
{
	const struct trail_text_facts *text = &b->facts->texts[i];
	const char *arch = arch_of(b, i);

	return is_dead(b, i) && (b->reads[i].has_panic || b->reads[i].has_entry) &&
	       b->reads[i].end == text->log.n && text->kind == TRAIL_TEXT_CAPTURE &&
	       !text->lost_end && !text->log.lost && arch && trail_arch_is_of("x86, arm64", arch);
}

/*
 * The last boot was left in good order: panic() does not return to come to that.
 */
static void find_orderly_end(struct trail_builder *b)
{
	struct trail_timeline *t = b->timeline;
	long end = TRAIL_NO_EVIDENCE;

	for (size_t i = 0; i < b->facts->n_texts; i++) {
		const struct trail_text_read *read = &b->reads[i];
		if (!is_dead(b, i))
			continue;
		if (read->has_panic || read->has_entry || read->has_oops || read->orderly < 0 ||
		    b->facts->texts[i].kind == TRAIL_TEXT_DUMP || b->facts->texts[i].lost_end)
			return;
		end = read->orderly;
	}
	if (end < 0 || t->entered != TRAIL_MAYBE || b->kexec >= 0)
		return;
	t->entered = TRAIL_NO;
	trail_refs_add(b, &t->panic_evidence, end);
}

static void enter_kexec(struct trail_builder *b, enum trail_stage stage,
			enum trail_strength strength, const char *statement, long from)
{
	struct trail_timeline *t = b->timeline;
	long id = trail_evidence_add(b, "frontier", false, TRAIL_SOURCE_INFERENCE, strength,
				     statement, NULL);

	trail_evidence_rests_on(b, id, from);
	for (size_t i = 0; i < t->frontier_evidence.n; i++)
		trail_evidence_rests_on(b, id, (long)t->frontier_evidence.ids[i]);
	t->frontier = stage;
	t->frontier_exact = true;
	t->frontier_evidence = (struct trail_refs){ 0 };
	b->went_on = false;
	trail_refs_add(b, &t->frontier_evidence, id);
	if (stage == TRAIL_STAGE_DIRECT_KEXEC) {
		t->entered = TRAIL_NO;
		trail_refs_add(b, &t->panic_evidence, id);
	}
}

void trail_texts_find_kexec(struct trail_builder *b)
{
	struct trail_timeline *t = b->timeline;
	long from = started(b);
	bool notifiers = false, shown = false, oops = false;

	b->kexec = from;
	if (from < 0) {
		find_orderly_end(b);
		return;
	}
	for (size_t i = 0; i < b->facts->n_texts; i++) {
		const struct trail_text_facts *text = &b->facts->texts[i];
		notifiers |= is_dead(b, i) &&
			     (b->reads[i].notifiers ||
			      (t->texts[i].exact && t->texts[i].frontier == TRAIL_STAGE_KMSG_DUMP));
		shown |= would_show_notifiers(b, i);
		oops |= is_dead(b, i) && b->reads[i].has_oops && !text->lost_end &&
			!text->log.lost && text->kind == TRAIL_TEXT_CAPTURE;
	}
	if (notifiers)
		enter_kexec(b, TRAIL_STAGE_KDUMP_LATE, TRAIL_LIKELY,
			    "the crash kernel was started, and notifiers had run before", from);
	else if (shown && t->text_config.post_notifiers != TRAIL_YES)
		enter_kexec(
			b, TRAIL_STAGE_KDUMP_EARLY, TRAIL_LIKELY,
			"the crash kernel was started, and no notifier had printed anything behind the panic line, as one of this architecture always does",
			from);
	else if (t->entered == TRAIL_MAYBE && oops)
		enter_kexec(
			b, TRAIL_STAGE_DIRECT_KEXEC, TRAIL_LIKELY,
			"the crash kernel was started behind an oops, and there is no panic line between",
			from);
}

/* ---- single stages ------------------------------------------------------- */

static void settle(struct trail_builder *b, enum trail_stage stage, enum trail_outcome outcome,
		   enum trail_strength strength, const char *statement,
		   const struct trail_refs *from)
{
	struct trail_timeline *t = b->timeline;

	for (size_t i = 0; i < t->n_stages; i++) {
		if (t->stages[i].stage != stage || t->stages[i].outcome != TRAIL_OUTCOME_UNKNOWN)
			continue;
		long id = trail_evidence_add(
			b, trail_timeline_say(b, "stage %s", trail_stage_names[stage]), false,
			TRAIL_SOURCE_INFERENCE, strength, statement, NULL);
		for (size_t k = 0; from && k < from->n; k++)
			trail_evidence_rests_on(b, id, (long)from->ids[k]);
		t->stages[i].outcome = outcome;
		trail_refs_add(b, &t->stages[i].evidence, id);
	}
}

/* The evidence of the frontier of a text that a record of kmsg_dump(KMSG_DUMP_PANIC) is; NULL. */
static const struct trail_refs *panic_record(const struct trail_builder *b)
{
	for (size_t i = 0; i < b->facts->n_texts; i++) {
		const struct trail_text_facts *text = &b->facts->texts[i];
		if (is_dead(b, i) && text->kind == TRAIL_TEXT_DUMP &&
		    trail_streq(text->reason, "Panic"))
			return &b->timeline->texts[i].evidence;
	}
	return NULL;
}

/* Does a whole text reach from the panic line to the end marker without the line of a wait? */
static bool no_wait(const struct trail_builder *b)
{
	for (size_t i = 0; i < b->facts->n_texts; i++)
		if (is_dead(b, i) && b->reads[i].has_panic &&
		    b->timeline->texts[i].frontier == TRAIL_STAGE_HALT &&
		    !b->facts->texts[i].log.lost && !b->timeline->text_config.has_timeout)
			return true;
	return false;
}

void trail_texts_settle_stages(struct trail_builder *b)
{
	struct trail_timeline *t = b->timeline;
	const struct trail_text_config *config = &t->text_config;
	const struct trail_refs *record = panic_record(b);

	if (t->frontier == TRAIL_N_STAGES || t->entered != TRAIL_YES)
		return;
	if (config->crash_kernel_loaded != TRAIL_MAYBE)
		settle(b, TRAIL_STAGE_DIRECT_KEXEC, TRAIL_OUTCOME_SKIPPED, TRAIL_LIKELY,
		       "panic() was entered", &t->panic_evidence);
	if (config->crash_kernel_loaded == TRAIL_NO && t->frontier > TRAIL_STAGE_KDUMP_EARLY)
		settle(b, TRAIL_STAGE_KDUMP_EARLY, TRAIL_OUTCOME_SKIPPED, TRAIL_LIKELY,
		       "no crash kernel was loaded", &config->evidence);
	if (config->crash_kernel_loaded == TRAIL_NO && t->frontier > TRAIL_STAGE_KDUMP_LATE)
		settle(b, TRAIL_STAGE_KDUMP_LATE, TRAIL_OUTCOME_SKIPPED, TRAIL_LIKELY,
		       "no crash kernel was loaded", &config->evidence);
	if (t->frontier > TRAIL_STAGE_KDUMP_EARLY && config->post_notifiers == TRAIL_YES)
		settle(b, TRAIL_STAGE_KDUMP_EARLY, TRAIL_OUTCOME_SKIPPED, TRAIL_LIKELY,
		       "kdump was to run late", &config->evidence);
	if (t->frontier == TRAIL_STAGE_KDUMP_LATE)
		settle(b, TRAIL_STAGE_KDUMP_EARLY, TRAIL_OUTCOME_SKIPPED, TRAIL_LIKELY,
		       "the crash kernel was started late", &t->frontier_evidence);
	if (record && t->frontier > TRAIL_STAGE_KMSG_DUMP)
		settle(b, TRAIL_STAGE_KMSG_DUMP, TRAIL_OUTCOME_DONE, TRAIL_LIKELY,
		       "a dumper has left its record, and panic() went on", record);
	if (t->frontier == TRAIL_STAGE_HALT && no_wait(b)) {
		settle(b, TRAIL_STAGE_REBOOT_WAIT, TRAIL_OUTCOME_SKIPPED, TRAIL_LIKELY,
		       "panic() came to its end and has not said that it waits",
		       &t->frontier_evidence);
		settle(b, TRAIL_STAGE_REBOOT, TRAIL_OUTCOME_SKIPPED, TRAIL_LIKELY,
		       "panic() came to its end, which it does not where a reboot is asked for",
		       &t->frontier_evidence);
	}
}

/* ---- why there is no dump ------------------------------------------------ */

static void because(struct trail_builder *b, enum trail_no_vmcore reason, long id)
{
	b->timeline->no_vmcore = trail_no_vmcore_names[reason];
	trail_refs_add(b, &b->timeline->no_vmcore_evidence, id);
}

/* By what is known of the parameters that decide whether and when the crash kernel is started. */
static void because_of(struct trail_builder *b, enum trail_no_vmcore reason,
		       const struct trail_refs *refs)
{
	b->timeline->no_vmcore = trail_no_vmcore_names[reason];
	for (size_t i = 0; i < refs->n; i++) {
		const char *claim = b->timeline->evidence[refs->ids[i]].claim;
		if (trail_streq(claim, "config crash_kernel_loaded") ||
		    (reason == TRAIL_NO_VMCORE_ENDED_BEFORE &&
		     trail_streq(claim, "config " POST_NOTIFIERS)))
			trail_refs_add(b, &b->timeline->no_vmcore_evidence, (long)refs->ids[i]);
	}
}

/* The crash kernel's own panic; where a dump was saved before it, that was said already. */
static bool crash_kernel_died(struct trail_builder *b)
{
	for (size_t i = 0; i < b->facts->n_texts; i++) {
		const struct trail_text_read *read = &b->reads[i];
		if (b->facts->texts[i].role != TRAIL_ROLE_CRASH_KERNEL || !read->has_panic)
			continue;
		because(b, TRAIL_NO_VMCORE_CRASH_KERNEL_DIED,
			trail_evidence_add(b, "dump", true, TRAIL_SOURCE_LOG, TRAIL_CERTAIN,
					   "the crash kernel panicked itself",
					   trail_text_where(b, i, read->panic)));
		return true;
	}
	return false;
}

/* A boot that came after, in the same file. */
static bool has_next(const struct trail_builder *b, const char *path)
{
	for (size_t i = 0; i < b->facts->n_texts; i++)
		if (b->facts->texts[i].role == TRAIL_ROLE_NEXT &&
		    trail_streq(b->facts->texts[i].path, path))
			return true;
	return false;
}

/* The last line that has a time is the last of all: nobody else printed behind it. */
static bool ends_with_kernel(const struct trail_log_facts *log)
{
	bool times = false;

	for (size_t i = 0; i < log->n; i++)
		times |= log->records[i].ts_nsec != TRAIL_NO_TIME;
	return !times || log->records[log->n - 1].ts_nsec != TRAIL_NO_TIME;
}

/*
 * Would a text show that the late kdump was reached?  These architectures print
 * a line when they start the crash kernel.  x86 does not; there a callback that
 * always prints must still be missing.
 * Source: machine_crash_shutdown() of each; arch/x86/kernel/setup.c.
 */
static bool would_show_late(const struct trail_builder *b, size_t i)
{
	const char *arch = arch_of(b, i);

	return arch && (trail_arch_is_of("arm, arm64, loongarch, riscv", arch) ||
			(trail_arch_is_of("x86", arch) && !b->reads[i].notifiers));
}

/*
 * Kdump was to run late, and what was printed ends before that: a capture goes
 * on to where the machine ended, and shows what comes then.
 */
static bool ended_before_late(struct trail_builder *b)
{
	const struct trail_timeline *t = b->timeline;

	if (t->text_config.crash_kernel_loaded == TRAIL_NO || b->kexec >= 0 ||
	    t->text_config.post_notifiers != TRAIL_YES || t->frontier >= TRAIL_STAGE_KMSG_DUMP ||
	    t->entered != TRAIL_YES)
		return false;
	for (size_t i = 0; i < b->facts->n_texts; i++) {
		const struct trail_text_facts *text = &b->facts->texts[i];
		if (!is_dead(b, i) || !b->reads[i].has_panic || text->lost_end ||
		    text->kind != TRAIL_TEXT_CAPTURE || text->log.lost ||
		    !ends_with_kernel(&text->log) || !would_show_late(b, i))
			continue;
		because_of(b, TRAIL_NO_VMCORE_ENDED_BEFORE, &t->text_config.evidence);
		because(b, TRAIL_NO_VMCORE_ENDED_BEFORE,
			trail_evidence_add(
				b, "dump", true, TRAIL_SOURCE_LOG, TRAIL_LIKELY,
				"what was printed ends before kdump was to run late, and would show more if it had come to that",
				trail_text_where(b, i, text->log.n - 1)));
		return true;
	}
	return false;
}

/* A line that was glued to another one is none of the kernel's, and yet may tell of a panic. */
static bool speaks_of_panic(const struct trail_log_facts *log)
{
	for (size_t i = 0; i < log->n; i++)
		if (trail_text_has(log->records[i].text, log->records[i].length,
				   "Kernel panic - not syncing"))
			return true;
	return false;
}

/* A boot follows, and nothing before it tells of a crash or of an end in good order. */
static bool reset(struct trail_builder *b)
{
	for (size_t i = 0; i < b->facts->n_texts; i++)
		if (is_dead(b, i) &&
		    (b->reads[i].has_panic || b->reads[i].has_entry || b->reads[i].has_oops ||
		     b->reads[i].orderly >= 0 || b->facts->texts[i].kind == TRAIL_TEXT_DUMP))
			return false;
	for (size_t i = 0; i < b->facts->n_texts; i++) {
		const struct trail_text_facts *text = &b->facts->texts[i];
		if (!is_dead(b, i) || !text->log.n || text->lost_end ||
		    text->kind == TRAIL_TEXT_LOG || speaks_of_panic(&text->log) ||
		    !has_next(b, text->path))
			continue;
		because(b, TRAIL_NO_VMCORE_RESET,
			trail_evidence_add(
				b, "dump", true, TRAIL_SOURCE_LOG, TRAIL_LIKELY,
				"what was printed ends without an oops, a panic or a shutdown, and another boot follows",
				trail_text_where(b, i, text->log.n - 1)));
		return true;
	}
	return false;
}

/* Firmware of these may dump without a crash kernel. */
static bool may_dump_otherwise(const struct trail_builder *b)
{
	for (size_t i = 0; i < b->facts->n_texts; i++)
		if (is_dead(b, i) && arch_of(b, i) && trail_arch_is_of("s390", arch_of(b, i)))
			return true;
		else if (is_dead(b, i) && arch_of(b, i) &&
			 trail_starts_with(arch_of(b, i), "ppc64") &&
			 (!cmdline_of(b, i) || strstr(cmdline_of(b, i), "fadump=")))
			return true;
	return false;
}

void trail_texts_decide_dump(struct trail_builder *b)
{
	struct trail_timeline *t = b->timeline;

	if (b->facts->format != TRAIL_FORMAT_NONE)
		return;
	t->no_vmcore = trail_no_vmcore_names[TRAIL_NO_VMCORE_UNKNOWN];
	if (b->kexec >= 0) {
		t->method = TRAIL_METHOD_KDUMP;
		trail_refs_add(b, &t->dump_evidence, b->kexec);
		if (t->frontier == TRAIL_STAGE_DIRECT_KEXEC ||
		    t->frontier == TRAIL_STAGE_KDUMP_EARLY || t->frontier == TRAIL_STAGE_KDUMP_LATE)
			t->point = !t->frontier_exact			    ? TRAIL_POINT_UNKNOWN
				   : t->frontier == TRAIL_STAGE_KDUMP_LATE  ? TRAIL_POINT_LATE
				   : t->frontier == TRAIL_STAGE_KDUMP_EARLY ? TRAIL_POINT_EARLY
									    : TRAIL_POINT_DIRECT;
		for (size_t i = 0; t->point && i < t->frontier_evidence.n; i++)
			trail_refs_add(b, &t->dump_evidence, (long)t->frontier_evidence.ids[i]);
	}
	for (size_t i = 0; i < b->facts->n_texts; i++)
		if (b->reads[i].saved >= 0) {
			because(b, TRAIL_NO_VMCORE_TAKEN, b->reads[i].saved);
			return;
		}
	if (crash_kernel_died(b))
		return;
	if (b->kexec >= 0) {
		because(b, TRAIL_NO_VMCORE_UNKNOWN, b->kexec);
		return;
	}
	if (t->entered == TRAIL_YES && t->text_config.crash_kernel_loaded == TRAIL_NO &&
	    !may_dump_otherwise(b)) {
		because_of(b, TRAIL_NO_VMCORE_NO_CRASH_KERNEL, &t->text_config.evidence);
		return;
	}
	if (!ended_before_late(b))
		reset(b);
}
