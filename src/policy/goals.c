/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scorecard of the goals: for each what became of it, why, by what
 * evidence.  On a machine that did not panic nothing has failed: a goal is
 * not configured, or it is not known what would have become of it.
 */
#include "policy/goals.h"

#include <inttypes.h>

#include "policy/checks.h"

#define SAY(...) trail_timeline_say(&j->builder, __VA_ARGS__)

static void score(struct trail_goal_score *s, enum trail_goal_verdict verdict, const char *reason)
{
	s->verdict = verdict;
	s->reason = reason;
}

/* Without a crash the goal is left unknown. */
static bool is_untried(struct trail_judge *j, struct trail_goal_score *s)
{
	if (trail_judge_crashed(j))
		return false;
	score(s, TRAIL_GOAL_UNKNOWN,
	      j->timeline->entered == TRAIL_NO ? "there was no panic"
					       : "whether there was a panic is not known");
	trail_judge_cite(j, &s->evidence, &j->timeline->panic_evidence);
	return true;
}

/* Where panic() was when somebody else took the dump: "in notifiers, in lab_nb_hang()"; NULL when
 * that is not known. */
static const char *where_it_was(struct trail_judge *j)
{
	const struct trail_timeline *t = j->timeline;

	if (t->frontier == TRAIL_N_STAGES || !t->frontier_exact)
		return NULL;
	for (size_t i = 0; i < j->facts->n_notifiers; i++)
		if (t->notifiers[i].outcome == TRAIL_CALL_IN_PROGRESS)
			return SAY("in %s, in %s", trail_stage_names[t->frontier],
				   trail_judge_function(j, j->facts->notifiers[i].function,
							j->facts->notifiers[i].module));
	return SAY("in %s", trail_stage_names[t->frontier]);
}

/* ---- kdump ------------------------------------------------------------------ */

/* Does a callback stand before a late kdump that is of high risk, or that nobody knows? */
static bool is_risky(const struct trail_judge *j)
{
	for (size_t i = 0; i < j->facts->n_notifiers; i++) {
		const struct trail_notifier_verdict *n = &j->timeline->notifiers[i];
		if (!n->catalogued || trail_streq(n->risk, trail_risk_names[TRAIL_RISK_HIGH]))
			return true;
	}
	return false;
}

/* A crash kernel was loaded, and it did not write this dump. */
static void score_without_kdump(struct trail_judge *j, struct trail_goal_score *s)
{
	bool late = trail_judge_late(j) == TRAIL_YES;
	enum trail_stage stage = late ? TRAIL_STAGE_KDUMP_LATE : TRAIL_STAGE_KDUMP_EARLY;
	enum trail_outcome outcome = trail_judge_outcome(j, stage);
	const char *where = where_it_was(j);

	trail_judge_cite_stage(j, &s->evidence, stage);
	trail_judge_cite(j, &s->evidence, &j->timeline->frontier_evidence);
	if (j->timeline->frontier == TRAIL_STAGE_DIRECT_KEXEC)
		outcome = TRAIL_OUTCOME_IN_PROGRESS;
	if (outcome == TRAIL_OUTCOME_IN_PROGRESS)
		score(s, TRAIL_GOAL_AT_RISK,
		      "the crash kernel was being started when somebody else took this dump");
	else if (trail_judge_late(j) == TRAIL_MAYBE)
		s->reason = "where kdump stands in panic() is not known";
	else if (outcome == TRAIL_OUTCOME_NOT_REACHED && where)
		score(s, TRAIL_GOAL_FAILED,
		      SAY("the crash kernel had not been started when this dump was taken: panic() "
			  "was still %s",
			  where));
	else if (trail_judge_passed(j, stage))
		score(s, TRAIL_GOAL_FAILED,
		      SAY("a crash kernel was loaded, and panic() went past %s without it",
			  trail_stage_names[stage]));
	else if (late && is_risky(j))
		score(s, TRAIL_GOAL_AT_RISK,
		      "kdump waits for notifiers that may hang; whether it came is not known");
	else
		s->reason = "whether the crash kernel was started is not known";
}

/*
 * Without a dump: by why there is none.  A row is a reason of no_vmcore; one without a row leaves
 * it to what is known of the crash kernel.
 */
static const struct {
	const char *reason;
	enum trail_goal_verdict verdict;
	const char *text;
} no_vmcores[] = {
	/* clang-format off */
	{ "no-crash-kernel", TRAIL_GOAL_NOT_CONFIGURED, "no crash kernel was loaded" },
	{ "crash-kernel-died", TRAIL_GOAL_FAILED, "the crash kernel was started and did not save a dump" },
	{ "ended-before-late-kdump", TRAIL_GOAL_FAILED, "kdump was to come late, and the trail ends before it" },
	{ "dump-taken", TRAIL_GOAL_ACHIEVED, "a dump was saved; it is not among the inputs" },
	/* clang-format on */
};

static bool score_no_vmcore(struct trail_judge *j, struct trail_goal_score *s)
{
	const struct trail_refs *refs = &j->timeline->no_vmcore_evidence;

	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(no_vmcores); i++) {
		if (!trail_streq(j->timeline->no_vmcore, no_vmcores[i].reason))
			continue;
		score(s, no_vmcores[i].verdict, no_vmcores[i].text);
		for (size_t k = 0; k < refs->n; k++)
			trail_refs_add(&j->builder, &s->evidence, (long)refs->ids[k]);
		return true;
	}
	return false;
}

static void score_kdump(struct trail_judge *j, struct trail_goal_score *s)
{
	const struct trail_timeline *t = j->timeline;
	enum trail_tristate armed = trail_judge_armed(j);

	if (trail_judge_is_text(j) && score_no_vmcore(j, s))
		return;
	if (trail_judge_is_text(j) && t->method == TRAIL_METHOD_KDUMP) {
		s->reason = "the crash kernel was started; whether it saved a dump is not known";
		trail_judge_cite(j, &s->evidence, &t->dump_evidence);
		return;
	}
	if (t->method == TRAIL_METHOD_KDUMP || t->method == TRAIL_METHOD_FADUMP) {
		score(s, TRAIL_GOAL_ACHIEVED,
		      "the crash kernel ran, and this dump is what it saved");
		trail_judge_cite(j, &s->evidence, &t->dump_evidence);
		return;
	}
	trail_judge_cite_armed(j, &s->evidence);
	if (armed == TRAIL_NO)
		score(s, TRAIL_GOAL_NOT_CONFIGURED, "no crash kernel was loaded");
	else if (armed == TRAIL_MAYBE)
		s->reason = "whether a crash kernel was loaded is not known";
	else if (!is_untried(j, s))
		score_without_kdump(j, s);
}

/* ---- kmsg dumpers ------------------------------------------------------------ */

/* Why the dumpers were not called. */
static const char *why_not_dumped(struct trail_judge *j)
{
	const char *where = where_it_was(j);

	if (j->timeline->method == TRAIL_METHOD_KDUMP)
		return "the crash kernel was started before kmsg_dump()";
	return where ? SAY("panic() had not come to kmsg_dump(): it was %s", where)
		     : "panic() had not come to kmsg_dump()";
}

/* A record of the panic is the proof. */
static bool score_panic_record(struct trail_judge *j, struct trail_goal_score *s)
{
	size_t i = trail_judge_panic_text(j);

	if (i == j->facts->n_texts)
		return false;
	bool lost = j->facts->texts[i].lost_end;
	score(s, lost ? TRAIL_GOAL_AT_RISK : TRAIL_GOAL_ACHIEVED,
	      SAY(lost ? "%s was kept, and its newest lines are lost" : "%s was kept",
		  trail_judge_say_text(j, i)));
	trail_judge_cite(j, &s->evidence, &j->timeline->texts[i].evidence);
	return true;
}

static void score_kmsg_dump(struct trail_judge *j, struct trail_goal_score *s)
{
	size_t n = j->facts->n_dumpers, calls[TRAIL_N_CALLS] = { 0 };

	if (trail_judge_crashed(j) && score_panic_record(j, s))
		return;

	trail_judge_cite_scalar(j, &s->evidence, "count.kmsg-dumpers");
	if (trail_judge_has_dumper(j) == TRAIL_MAYBE) {
		s->reason =
			trail_judge_is_text(j)
				? "there is no record of the panic, and the kmsg dumpers are not known"
				: "the kmsg dumpers could not be read";
		return;
	}
	if (!n) {
		score(s, TRAIL_GOAL_NOT_CONFIGURED, "no kmsg dumper was registered");
		return;
	}
	if (is_untried(j, s))
		return;
	trail_judge_cite_stage(j, &s->evidence, TRAIL_STAGE_KMSG_DUMP);
	for (size_t i = 0; i < n; i++) {
		calls[j->timeline->dumpers[i].outcome]++;
		trail_judge_cite(j, &s->evidence, &j->timeline->dumpers[i].evidence);
	}
	if (calls[TRAIL_CALL_CALLED] == n)
		score(s, TRAIL_GOAL_ACHIEVED,
		      n == 1 ? SAY("the kmsg dumper %s was called",
				   trail_judge_function(j, j->facts->dumpers[0].function,
							j->facts->dumpers[0].module))
			     : SAY("all %zu kmsg dumpers were called", n));
	else if (trail_judge_outcome(j, TRAIL_STAGE_KMSG_DUMP) == TRAIL_OUTCOME_IN_PROGRESS)
		score(s, TRAIL_GOAL_AT_RISK, "kmsg_dump() had not returned");
	else if (calls[TRAIL_CALL_NOT_CALLED] == n)
		score(s, TRAIL_GOAL_FAILED, why_not_dumped(j));
	else
		s->reason = "whether the kmsg dumpers were called is not known";
}

/* ---- consoles ------------------------------------------------------------------ */

/* A capture of a console shows what it printed; that it shows no more tells nothing. */
static bool score_capture(struct trail_judge *j, struct trail_goal_score *s)
{
	const struct trail_text_verdict *texts = j->timeline->texts;

	for (size_t i = 0; i < j->facts->n_texts; i++) {
		const struct trail_text_facts *t = &j->facts->texts[i];

		if ((t->kind != TRAIL_TEXT_CONSOLE && t->kind != TRAIL_TEXT_CAPTURE) ||
		    t->role != TRAIL_ROLE_DEAD || !texts[i].has_panic_record)
			continue;
		trail_judge_cite(j, &s->evidence, &texts[i].evidence);
		if (texts[i].frontier < TRAIL_N_STAGES &&
		    texts[i].frontier > TRAIL_STAGE_CONSOLE_FLUSH)
			score(s, TRAIL_GOAL_ACHIEVED,
			      SAY("%s goes on behind the last flush of the consoles",
				  trail_judge_say_text(j, i)));
		else
			s->reason = SAY(
				"%s holds the panic line; how much should follow is not known",
				trail_judge_say_text(j, i));
		return true;
	}
	return false;
}

static void score_console_log(struct trail_judge *j, struct trail_goal_score *s)
{
	const struct trail_facts *facts = j->facts;
	uint64_t left = 0;

	if (facts->consoles_presence != TRAIL_PRESENT && score_capture(j, s))
		return;

	if (facts->consoles_presence != TRAIL_PRESENT) {
		s->reason = trail_judge_is_text(j) ? "no capture of a console holds the panic line"
						   : "the consoles could not be read";
		return;
	}
	trail_judge_cite_consoles(j, &s->evidence);
	if (!trail_judge_has_console(j)) {
		score(s, TRAIL_GOAL_NOT_CONFIGURED, "no console is enabled");
		return;
	}
	if (is_untried(j, s))
		return;
	long best = trail_judge_best_console(j, &left);
	if (best < 0) {
		s->reason = "how far the consoles have come could not be read";
		return;
	}
	const char *name = facts->consoles[best].name, *plural = left == 1 ? "" : "s";
	bool line = j->timeline->has_panic_record &&
		    facts->consoles[best].seq >
			    j->timeline->log->records[j->timeline->panic_record].seq;
	if (!left)
		score(s, TRAIL_GOAL_ACHIEVED, SAY("%s has taken the whole log", name));
	else if (line)
		score(s, TRAIL_GOAL_AT_RISK,
		      SAY("%s has taken the panic line, and %" PRIu64 " record%s behind it not",
			  name, left, plural));
	else if (j->timeline->method == TRAIL_METHOD_KDUMP)
		score(s, TRAIL_GOAL_FAILED,
		      SAY("no console has taken the last %" PRIu64 " record%s, and kdump ended it",
			  left, plural));
	else
		score(s, TRAIL_GOAL_AT_RISK,
		      SAY("no console had taken the last %" PRIu64 " record%s yet", left, plural));
}

/* ---- the panic line -------------------------------------------------------------- */

/* A place that is in the list is not named twice. */
static const char *join(struct trail_judge *j, const char *list, const char *place)
{
	if (list && strstr(list, place))
		return list;
	return list ? SAY("%s, %s", list, place) : place;
}

static void score_last_message(struct trail_judge *j, struct trail_goal_score *s)
{
	const struct trail_timeline *t = j->timeline;
	const char *places = NULL;

	if (is_untried(j, s))
		return;
	trail_judge_cite(j, &s->evidence, &t->panic_evidence);
	if (t->entered != TRAIL_YES && trail_judge_is_text(j)) {
		s->reason = "without panic() there is no panic line";
		return;
	}
	if (t->entered != TRAIL_YES) {
		score(s, TRAIL_GOAL_ACHIEVED,
		      "without panic() there is no panic line; the log of the oops is in this dump");
		trail_judge_cite(j, &s->evidence, &t->dump_evidence);
		if (!j->timeline->log->n)
			score(s, TRAIL_GOAL_UNKNOWN, "the log could not be read");
		return;
	}
	if (t->message && !trail_judge_is_text(j))
		places = "in this dump";
	for (size_t i = 0; i < j->facts->n_texts; i++)
		if (t->texts[i].has_panic_record && j->facts->texts[i].role == TRAIL_ROLE_DEAD)
			places = join(j, places, SAY("in %s", trail_judge_say_text(j, i)));
	for (size_t i = 0; i < j->facts->n_dumpers; i++) {
		const struct trail_dumper_facts *d = &j->facts->dumpers[i];
		if (t->dumpers[i].outcome != TRAIL_CALL_CALLED)
			continue;
		places = join(j, places,
			      SAY("with %s", trail_judge_function(j, d->function, d->module)));
		trail_judge_cite(j, &s->evidence, &t->dumpers[i].evidence);
	}
	for (size_t i = 0; t->has_panic_record && i < j->facts->n_consoles; i++) {
		const struct trail_console_facts *console = &j->facts->consoles[i];
		if (console->enabled && console->seq_presence == TRAIL_PRESENT &&
		    console->seq > j->timeline->log->records[t->panic_record].seq)
			places = join(j, places, SAY("on %s", console->name));
	}
	if (places)
		score(s, TRAIL_GOAL_ACHIEVED, SAY("the panic line is %s", places));
	else
		s->reason = "no panic line was found, and where it went is not known";
}

/* ---- the reboot -------------------------------------------------------------------- */

static void score_reboot(struct trail_judge *j, struct trail_goal_score *s)
{
	const struct trail_timeline *t = j->timeline;
	enum trail_tristate timeout = trail_judge_is_set(j, "panic_timeout");
	const char *where = where_it_was(j);

	if (is_untried(j, s))
		return;
	trail_judge_cite_scalar(j, &s->evidence, "panic_timeout");
	if (t->method == TRAIL_METHOD_KDUMP || t->method == TRAIL_METHOD_FADUMP) {
		s->reason =
			"the crash kernel took over, and it decides: what is here does not tell";
		trail_judge_cite(j, &s->evidence, &t->dump_evidence);
		return;
	}
	if (timeout == TRAIL_NO && trail_judge_armed(j) != TRAIL_MAYBE) {
		score(s, TRAIL_GOAL_NOT_CONFIGURED,
		      trail_judge_armed(j) == TRAIL_YES
			      ? "panic_timeout is 0: only the crash kernel could have rebooted"
			      : "panic_timeout is 0: panic() halts");
		return;
	}
	trail_judge_cite(j, &s->evidence, &t->frontier_evidence);
	if (timeout == TRAIL_MAYBE || !where)
		s->reason = "how far panic() came to the reboot is not known";
	else if (t->frontier == TRAIL_STAGE_REBOOT || t->frontier == TRAIL_STAGE_REBOOT_WAIT)
		score(s, TRAIL_GOAL_AT_RISK,
		      SAY("the reboot had not come yet: panic() was %s", where));
	else
		score(s, TRAIL_GOAL_FAILED,
		      SAY("panic() had not come to the reboot: it was %s", where));
}

/* ---- the hypervisor ------------------------------------------------------------------ */

/* Callbacks of the class hypervisor, those among the dumpers too, by what became of them. */
struct tellers {
	size_t n, calls[TRAIL_N_CALLS], unknown;
	const char *called; /* the name of one that was called */
};

static void count_teller(struct trail_judge *j, struct trail_goal_score *s, struct tellers *all,
			 enum trail_call outcome, const struct trail_refs *refs, const char *name)
{
	all->n++;
	all->calls[outcome]++;
	trail_judge_cite(j, &s->evidence, refs);
	if (outcome == TRAIL_CALL_CALLED)
		all->called = name;
}

static void count_tellers(struct trail_judge *j, struct trail_goal_score *s, struct tellers *all)
{
	const struct trail_timeline *t = j->timeline;

	for (size_t i = 0; i < j->facts->n_notifiers; i++) {
		const struct trail_notifier_facts *n = &j->facts->notifiers[i];
		all->unknown += !t->notifiers[i].catalogued;
		if (trail_judge_tells_hypervisor(j, i))
			count_teller(j, s, all, t->notifiers[i].outcome, &t->notifiers[i].evidence,
				     trail_judge_function(j, n->function, n->module));
	}
	for (size_t i = 0; i < j->facts->n_dumpers; i++) {
		const struct trail_dumper_facts *d = &j->facts->dumpers[i];
		if (d->function && trail_same_function(d->function, "hv_kmsg_dump"))
			count_teller(j, s, all, t->dumpers[i].outcome, &t->dumpers[i].evidence,
				     trail_judge_function(j, d->function, d->module));
	}
}

/* No callback is known that tells a hypervisor. */
static void score_without_teller(struct trail_judge *j, struct trail_goal_score *s, size_t unknown)
{
	if (!j->facts->chain_complete)
		s->reason = "the chain of notifiers was not read to its end";
	else if (unknown)
		s->reason = SAY("no callback is known to tell a hypervisor, but %zu %s in no "
				"catalogue",
				unknown, unknown == 1 ? "is" : "are");
	else
		score(s, TRAIL_GOAL_NOT_CONFIGURED, "no callback tells a hypervisor");
	if (j->facts->n_notifiers)
		trail_judge_cite_callback(j, &s->evidence, 0);
}

static void score_hypervisor(struct trail_judge *j, struct trail_goal_score *s)
{
	struct tellers all = { 0 };

	if (is_untried(j, s))
		return;
	count_tellers(j, s, &all);
	if (all.called) {
		score(s, TRAIL_GOAL_ACHIEVED, SAY("%s was called", all.called));
		return;
	}
	if (!all.n) {
		score_without_teller(j, s, all.unknown);
	} else if (all.calls[TRAIL_CALL_IN_PROGRESS]) {
		score(s, TRAIL_GOAL_AT_RISK,
		      "a callback that tells the hypervisor had not returned");
	} else if (all.calls[TRAIL_CALL_UNKNOWN]) {
		s->reason = "whether the hypervisor was told is not known";
	} else {
		score(s, TRAIL_GOAL_FAILED,
		      SAY("%zu callback%s would have told the hypervisor, and none was called",
			  all.n, all.n == 1 ? "" : "s"));
	}
}

/* ---- all of them ------------------------------------------------------------------------ */

/* How a goal is judged; indexed by it.  Each sets a reason. */
/* clang-format off */
static void (*const scores[TRAIL_N_GOALS])(struct trail_judge *j, struct trail_goal_score *s) = {
	[TRAIL_GOAL_KDUMP]        = score_kdump,
	[TRAIL_GOAL_KMSG_DUMP]    = score_kmsg_dump,
	[TRAIL_GOAL_CONSOLE_LOG]  = score_console_log,
	[TRAIL_GOAL_LAST_MESSAGE] = score_last_message,
	[TRAIL_GOAL_REBOOT]       = score_reboot,
	[TRAIL_GOAL_HYPERVISOR]   = score_hypervisor,
};
/* clang-format on */

void trail_goals_score(struct trail_judge *j)
{
	bool listed[TRAIL_N_GOALS] = { false };
	size_t n = 0;

	for (size_t i = 0; i < j->policy->n_goals; i++) {
		listed[j->policy->goals[i]] = true;
		j->out->goals[n++].goal = j->policy->goals[i];
	}
	for (enum trail_goal goal = 0; goal < TRAIL_N_GOALS; goal++)
		if (!listed[goal])
			j->out->goals[n++].goal = goal;
	for (size_t i = 0; i < n; i++)
		scores[j->out->goals[i].goal](j, &j->out->goals[i]);
}
