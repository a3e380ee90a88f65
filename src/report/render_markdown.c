/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The report as Markdown, to paste into a ticket: what the first screen says,
 * then findings, goals and tables; stacks and evidence can be opened.  In
 * GitHub's flavour, which GitLab and others read too.  A ticket is short:
 * of stopped CPUs only the first are listed, and their stacks are left out.
 * The only HTML is <details>, ours; text of the input begins no line.
 */
#include "base/error.h"
#include "base/table.h"
#include "base/text.h"
#include "report/report.h"
#include "report/view.h"

#define NAME(names, value) trail_name_of(names, TRAIL_ARRAY_SIZE(names), value)

enum { STOPPED_CPUS = 16 /* rows */ };

struct writer {
	const struct trail_report *report;
	const struct trail_facts *facts;
	const struct trail_timeline *timeline;
	const struct trail_judgement *judgement; /* NULL: nothing was judged */
	struct trail_text *out;
	struct trail_view view;
};

/* ---- escapes -------------------------------------------------------------- */

typedef void escape(struct trail_text *text, const char *bytes, size_t n);

static const char *escaped(struct writer *w, escape *how, const char *raw)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 };

	how(&text, raw, strlen(raw));
	w->view.failed |= text.failed;
	return trail_say(&w->view, "%s", trail_text_string(&text));
}

/* A sentence; a name, which is shown as code. */
static const char *prose(struct writer *w, const char *raw)
{
	return escaped(w, trail_text_markdown, raw ? raw : "");
}

static const char *code(struct writer *w, const char *raw)
{
	return escaped(w, trail_text_markdown_code, raw ? raw : "unknown");
}

/* "E4, E9"; "" for none. */
static const char *refs_of(struct writer *w, const struct trail_refs *refs)
{
	const char *s = "";

	for (size_t i = 0; i < refs->n; i++)
		s = trail_say(&w->view, "%s%sE%zu", s, i ? ", " : "", refs->ids[i] + 1);
	return s;
}

/* A row of cells that are escaped. */
static void put_row(struct writer *w, const char *const *cells, size_t n)
{
	for (size_t i = 0; i < n; i++)
		trail_text_printf(w->out, "| %s ", cells[i]);
	trail_text_puts(w->out, "|\n");
}

#define ROW(w, ...)                                      \
	put_row(w, (const char *const[]){ __VA_ARGS__ }, \
		TRAIL_ARRAY_SIZE(((const char *const[]){ __VA_ARGS__ })))

/* ---- the first screen ----------------------------------------------------- */

static void put_summary(struct writer *w)
{
	struct trail_view *v = &w->view;
	const char *task = trail_say_task(v, trail_view_task(w->timeline));
	const char *word = w->timeline->word ? w->timeline->word : "unknown";

	trail_text_printf(w->out, "# panictrail: %s\n\n", prose(w, word));
	ROW(w, "What", "Answer");
	ROW(w, "---", "---");
	ROW(w, "Verdict", prose(w, trail_say_verdict(v)));
	ROW(w, "Panic", prose(w, trail_say_panic(v)));
	ROW(w, "Kernel", prose(w, trail_say_kernel(v)));
	ROW(w, "On",
	    w->timeline->cpu < 0 ? prose(w, trail_say(v, "CPU unknown, %s", task))
				 : prose(w, trail_say(v, "CPU %d, %s", w->timeline->cpu, task)));
	ROW(w, "Time", prose(w, trail_say_times(v)));
	ROW(w, "Trail", prose(w, trail_say_trail(v)));
	ROW(w, "Dump", prose(w, trail_say_dump(v)));
	if (w->facts->n_texts)
		ROW(w, "Texts", prose(w, trail_say_texts(v)));
	ROW(w, "CPUs", prose(w, trail_say_cpus(v)));
	ROW(w, "Notifiers", prose(w, trail_say_notifiers(v)));
	if (w->judgement)
		ROW(w, "Findings", prose(w, trail_say_findings(v, w->judgement)));
	ROW(w, "Complete", w->report->complete ? "yes" : "no");
	ROW(w, "Cause", code(w, w->timeline->cause));
	ROW(w, "Path", code(w, w->timeline->path));
}

static void put_gaps(struct writer *w)
{
	if (!w->facts->n_gaps && w->facts->complete && !w->report->limit)
		return;
	trail_text_puts(w->out, "\n## Not read\n\n");
	if (!w->facts->complete)
		trail_text_puts(w->out, "- The file is cut short or damaged.\n");
	if (w->report->limit)
		trail_text_puts(w->out, "- A limit of the run was hit before all was read.\n");
	for (size_t i = 0; i < w->facts->n_gaps; i++)
		trail_text_printf(
			w->out, "- **Gap** %s: %s\n", prose(w, w->facts->gaps[i].what),
			prose(w, w->facts->gaps[i].why ? w->facts->gaps[i].why : "unknown"));
}

/* ---- findings and goals --------------------------------------------------- */

static void put_findings(struct writer *w)
{
	if (!w->judgement || !w->judgement->n_findings)
		return;
	trail_text_puts(w->out, "\n## Findings\n\n");
	for (size_t i = 0; i < w->judgement->n_findings; i++) {
		const struct trail_finding *f = &w->judgement->findings[i];

		trail_text_printf(w->out, "- **%s %s** %s: %s\n",
				  NAME(trail_severity_names, f->severity), f->rule->id,
				  prose(w, f->rule->name), prose(w, f->message));
		if (*f->rule->remedy)
			trail_text_printf(w->out, "  - Remedy: %s\n", prose(w, f->rule->remedy));
		for (size_t k = 0; k < f->evidence.n; k++)
			trail_text_printf(
				w->out, "  - %s\n",
				prose(w, trail_say_evidence(&w->view, f->evidence.ids[k])));
	}
}

static void put_goals(struct writer *w)
{
	if (!w->judgement)
		return;
	trail_text_puts(w->out, "\n## Goals\n\n");
	ROW(w, "Goal", "Verdict", "Why", "Evidence");
	ROW(w, "---", "---", "---", "---");
	for (size_t i = 0; i < TRAIL_N_GOALS; i++) {
		const struct trail_goal_score *score = &w->judgement->goals[i];

		ROW(w, NAME(trail_goal_names, score->goal),
		    NAME(trail_goal_verdict_names, score->verdict), prose(w, score->reason),
		    refs_of(w, &score->evidence));
	}
}

/* ---- tables --------------------------------------------------------------- */

static void put_stages(struct writer *w)
{
	if (!w->timeline->n_stages)
		return;
	trail_text_puts(w->out, "\n## Stages\n\n");
	ROW(w, "Outcome", "Stage", "Evidence");
	ROW(w, "---", "---", "---");
	for (size_t i = 0; i < w->timeline->n_stages; i++) {
		const struct trail_stage_verdict *stage = &w->timeline->stages[i];
		const struct trail_evidence *e = trail_view_strongest(w->timeline,
								      &stage->evidence);

		ROW(w, NAME(trail_outcome_names, stage->outcome),
		    NAME(trail_stage_names, stage->stage),
		    e ? trail_say(&w->view, "E%zu %s", e - w->timeline->evidence + 1,
				  prose(w, e->statement))
		      : "");
	}
}

static void put_notifiers(struct writer *w)
{
	if (!w->facts->n_notifiers)
		return;
	trail_text_puts(w->out, "\n## Panic notifiers, in calling order\n\n");
	ROW(w, "#", "Priority", "Outcome", "Function", "Note");
	ROW(w, "---", "---", "---", "---", "---");
	for (size_t i = 0; i < w->facts->n_notifiers; i++) {
		const struct trail_notifier_facts *n = &w->facts->notifiers[i];

		ROW(w, trail_say(&w->view, "%zu", i + 1), trail_say(&w->view, "%d", n->priority),
		    NAME(trail_call_names, w->timeline->notifiers[i].outcome),
		    code(w, trail_say_function(&w->view, n->function, n->module, n->callback)),
		    prose(w, trail_say_note(&w->view, i)));
	}
}

static void put_dumpers(struct writer *w)
{
	bool any = w->facts->n_dumpers;

	trail_text_puts(w->out, "\n## Kmsg dumpers\n\n");
	for (size_t i = 0; i < w->timeline->n_text_calls; i++)
		any |= w->timeline->text_calls[i].dumper;
	if (!any) {
		trail_text_puts(w->out, w->facts->dumpers_presence == TRAIL_PRESENT
						? "None was registered.\n"
						: "Unknown: they were not read.\n");
		return;
	}
	ROW(w, "Outcome", "Function", "Name");
	ROW(w, "---", "---", "---");
	for (size_t i = 0; i < w->facts->n_dumpers; i++) {
		const struct trail_dumper_facts *d = &w->facts->dumpers[i];

		ROW(w, NAME(trail_call_names, w->timeline->dumpers[i].outcome),
		    code(w, trail_say_function(&w->view, d->function, d->module, d->callback)),
		    prose(w, d->name));
	}
	for (size_t i = 0; i < w->timeline->n_text_calls; i++) {
		const struct trail_text_call *call = &w->timeline->text_calls[i];

		if (call->dumper)
			ROW(w, NAME(trail_call_names, call->outcome),
			    code(w, trail_say_function(&w->view, call->function, call->module, 0)),
			    prose(w, call->name));
	}
}

/* One of many that did what they were told. */
static bool is_stopped(const struct writer *w, size_t i)
{
	return w->timeline->cpus[i].outcome == TRAIL_CPU_STOPPED ||
	       w->timeline->cpus[i].outcome == TRAIL_CPU_OFFLINE;
}

static const char *number_of(struct writer *w, size_t i)
{
	int32_t cpu = w->facts->cpus[i].cpu;

	return cpu < 0 ? "?" : trail_say(&w->view, "%d", cpu);
}

static void put_cpus(struct writer *w)
{
	size_t stopped = 0;

	if (!w->facts->n_cpus)
		return;
	trail_text_puts(w->out, "\n## CPUs\n\n");
	ROW(w, "CPU", "Outcome", "Registers", "Task", "Innermost");
	ROW(w, "---", "---", "---", "---", "---");
	for (size_t i = 0; i < w->facts->n_cpus; i++) {
		const struct trail_cpu_facts *cpu = &w->facts->cpus[i];

		stopped += is_stopped(w, i);
		if (is_stopped(w, i) && stopped > STOPPED_CPUS)
			continue;
		ROW(w, number_of(w, i), trail_say_cpu_outcome(&w->view, i),
		    trail_registers_word(cpu),
		    cpu->task.known ? code(w, trail_say_task(&w->view, &cpu->task)) : "",
		    cpu->n_frames ? code(w, trail_say_symbol(&w->view, cpu->frames)) : "");
	}
	if (stopped > STOPPED_CPUS)
		trail_text_printf(w->out, "\n%zu more were stopped or offline.\n",
				  stopped - STOPPED_CPUS);
}

/* ---- what can be opened --------------------------------------------------- */

static void open_details(struct writer *w, const char *summary)
{
	trail_text_printf(w->out, "\n<details>\n<summary>%s</summary>\n\n",
			  escaped(w, trail_text_xml, summary));
}

/* Each line begins with ours, so that none can end the block. */
static void put_stack(struct writer *w, size_t i)
{
	const struct trail_cpu_facts *cpu = &w->facts->cpus[i];

	open_details(w, trail_say(&w->view, "Stack of CPU %s: %s, %s, registers %s",
				  number_of(w, i), trail_say_cpu_outcome(&w->view, i),
				  trail_say_task(&w->view, &cpu->task), trail_registers_word(cpu)));
	trail_text_puts(w->out, "```text\n");
	for (size_t k = 0; k < cpu->n_frames; k++) {
		const struct trail_frame *frame = &cpu->frames[k];
		const char *symbol = trail_say_symbol(&w->view, frame);

		trail_text_printf(w->out, "#%-3zu %s 0x%016llx  %s (%s)\n", k,
				  frame->reliable ? " " : "?", (unsigned long long)frame->address,
				  escaped(w, trail_text_escaped, symbol),
				  trail_frame_how_name(frame->how));
	}
	if (cpu->stack_end || !cpu->n_frames)
		trail_text_printf(w->out, "%s: %s\n", cpu->n_frames ? "ends" : "no frames",
				  escaped(w, trail_text_escaped,
					  cpu->stack_end ? cpu->stack_end : "reason unknown"));
	trail_text_puts(w->out, "```\n\n</details>\n");
}

/* Of the panicking CPU, then of those that were not stopped. */
static void put_stacks(struct writer *w)
{
	trail_text_puts(w->out, w->facts->n_cpus ? "\n## Stacks\n" : "");
	for (int others = 0; others < 2; others++)
		for (size_t i = 0; i < w->facts->n_cpus; i++)
			if (trail_view_panicking(w->timeline, &w->facts->cpus[i])
				    ? !others
				    : others && w->facts->cpus[i].n_frames && !is_stopped(w, i))
				put_stack(w, i);
	if (w->facts->n_cpus)
		trail_text_puts(w->out, "\nThose of stopped CPUs are in the report as text.\n");
}

static void put_evidence(struct writer *w)
{
	if (!w->timeline->n_evidence)
		return;
	trail_text_puts(w->out, "\n## Evidence\n");
	open_details(w, "All pieces of evidence");
	ROW(w, "Id", "Strength", "Source", "Claim", "Statement", "Where", "From");
	ROW(w, "---", "---", "---", "---", "---", "---", "---");
	for (size_t i = 0; i < w->timeline->n_evidence; i++) {
		const struct trail_evidence *e = &w->timeline->evidence[i];

		ROW(w, trail_say(&w->view, "E%zu", i + 1), NAME(trail_strength_names, e->strength),
		    NAME(trail_source_names, e->source),
		    trail_say(&w->view, "%s%s", e->against ? "against " : "", prose(w, e->claim)),
		    prose(w, e->statement), e->where ? code(w, e->where) : "",
		    refs_of(w, &e->from));
	}
	trail_text_puts(w->out, "\n</details>\n");
}

static void put_end(struct writer *w)
{
	const struct trail_policy *policy = w->judgement ? w->judgement->policy : NULL;

	trail_text_puts(w->out, "\nMade by panictrail " TRAIL_VERSION);
	if (policy)
		trail_text_printf(w->out, " by policy %s (%s)", code(w, policy->name),
				  prose(w, policy->source));
	trail_text_printf(w->out, " from %s.\n", code(w, trail_view_path(w->facts)));
}

/* What else there was to read. */
static void put_texts(struct writer *w)
{
	if (!w->facts->n_texts)
		return;
	trail_text_puts(w->out, "\n## Texts\n\n");
	ROW(w, "Input", "What", "State", "Frontier");
	ROW(w, "---", "---", "---", "---");
	for (size_t i = 0; i < w->facts->n_texts; i++)
		ROW(w, code(w, trail_say_text_place(&w->view, i)),
		    prose(w, trail_say_text(&w->view, i)),
		    prose(w, trail_say_text_state(&w->view, i)),
		    prose(w, trail_say_text_frontier(&w->view, i)));
}

static struct trail_error *put_report(const struct trail_report *report, struct trail_text *out)
{
	static void (*const parts[])(struct writer *) = {
		put_summary,   put_findings, put_goals, put_gaps,   put_texts,	  put_stages,
		put_notifiers, put_dumpers,  put_cpus,	put_stacks, put_evidence, put_end,
	};
	struct writer w = { .report = report,
			    .facts = report->facts,
			    .timeline = report->timeline,
			    .judgement = report->judgement,
			    .out = out };

	trail_view_init(&w.view, report);
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(parts); i++)
		parts[i](&w);
	bool failed = w.view.failed || out->failed;
	trail_view_fini(&w.view);
	return failed ? &trail_error_nomem : NULL;
}

struct trail_error *trail_render_markdown(const struct trail_report *report, struct trail_text *out)
{
	struct trail_error *error = NULL;
	struct writer w = { .out = out };

	if (report->next && report->why_several) {
		trail_view_init(&w.view, report);
		trail_text_printf(out, "Several crashes: %s.\n\n", prose(&w, report->why_several));
		trail_view_fini(&w.view);
	}
	for (const struct trail_report *r = report; r && !error; r = r->next) {
		trail_text_puts(out, r == report ? "" : "\n---\n\n");
		error = put_report(r, out);
	}
	return error;
}
