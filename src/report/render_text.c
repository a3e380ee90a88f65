/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The report as text: the answer on the first screen, then the tables, then
 * the stacks and the evidence that prove it.  Cells and sentences are built
 * raw and escaped once, in escaped(); nothing else of the input is printed.
 * What is compared in a table is cut to the width, what proves is wrapped.
 */
#include <stdio.h>

#include "base/error.h"
#include "base/table.h"
#include "base/text.h"
#include "report/report.h"
#include "report/view.h"

#define NAME(names, value) trail_name_of(names, TRAIL_ARRAY_SIZE(names), value)

#define MAX_COLUMNS 5 /* of a table */
#define LABEL 11      /* columns of the labels of the first screen */
#define LEAST 4	      /* columns to which a table's column may shrink */
#define FEW_GAPS 2    /* gaps on the first screen */
#define NO_LIMIT SIZE_MAX

enum color { PLAIN, BOLD, RED, YELLOW, GREEN };

static const char *const sequences[] = {
	[PLAIN] = "",	      [BOLD] = "\33[1m",   [RED] = "\33[31m",
	[YELLOW] = "\33[33m", [GREEN] = "\33[32m",
};

/* Colours of outcomes; a word without a row is plain. */
static const struct {
	const char *word;
	enum color color;
} colored[] = {
	{ "called", GREEN },	{ "cut-off", RED },	   { "done", GREEN },
	{ "in-progress", RED }, { "not-stopped", RED },	   { "running", RED },
	{ "stopped", GREEN },	{ "self-stopped", GREEN }, { "unknown", YELLOW },
};

struct page {
	struct trail_view view; /* cells and sentences */
	const struct trail_report *report;
	struct trail_text *out;
};

/* Harmless on a terminal; in the pool. */
static const char *escaped(struct page *p, const char *raw)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 };

	trail_text_escaped(&text, raw, strlen(raw));
	const char *s = text.failed ? NULL
				    : trail_pool_strdup(&p->view.pool, trail_text_string(&text));
	p->view.failed |= !s;
	return s ? s : "";
}

/* Columns a character takes; the wide and the combining ones that occur, without a locale. */
static size_t columns_of(uint32_t c)
{
	if ((c >= 0x300 && c < 0x370) || (c >= 0xfe00 && c < 0xfe10))
		return 0;
	return (c >= 0x1100 && c < 0x1160) || (c >= 0x2e80 && c < 0xa4d0) ||
			       (c >= 0xac00 && c < 0xd7a4) || (c >= 0xf900 && c < 0xfb00) ||
			       (c >= 0xfe30 && c < 0xfe70) || (c >= 0xff00 && c < 0xff61) ||
			       (c >= 0x1f300 && c < 0x1fb00) || (c >= 0x20000 && c < 0x3fffe)
		       ? 2
		       : 1;
}

/* Bytes of the longest start of @s within @limit columns; those columns in @columns_ret. */
static size_t fitting(const char *s, size_t limit, size_t *columns_ret)
{
	size_t n = strlen(s), i = 0;

	*columns_ret = 0;
	while (i < n) {
		uint32_t code = 0;
		size_t length = TRAIL_MAX(trail_utf8_length(s + i, n - i, &code), (size_t)1);
		size_t columns = columns_of(code);

		if (columns > limit - *columns_ret)
			break;
		*columns_ret += columns;
		i += length;
	}
	return i;
}

static void put(struct page *p, enum color color, const char *s, size_t n)
{
	bool on = color != PLAIN && p->report->color && n;

	trail_text_puts(p->out, on ? sequences[color] : "");
	trail_text_add(p->out, s, n);
	trail_text_puts(p->out, on ? "\33[0m" : "");
}

/* Print it in at most @limit columns, cut with an ellipsis; gives the columns used. */
static size_t put_cut(struct page *p, enum color color, const char *s, size_t limit)
{
	size_t columns, n = fitting(s, limit, &columns);

	if (s[n] && limit) {
		n = fitting(s, limit - 1, &columns);
		put(p, color, trail_say(&p->view, "%.*s…", (int)n, s), n + strlen("…"));
		return columns + 1;
	}
	put(p, color, s, n);
	return columns;
}

/*
 * A paragraph: the label in the first @indent columns, then the text, wrapped
 * to the width with that indent; cut at the end of line @most.
 */
static void put_paragraph(struct page *p, enum color color, const char *label, size_t indent,
			  size_t most, const char *raw)
{
	const char *s = escaped(p, raw);
	size_t width = p->report->width;
	size_t room = !width ? NO_LIMIT : width > indent + 20 ? width - indent : 20, used;

	trail_text_puts(p->out, label);
	trail_text_pad(p->out, indent - TRAIL_MIN(indent, strlen(label)));
	for (size_t line = 1; s[fitting(s, room, &used)] && line < most; line++) {
		size_t end = fitting(s, room, &used), at = end;

		while (at && s[at] != ' ')
			at--;
		put(p, color, s, at ? at : end);
		s += at ? at : end;
		s += strspn(s, " ");
		trail_text_puts(p->out, "\n");
		trail_text_pad(p->out, indent);
	}
	put_cut(p, color, s, room);
	trail_text_puts(p->out, "\n");
}

struct row {
	const char *cells[MAX_COLUMNS]; /* escaped */
	enum color color;
};

/* The rows of one table; heads are NULL for a table without. */
struct table {
	const char *heads[MAX_COLUMNS];
	size_t n_columns;
	size_t whole; /* index of the column that is coloured and never cut */
	struct row *rows;
	size_t n;
};

static enum color color_of(const char *word)
{
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(colored); i++)
		if (strcmp(colored[i].word, word) == 0)
			return colored[i].color;
	return PLAIN;
}

static void add_row(struct page *p, struct table *table, enum color color, const char *const *cells)
{
	struct row *rows = trail_pool_grow(&p->view.pool, table->rows, table->n, sizeof(*rows));

	if (!rows) {
		p->view.failed = true;
		return;
	}
	table->rows = rows;
	for (size_t i = 0; i < table->n_columns; i++)
		rows[table->n].cells[i] = escaped(p, cells[i] ? cells[i] : "");
	rows[table->n++].color = color;
}

static size_t widen(size_t width, const char *cell)
{
	size_t columns = 0;

	if (cell)
		fitting(cell, NO_LIMIT, &columns);
	return TRAIL_MAX(width, columns);
}

/* What each column takes; the widest that may be cut gives way until all fit. */
static void measure(const struct page *p, const struct table *table, size_t *widths)
{
	size_t total = 0;

	for (size_t k = 0; k < table->n_columns; k++) {
		widths[k] = widen(0, table->heads[k]);
		for (size_t i = 0; i < table->n; i++)
			widths[k] = widen(widths[k], table->rows[i].cells[k]);
		total += 2 + widths[k];
	}
	while (p->report->width && total > p->report->width) {
		size_t widest = table->n_columns - 1;

		for (size_t k = 0; k < table->n_columns; k++)
			if (k != table->whole && widths[k] > widths[widest])
				widest = k;
		if (widths[widest] <= LEAST)
			return;
		widths[widest]--;
		total--;
	}
}

static void put_row(struct page *p, const struct table *table, const size_t *widths,
		    const char *const *cells, enum color color)
{
	size_t gap = 2;

	for (size_t k = 0; k < table->n_columns; k++) {
		const char *cell = cells[k] ? cells[k] : "";

		if (!*cell) {
			gap += widths[k] + 2;
			continue;
		}
		trail_text_pad(p->out, gap);
		gap = 2 + widths[k] -
		      put_cut(p, k == table->whole ? color : PLAIN, cell, widths[k]);
	}
	trail_text_puts(p->out, "\n");
}

static void put_title(struct page *p, const char *title)
{
	trail_text_puts(p->out, "\n");
	put_paragraph(p, BOLD, "", 0, NO_LIMIT, title);
}

static void put_table(struct page *p, const char *title, const struct table *table)
{
	size_t widths[MAX_COLUMNS];

	put_title(p, title);
	measure(p, table, widths);
	if (table->heads[0])
		put_row(p, table, widths, table->heads, PLAIN);
	for (size_t i = 0; i < table->n; i++)
		put_row(p, table, widths, table->rows[i].cells, table->rows[i].color);
}

static void put_line(struct page *p, const char *label, size_t most, const char *raw)
{
	put_paragraph(p, PLAIN, label, LABEL, most, raw);
}

/* The command that says more; a path that a shell would take apart is left to the reader. */
static const char *next_of(struct page *p)
{
	static const char harmless[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "0123456789_./+:,@%=-";
	const char *path = trail_view_path(p->view.facts);
	bool plain = path && *path && *path != '-' && !path[strspn(path, harmless)];

	return trail_say(&p->view, "panictrail --format json %s", plain ? path : "FILE");
}

static void put_input(struct page *p)
{
	const struct trail_facts *facts = p->view.facts;
	size_t few = TRAIL_MIN(facts->n_gaps, (size_t)FEW_GAPS);
	const char *s = trail_say(&p->view, "%s, %s", trail_format_name(facts->format),
				  facts->complete ? "file whole" : "file cut short or damaged");

	if (facts->n_gaps)
		s = trail_say(&p->view, "%s; %zu gap%s%s", s, facts->n_gaps,
			      facts->n_gaps == 1 ? "" : "s",
			      facts->n_gaps > few ? ", the first:" : ":");
	else
		s = trail_say(&p->view, "%s; no gaps%s", s,
			      facts->complete && !p->report->complete ? ", but a limit was hit"
								      : "");
	put_line(p, "input", 1, s);
	for (size_t i = 0; i < few; i++)
		put_line(p, "", 1,
			 trail_say(&p->view, "  %s: %s", facts->gaps[i].what,
				   facts->gaps[i].why ? facts->gaps[i].why : "unknown"));
}

/* At most 20 lines at any width: the second numbers add up. */
static void put_first_screen(struct page *p)
{
	struct trail_view *v = &p->view;
	const struct trail_timeline *timeline = v->timeline;
	const char *task = trail_say_task(v, trail_view_task(timeline));

	put_paragraph(p, BOLD, "verdict", LABEL, 2, trail_say_verdict(v));
	put_line(p, "panic", 2, trail_say_panic(v));
	put_line(p, "kernel", 1, trail_say_kernel(v));
	put_line(p, "on", 1,
		 timeline->cpu < 0 ? trail_say(v, "CPU unknown, %s", task)
				   : trail_say(v, "CPU %d, %s", timeline->cpu, task));
	put_line(p, "time", 1, trail_say_times(v));
	put_line(p, "trail", 2, trail_say_trail(v));
	put_line(p, "dump", 1, trail_say_dump(v));
	put_line(p, "CPUs", 2, trail_say_cpus(v));
	put_line(p, "notifiers", 2, trail_say_notifiers(v));
	if (timeline->n_contradictions)
		put_paragraph(p, RED, "conflict", LABEL, 1,
			      trail_say(v, "%zu contradiction%s in the input, listed below",
					timeline->n_contradictions,
					timeline->n_contradictions == 1 ? "" : "s"));
	put_input(p);
	put_line(p, "next", 1, next_of(p));
}

static void put_stages(struct page *p)
{
	const struct trail_timeline *timeline = p->view.timeline;
	struct table table = { .heads = { "outcome", "stage", "evidence" }, .n_columns = 3 };

	for (size_t i = 0; i < timeline->n_stages; i++) {
		const struct trail_stage_verdict *stage = &timeline->stages[i];
		const struct trail_evidence *e = trail_view_strongest(timeline, &stage->evidence);
		const char *outcome = NAME(trail_outcome_names, stage->outcome);
		const char *proof = e ? trail_say(&p->view, "E%zu %s", e - timeline->evidence + 1,
						  e->statement)
				      : NULL;

		add_row(p, &table, color_of(outcome),
			(const char *[]){ outcome, NAME(trail_stage_names, stage->stage), proof });
	}
	if (table.n)
		put_table(p, "Stages", &table);
}

/* What is known of a callback beyond this dump, and what its code can do. */
static const char *note_of(struct page *p, size_t i)
{
	const struct trail_notifier_verdict *verdict = &p->view.timeline->notifiers[i];
	enum trail_returns returns = p->view.facts->notifiers[i].returns;
	const char *s = !verdict->catalogued ? "not catalogued"
			: verdict->class     ? verdict->class
					     : "catalogued";

	if (verdict->risk)
		s = trail_say(&p->view, "%s, risk %s", s, verdict->risk);
	if (returns == TRAIL_RETURNS_STOP || returns == TRAIL_RETURNS_MAY_STOP)
		s = trail_say(&p->view, "%s, %s end the chain", s,
			      returns == TRAIL_RETURNS_STOP ? "returns always" : "returns can");
	return s;
}

static void put_notifiers(struct page *p)
{
	const struct trail_facts *facts = p->view.facts;
	struct table table = { .heads = { "#", "priority", "outcome", "function", "note" },
			       .n_columns = 5,
			       .whole = 2 };

	for (size_t i = 0; i < facts->n_notifiers; i++) {
		const struct trail_notifier_facts *n = &facts->notifiers[i];
		const char *outcome = NAME(trail_call_names,
					   p->view.timeline->notifiers[i].outcome);

		add_row(p, &table, color_of(outcome),
			(const char *[]){
				trail_say(&p->view, "%zu", i + 1),
				trail_say(&p->view, "%d", n->priority), outcome,
				trail_say_function(&p->view, n->function, n->module, n->callback),
				note_of(p, i) });
	}
	if (table.n)
		put_table(p, "Panic notifiers, in calling order", &table);
}

static void put_dumpers(struct page *p)
{
	const struct trail_facts *facts = p->view.facts;
	struct table table = { .heads = { "outcome", "function", "name" }, .n_columns = 3 };

	for (size_t i = 0; i < facts->n_dumpers; i++) {
		const struct trail_dumper_facts *d = &facts->dumpers[i];
		const char *outcome = NAME(trail_call_names, p->view.timeline->dumpers[i].outcome);

		add_row(p, &table, color_of(outcome),
			(const char *[]){
				outcome,
				trail_say_function(&p->view, d->function, d->module, d->callback),
				d->name });
	}
	if (table.n) {
		put_table(p, "Kmsg dumpers", &table);
		return;
	}
	put_title(p, "Kmsg dumpers");
	put_paragraph(p, PLAIN, "", 2, 1,
		      facts->dumpers_presence == TRAIL_PRESENT ? "none registered"
							       : "unknown, not read");
}

static const char *symbol_of(struct page *p, const struct trail_frame *frame)
{
	if (!frame->function)
		return frame->module ? trail_say(&p->view, "? [%s]", frame->module) : "?";
	const char *s = trail_say(&p->view, "%s+0x%llx", frame->function,
				  (unsigned long long)frame->offset);
	return frame->module ? trail_say(&p->view, "%s [%s]", s, frame->module) : s;
}

static const char *number_of(struct page *p, const struct trail_cpu_facts *cpu)
{
	return cpu->cpu < 0 ? "?" : trail_say(&p->view, "%d", cpu->cpu);
}

/* "stopped by nmi". */
static const char *outcome_of(struct page *p, size_t i)
{
	const struct trail_cpu_verdict *verdict = &p->view.timeline->cpus[i];
	const char *outcome = NAME(trail_cpu_outcome_names, verdict->outcome);

	return verdict->how ? trail_say(&p->view, "%s by %s", outcome,
					NAME(trail_how_names, verdict->how))
			    : outcome;
}

static void put_cpus(struct page *p)
{
	const struct trail_facts *facts = p->view.facts;
	struct table table = { .heads = { "cpu", "outcome", "registers", "task", "innermost" },
			       .n_columns = 5,
			       .whole = 1 };

	for (size_t i = 0; i < facts->n_cpus; i++) {
		const struct trail_cpu_facts *cpu = &facts->cpus[i];
		size_t outcome = p->view.timeline->cpus[i].outcome;

		add_row(p, &table, color_of(NAME(trail_cpu_outcome_names, outcome)),
			(const char *[]){
				number_of(p, cpu), outcome_of(p, i), trail_registers_word(cpu),
				cpu->task.known ? trail_say_task(&p->view, &cpu->task) : NULL,
				cpu->n_frames ? symbol_of(p, cpu->frames) : NULL });
	}
	if (table.n)
		put_table(p, "CPUs", &table);
}

static void put_log(struct page *p)
{
	const struct trail_facts *facts = p->view.facts;
	size_t after = 0, noise = 0;
	const char *s;

	if (!trail_view_has_log(facts))
		return;
	s = trail_say(&p->view, "%zu records", facts->log.n);
	if (facts->log.lost)
		s = trail_say(&p->view, "%s, %llu unreadable", s,
			      (unsigned long long)facts->log.lost);
	if (trail_view_after_panic(p->view.timeline, &after))
		s = trail_say(&p->view, "%s, %zu after the panic line", s, after);
	for (size_t i = 0; i < facts->log.n; i++)
		noise += trail_view_noise(p->view.timeline, i);
	if (noise)
		s = trail_say(&p->view, "%s, %zu of them by other CPUs", s, noise);
	put_title(p, "Log");
	put_paragraph(p, PLAIN, "", 2, NO_LIMIT, s);
	for (size_t i = 0; i < facts->n_consoles; i++) {
		uint64_t records = trail_view_unflushed(facts, &facts->consoles[i]);
		const char *name = facts->consoles[i].name;

		if (records)
			put_paragraph(p, PLAIN, "", 2, NO_LIMIT,
				      trail_say(&p->view, "console %s: %llu not printed",
						name ? name : "?", (unsigned long long)records));
	}
}

static void put_stack(struct page *p, size_t i)
{
	const struct trail_cpu_facts *cpu = &p->view.facts->cpus[i];
	struct table table = { .n_columns = 5, .whole = 2 };
	const char *title = trail_say(
		&p->view, "Stack of CPU %s: %s, %s, registers %s", number_of(p, cpu),
		outcome_of(p, i), trail_say_task(&p->view, &cpu->task), trail_registers_word(cpu));

	for (size_t k = 0; k < cpu->n_frames; k++) {
		const struct trail_frame *frame = &cpu->frames[k];

		add_row(p, &table, PLAIN,
			(const char *[]){
				frame->reliable ? " " : "?", trail_say(&p->view, "#%zu", k),
				trail_say(&p->view, "0x%llx", (unsigned long long)frame->address),
				symbol_of(p, frame), trail_frame_how_name(frame->how) });
	}
	put_table(p, title, &table);
	if (cpu->stack_end || !cpu->n_frames)
		put_paragraph(p, PLAIN, "", 2, NO_LIMIT,
			      trail_say(&p->view, "%s: %s", cpu->n_frames ? "ends" : "no frames",
					cpu->stack_end ? cpu->stack_end : "reason unknown"));
}

/* The panicking CPU first, then those whose registers were saved. */
static void put_stacks(struct page *p)
{
	const struct trail_facts *facts = p->view.facts;

	for (int others = 0; others < 2; others++)
		for (size_t i = 0; i < facts->n_cpus; i++)
			if (trail_view_panicking(p->view.timeline, &facts->cpus[i])
				    ? !others
				    : others && facts->cpus[i].registers != TRAIL_REGISTERS_NONE)
				put_stack(p, i);
}

static const char *origin_of(struct page *p, const struct trail_evidence *e)
{
	const char *s = e->where ? e->where : "";

	for (size_t i = 0; i < e->from.n; i++)
		s = trail_say(&p->view, "%s%s%sE%zu", s,
			      i	   ? ", "
			      : *s ? "; "
				   : "",
			      i ? "" : "from ", e->from.ids[i] + 1);
	return *s ? trail_say(&p->view, " (%s)", s) : "";
}

static void put_evidence(struct page *p)
{
	const struct trail_timeline *timeline = p->view.timeline;
	char label[64];

	if (timeline->n_evidence)
		put_title(p, "Evidence");
	for (size_t i = 0; i < timeline->n_evidence; i++) {
		const struct trail_evidence *e = &timeline->evidence[i];

		snprintf(label, sizeof(label), "  E%-4zu %-7s  %-10s  ", i + 1,
			 NAME(trail_strength_names, e->strength),
			 NAME(trail_source_names, e->source));
		put_paragraph(p, PLAIN, label, strlen(label), NO_LIMIT,
			      trail_say(&p->view, "%s%s: %s%s", e->against ? "against " : "",
					e->claim, e->statement, origin_of(p, e)));
	}
}

static void put_proof(struct page *p)
{
	const struct trail_facts *facts = p->view.facts;
	const struct trail_timeline *timeline = p->view.timeline;

	if (timeline->n_contradictions)
		put_title(p, "Contradictions");
	for (size_t i = 0; i < timeline->n_contradictions; i++)
		put_paragraph(p, RED, "", 2, NO_LIMIT, timeline->contradictions[i]);
	put_evidence(p);
	if (facts->n_gaps)
		put_title(p, "Gaps");
	for (size_t i = 0; i < facts->n_gaps; i++)
		put_paragraph(p, PLAIN, "", 2, NO_LIMIT,
			      trail_say(&p->view, "%s: %s", facts->gaps[i].what,
					facts->gaps[i].why ? facts->gaps[i].why : "unknown"));
}

struct trail_error *trail_render_text(const struct trail_report *report, struct trail_text *out)
{
	static void (*const parts[])(struct page *) = {
		put_first_screen, put_stages, put_notifiers, put_dumpers,
		put_cpus,	  put_log,    put_stacks,    put_proof,
	};
	struct page p = { .report = report, .out = out };

	trail_view_init(&p.view, report);
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(parts); i++)
		parts[i](&p);
	bool failed = p.view.failed || out->failed;
	trail_view_fini(&p.view);
	return failed ? &trail_error_nomem : NULL;
}
