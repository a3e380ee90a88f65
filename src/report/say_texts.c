/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The view model, continued: what is said of records and logs; see view.h. */
#include "base/table.h"
#include "report/view.h"

#define NAME(names, value) trail_name_of(names, TRAIL_ARRAY_SIZE(names), value)

bool trail_view_is_text(const struct trail_facts *facts)
{
	return facts->format == TRAIL_FORMAT_NONE;
}

/* A part of which another record is in the lines takes nothing from them. */
static bool is_there(const struct trail_text_part *part)
{
	return part->state == TRAIL_PART_WHOLE || part->state == TRAIL_PART_DUPLICATE;
}

bool trail_view_text_complete(const struct trail_text_facts *text)
{
	for (size_t i = 0; i < text->n_parts; i++)
		if (!is_there(&text->parts[i]))
			return false;
	return !text->lost_start && !text->lost_end && !text->ecc_bad && !text->log.lost;
}

const char *trail_view_text_kind(const struct trail_text_facts *text)
{
	if (text->kind != TRAIL_TEXT_DUMP && text->kind != TRAIL_TEXT_CONSOLE)
		return "log";
	return trail_streq(text->region, "ramoops") ? "ramoops" : "pstore";
}

const char *trail_say_text(struct trail_view *v, size_t i)
{
	static const char *const roles[TRAIL_N_TEXT_ROLES] = {
		[TRAIL_ROLE_CRASH_KERNEL] = ", of the crash kernel",
		[TRAIL_ROLE_NEXT] = ", of the boot after it",
	};
	const struct trail_text_facts *t = &v->facts->texts[i];
	const char *of = roles[TRAIL_MIN(t->role, TRAIL_ROLE_NEXT)], *s;

	if (t->kind == TRAIL_TEXT_CONSOLE)
		s = trail_say(v, "console of %s", t->form ? t->form : "pstore");
	else if (t->kind != TRAIL_TEXT_DUMP)
		s = t->form ? trail_say(v, "%s log", t->form) : "log";
	else if (t->count)
		s = trail_say(v, "%s#%u of %s", t->reason ? t->reason : "record", t->count,
			      t->form ? t->form : "pstore");
	else
		s = trail_say(v, "%s record of %s", t->reason ? t->reason : "a",
			      t->form ? t->form : "pstore");
	return of ? trail_say(v, "%s%s", s, of) : s;
}

/* "parts 1 and 3 of 8 missing": those of one state. */
static const char *parts_in(struct trail_view *v, const struct trail_text_facts *t,
			    enum trail_part_state state, const char *word)
{
	enum { LISTED = 4 };
	const char *list = NULL;
	size_t n = 0;

	for (size_t i = 0; i < t->n_parts; i++) {
		if (t->parts[i].state != state)
			continue;
		if (n++ < LISTED)
			list = trail_say(v, "%s%s%u", list ? list : "", list ? ", " : "",
					 t->parts[i].number);
	}
	if (!n)
		return NULL;
	return trail_say(v, "part%s %s%s %s", n == 1 ? "" : "s", list, n > LISTED ? ", …" : "",
			 word);
}

/* Append a clause. */
static void add(struct trail_view *v, const char **s, const char *clause)
{
	if (clause)
		*s = *s ? trail_say(v, "%s, %s", *s, clause) : clause;
}

const char *trail_say_text_state(struct trail_view *v, size_t i)
{
	const struct trail_text_facts *t = &v->facts->texts[i];
	const char *s = NULL;

	add(v, &s, parts_in(v, t, TRAIL_PART_MISSING, "missing"));
	add(v, &s, parts_in(v, t, TRAIL_PART_UNREAD, "unreadable"));
	add(v, &s, parts_in(v, t, TRAIL_PART_DAMAGED, "damaged"));
	if (t->lost_end)
		add(v, &s, "its newest lines are lost");
	if (t->lost_start)
		add(v, &s, "its oldest lines are not in it");
	if (t->log.lost)
		add(v, &s,
		    trail_say(v, "%llu line%s lost between", (unsigned long long)t->log.lost,
			      t->log.lost == 1 ? "" : "s"));
	if (t->ecc_bad)
		add(v, &s,
		    trail_say(v, "%u block%s beyond correction", t->ecc_bad,
			      t->ecc_bad == 1 ? "" : "s"));
	if (!s)
		s = trail_say(v, "%zu line%s, nothing known to be lost", t->log.n,
			      t->log.n == 1 ? "" : "s");
	if (t->ecc_corrected)
		add(v, &s,
		    trail_say(v, "%u byte%s corrected", t->ecc_corrected,
			      t->ecc_corrected == 1 ? "" : "s"));
	return s;
}

/* Several texts of one file are told apart by the lines they begin at. */
const char *trail_say_text_place(struct trail_view *v, size_t i)
{
	const struct trail_facts *facts = v->facts;
	const struct trail_text_facts *t = &facts->texts[i];
	bool alone = true;

	for (size_t k = 0; k < facts->n_texts; k++)
		alone &= k == i || !trail_streq(facts->texts[k].path, t->path);
	if (t->kind == TRAIL_TEXT_DUMP || t->kind == TRAIL_TEXT_CONSOLE || !t->log.n ||
	    (alone && t->log.records[0].seq == 1))
		return t->path;
	return trail_say(v, "%s, from line %llu", t->path,
			 (unsigned long long)t->log.records[0].seq);
}

const char *trail_say_text_frontier(struct trail_view *v, size_t i)
{
	const struct trail_text_verdict *t = v->timeline->texts ? &v->timeline->texts[i] : NULL;

	if (!t || t->frontier >= TRAIL_N_STAGES)
		return "end unknown";
	const char *exact = v->facts->texts[i].kind == TRAIL_TEXT_DUMP ? "written in" : "ended in";
	return trail_say(v, "%s %s", t->exact ? exact : "got at least to",
			 NAME(trail_stage_names, t->frontier));
}

const char *trail_say_texts(struct trail_view *v)
{
	enum { LISTED = 3 };
	const struct trail_facts *facts = v->facts;
	const char *s = NULL;
	size_t n = 0;

	if (!facts->n_texts)
		return "no record and no log";
	if (facts->n_texts == 1)
		return trail_say(v, "%s: %s", trail_say_text(v, 0), trail_say_text_state(v, 0));
	for (size_t i = 0; i < facts->n_texts; i++) {
		if (trail_view_text_complete(&facts->texts[i]))
			continue;
		if (n++ < LISTED)
			s = trail_say(v, "%s%s%s: %s", s ? s : "", s ? "; " : "",
				      trail_say_text(v, i), trail_say_text_state(v, i));
	}
	if (n > LISTED)
		s = trail_say(v, "%s; and %zu more", s, n - LISTED);
	if (n < facts->n_texts)
		s = trail_say(v, "%s%s%s nothing known to be lost", s ? s : "", s ? "; " : "",
			      s ? "of the others" : "of each");
	return trail_say(v, "%zu texts; %s", facts->n_texts, s);
}

const char *trail_say_no_vmcore(struct trail_view *v)
{
	const struct trail_timeline *t = v->timeline;
	const struct trail_evidence *e = NULL;

	if (!trail_view_is_text(v->facts))
		return NULL;
	/* what is said of the dump itself; else the strongest, what speaks against a crash kernel
	 * is a reason, too */
	for (size_t i = 0; i < t->no_vmcore_evidence.n; i++) {
		const struct trail_evidence *one = &t->evidence[t->no_vmcore_evidence.ids[i]];
		bool dump = trail_streq(one->claim, "dump"),
		     had = e && trail_streq(e->claim, "dump");
		if (!e || dump > had || (dump == had && one->strength >= e->strength))
			e = one;
	}
	if (trail_streq(t->no_vmcore, "unknown"))
		return e ? trail_say(v, "no vmcore, and nothing tells why: %s", e->statement)
			 : "no vmcore, and nothing tells why";
	return trail_say(v, "no vmcore: %s%s%s", t->no_vmcore ? t->no_vmcore : "unknown",
			 e ? ", " : "", e ? e->statement : "");
}

const char *trail_say_text_cpus(struct trail_view *v)
{
	const struct trail_timeline *t = v->timeline;
	const char *s = NULL;

	for (size_t i = 0; i < t->n_text_cpus; i++) {
		const struct trail_text_cpu *cpu = &t->text_cpus[i];

		if (cpu->outcome == TRAIL_CPU_PANICKING || cpu->outcome == TRAIL_CPU_UNKNOWN)
			continue;
		add(v, &s,
		    trail_say(v, "%s %d", NAME(trail_cpu_outcome_names, cpu->outcome), cpu->cpu));
	}
	if (!s && t->text_stop_failed == TRAIL_YES)
		return "some did not stop, which ones is not known";
	return s ? s : "others unknown, the text does not tell";
}

/* The letters that a text has, as bits; false where one is not known. */
static bool text_taint(const char *letters, uint64_t *ret)
{
	uint64_t mask = 0;

	for (; *letters; letters++) {
		const struct trail_taint *taint = trail_taints;

		if (*letters == ' ' || *letters == '-' || *letters == 'G') /* G: not P */
			continue;
		while (taint->letter && taint->letter != *letters)
			taint++;
		if (!taint->letter)
			return false;
		mask |= UINT64_C(1) << taint->bit;
	}
	*ret = mask;
	return true;
}

bool trail_view_taint(const struct trail_timeline *timeline, uint64_t *ret)
{
	if (!trail_facts_has(timeline->facts, "tainted_mask"))
		return timeline->text_taint && text_taint(timeline->text_taint, ret);
	*ret = trail_facts_value(timeline->facts, "tainted_mask", 0);
	return true;
}

const char *trail_say_oops(struct trail_view *v)
{
	const struct trail_oops *oops = &v->timeline->oops;
	const char *s = trail_say(v, "oops: %s", oops->message);

	if (oops->cpu >= 0)
		s = trail_say(v, "%s, CPU %d", s, oops->cpu);
	if (oops->task.known)
		s = trail_say(v, "%s, %s", s, trail_say_task(v, &oops->task));
	if (oops->has_time)
		s = trail_say(v, "%s, at %llu.%06llu s", s,
			      (unsigned long long)(oops->time_ns / 1000000000),
			      (unsigned long long)(oops->time_ns / 1000 % 1000000));
	return s;
}

const char *trail_say_text_calls(struct trail_view *v)
{
	const struct trail_timeline *t = v->timeline;
	const char *s = NULL;

	for (size_t i = 0; i < t->n_text_calls; i++) {
		const struct trail_text_call *call = &t->text_calls[i];

		if (call->dumper)
			continue;
		add(v, &s,
		    trail_say(v, "%s %s", trail_say_function(v, call->function, call->module, 0),
			      NAME(trail_call_names, call->outcome)));
	}
	return s ? trail_say(v, "%s; the chain is not known", s) : "unknown, the text shows none";
}
