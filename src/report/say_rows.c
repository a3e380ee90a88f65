/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The view model, continued: what a row of a table or of a list says; see view.h. */
#include <time.h>

#include "base/table.h"
#include "report/view.h"

#define NAME(names, value) trail_name_of(names, TRAIL_ARRAY_SIZE(names), value)

const char *trail_say_time(struct trail_view *v, int64_t seconds)
{
	time_t at = seconds;
	struct tm tm;

	if (at < 0 || !gmtime_r(&at, &tm))
		return NULL;
	return trail_say(v, "%04lld-%02d-%02dT%02d:%02d:%02d", tm.tm_year + 1900LL, tm.tm_mon + 1,
			 tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

const char *trail_say_note(struct trail_view *v, size_t i)
{
	const struct trail_notifier_verdict *verdict = &v->timeline->notifiers[i];
	enum trail_returns returns = v->facts->notifiers[i].returns;
	const char *s = !verdict->catalogued ? "not catalogued"
			: verdict->class     ? verdict->class
					     : "catalogued";

	if (verdict->risk)
		s = trail_say(v, "%s, risk %s", s, verdict->risk);
	if (returns == TRAIL_RETURNS_STOP || returns == TRAIL_RETURNS_MAY_STOP)
		s = trail_say(v, "%s, %s end the chain", s,
			      returns == TRAIL_RETURNS_STOP ? "returns always" : "returns can");
	return s;
}

const char *trail_say_symbol(struct trail_view *v, const struct trail_frame *frame)
{
	if (!frame->function)
		return frame->module ? trail_say(v, "? [%s]", frame->module) : "?";
	const char *s = trail_say(v, "%s+0x%llx", frame->function,
				  (unsigned long long)frame->offset);
	return frame->module ? trail_say(v, "%s [%s]", s, frame->module) : s;
}

const char *trail_say_cpu_outcome(struct trail_view *v, size_t i)
{
	const struct trail_cpu_verdict *verdict = &v->timeline->cpus[i];
	const char *outcome = NAME(trail_cpu_outcome_names, verdict->outcome);

	return verdict->how ? trail_say(v, "%s by %s", outcome, NAME(trail_how_names, verdict->how))
			    : outcome;
}

bool trail_view_off(const struct trail_judgement *judgement, const struct trail_rule *rule)
{
	return trail_policy_severity(judgement->policy, rule->id, TRAIL_SEVERITY_NOTE) ==
	       TRAIL_SEVERITY_OFF;
}

const char *trail_say_evidence(struct trail_view *v, size_t id)
{
	const struct trail_evidence *e = &v->timeline->evidence[id];

	return trail_say(v, "E%zu %s %s: %s%s%s%s", id + 1, NAME(trail_strength_names, e->strength),
			 NAME(trail_source_names, e->source), e->statement, e->where ? " (" : "",
			 e->where ? e->where : "", e->where ? ")" : "");
}
