/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What texts name, where no dump tells it: the CPU and task of the panic, callbacks, parameters. */
#include "timeline/evidence.h"
#include "timeline/texts.h"
#include "timeline/verdicts.h"

enum { CPUS_MAX = 1024 }; /* that one text may name */

/* ---- callbacks ----------------------------------------------------------- */

static struct trail_text_call *add_call(struct trail_builder *b, const char *function, bool dumper)
{
	struct trail_timeline *t = b->timeline;

	for (size_t i = 0; i < t->n_text_calls; i++)
		if (trail_streq(t->text_calls[i].function, function))
			return &t->text_calls[i];
	struct trail_text_call *all = trail_pool_grow(&t->pool, t->text_calls, t->n_text_calls,
						      sizeof(*all));
	if (!all) {
		b->failed = true;
		return NULL;
	}
	t->text_calls = all;
	all[t->n_text_calls] = (struct trail_text_call){ .function = function,
							 .dumper = dumper,
							 .outcome = TRAIL_CALL_CALLED };
	return &all[t->n_text_calls++];
}

void trail_text_called(struct trail_builder *b, const struct trail_text_witness *row, long id)
{
	struct trail_text_call *call = add_call(b, row->function, false);

	if (!call)
		return;
	const struct trail_known_notifier *known = trail_known_notifier(row->function, row->module);
	call->module = row->module;
	call->class = known ? known->class : NULL;
	call->risk = known ? known->risk : NULL;
	trail_refs_add(b, &call->evidence, id);
}

/* The dumper that left the record.  Source: drivers/mtd/mtdoops.c, fs/pstore/platform.c. */
static const char *dumper_of(const struct trail_text_facts *text)
{
	return trail_streq(text->form, "mtdoops") ? "mtdoops_do_dump" : "pstore_dump";
}

/* The same where the dump has the list of dumpers. */
static void settle_dumper(struct trail_builder *b, const char *function, long id)
{
	for (size_t i = 0; i < b->facts->n_dumpers; i++) {
		struct trail_dumper_verdict *v = &b->timeline->dumpers[i];
		if (!trail_same_function(b->facts->dumpers[i].function, function) ||
		    v->outcome == TRAIL_CALL_NOT_CALLED) /* a contradiction of the stages */
			continue;
		if (v->outcome == TRAIL_CALL_UNKNOWN || v->outcome == TRAIL_CALL_IN_PROGRESS)
			v->evidence = (struct trail_refs){ 0 };
		v->outcome = TRAIL_CALL_CALLED;
		trail_refs_add(b, &v->evidence, id);
	}
}

/* How surely a record is of a panic: by its first line. */
static bool is_panic_record(const struct trail_text_facts *text)
{
	return text->role == TRAIL_ROLE_DEAD && text->kind == TRAIL_TEXT_DUMP &&
	       trail_streq(text->reason, "Panic");
}

void trail_texts_name_callbacks(struct trail_builder *b)
{
	for (size_t i = 0; i < b->facts->n_texts; i++) {
		const struct trail_text_facts *text = &b->facts->texts[i];
		if (!is_panic_record(text))
			continue;
		const char *function = dumper_of(text);
		long id = trail_evidence_add(
			b, "kmsg dumpers", false, TRAIL_SOURCE_PSTORE, TRAIL_CERTAIN,
			trail_timeline_say(b, "%s() was called for the panic: its record is there",
					   function),
			text->path);
		if (b->facts->format != TRAIL_FORMAT_NONE) {
			settle_dumper(b, function, id);
			continue;
		}
		struct trail_text_call *call = add_call(b, function, true);
		if (!call)
			return;
		call->name = text->form;
		trail_refs_add(b, &call->evidence, id);
	}
}

/* ---- CPUs ---------------------------------------------------------------- */

static struct trail_text_cpu *add_cpu(struct trail_builder *b, int32_t cpu,
				      enum trail_cpu_outcome outcome, long id)
{
	struct trail_timeline *t = b->timeline;
	size_t i = 0;

	while (i < t->n_text_cpus && t->text_cpus[i].cpu < cpu)
		i++;
	if (i == t->n_text_cpus || t->text_cpus[i].cpu != cpu) {
		struct trail_text_cpu *all = trail_pool_grow(&t->pool, t->text_cpus, t->n_text_cpus,
							     sizeof(*all));
		if (!all) {
			b->failed = true;
			return NULL;
		}
		t->text_cpus = all;
		memmove(&all[i + 1], &all[i], (t->n_text_cpus++ - i) * sizeof(*all));
		all[i] = (struct trail_text_cpu){ .cpu = cpu };
	}
	struct trail_text_cpu *v = &t->text_cpus[i];
	if (v->outcome != TRAIL_CPU_UNKNOWN)
		return v;
	v->outcome = outcome;
	trail_refs_add(b, &v->evidence, id);
	return v;
}

/* Two numbers of "panic: Redirecting from CPU 3 to CPU 0 for crash kernel." */
static bool read_redirect(const struct trail_record *r, int32_t *from, int32_t *to)
{
	const char *s = trail_line_behind(r, "panic: Redirecting from CPU "),
		   *end = r->text + r->length;
	const char *next = s ? memmem(s, (size_t)(end - s), " to CPU ", 8) : NULL;

	return next && trail_read_number(s, end, from) && trail_read_number(next + 8, end, to);
}

static bool find_redirect(const struct trail_log_facts *log, size_t end, size_t *at, int32_t *from,
			  int32_t *to)
{
	for (size_t i = end; i-- > 0;)
		if (trail_line_starts(&log->records[i], "panic: Redirecting from CPU ")) {
			*at = i;
			return read_redirect(&log->records[i], from, to);
		}
	return false;
}

static struct trail_task task_of(struct trail_builder *b, const struct trail_cpu_line *head)
{
	const char *comm = head->comm ? trail_pool_strndup(&b->timeline->pool, head->comm,
							   head->comm_n)
				      : "";

	b->failed |= !comm;
	return (struct trail_task){ .known = true, .pid = head->pid, .comm = comm };
}

/* Whose panic a text says it is. */
static void name_panicking(struct trail_builder *b, size_t text)
{
	const struct trail_text_read *read = &b->reads[text];
	const struct trail_log_facts *log = &b->facts->texts[text].log;
	struct trail_timeline *t = b->timeline;
	struct trail_cpu_line head = { .cpu = -1 };
	int32_t from, to;
	size_t at;

	if (find_redirect(log, read->has_panic ? read->panic : log->n, &at, &from, &to)) {
		long id = trail_evidence_add(b, "cpus", false, TRAIL_SOURCE_LOG, TRAIL_LIKELY,
					     "the panic was handed from one CPU to the other",
					     trail_text_where(b, text, at));
		t->cpu = to;
		add_cpu(b, to, TRAIL_CPU_PANICKING, id);
		add_cpu(b, from, TRAIL_CPU_SELF_STOPPED, id);
		return;
	}
	if (read->has_cpu_line)
		trail_read_cpu_line(&log->records[read->cpu_line], &head);
	int32_t said = read->has_panic ? log->records[read->panic].cpu : -1;
	if (said >= 0 && head.cpu >= 0 && said != head.cpu)
		head.cpu = -1;
	int32_t number = head.cpu >= 0 ? head.cpu : said;
	if (number < 0 && read->has_panic && head.pid >= 0 && read->cpu_line > read->panic)
		t->task = task_of(b, &head); /* old kernels tell no CPU there */
	if (number < 0)
		return;
	size_t line = head.cpu >= 0 ? read->cpu_line : read->panic;
	long id = trail_evidence_add(b, trail_timeline_say(b, "cpu %d", number), false,
				     TRAIL_SOURCE_LOG, TRAIL_LIKELY,
				     head.cpu < 0 ? "the panic line says which CPU printed it"
				     : read->has_panic && line < read->panic
					     ? "it printed the oops that the panic came out of"
					     : "it printed the stack behind the panic line",
				     trail_text_where(b, text, line));
	trail_evidence_on_cpu(b, id, number);
	/* an oops need not have led to a panic, nor to that of another record */
	bool panicked = read->has_panic || t->entered == TRAIL_NO;
	struct trail_task task = head.cpu >= 0 ? task_of(b, &head) : (struct trail_task){ 0 };
	struct trail_text_cpu *cpu = add_cpu(
		b, number, panicked ? TRAIL_CPU_PANICKING : TRAIL_CPU_UNKNOWN, id);
	if (cpu)
		cpu->task = task;
	if (panicked) {
		t->cpu = number;
		t->task = task;
	}
}

/* The CPUs that say of themselves that they stop. */
static void name_stopped(struct trail_builder *b, size_t text)
{
	const struct trail_log_facts *log = &b->facts->texts[text].log;
	const struct trail_text_read *read = &b->reads[text];
	size_t n = 0;

	for (size_t i = read->panic + 1; read->has_panic && i < read->end && n < CPUS_MAX; i++) {
		const struct trail_record *r = &log->records[i];
		int32_t cpu;
		if (!trail_read_stopping(r, &cpu))
			continue;
		n++;
		struct trail_text_cpu *v = add_cpu(
			b, cpu, TRAIL_CPU_STOPPED,
			trail_evidence_add(b, trail_timeline_say(b, "cpu %d", cpu), false,
					   TRAIL_SOURCE_LOG, TRAIL_CERTAIN, "it says that it stops",
					   trail_text_where(b, text, i)));
		if (v && v->outcome == TRAIL_CPU_STOPPED)
			v->how = TRAIL_HOW_IPI;
	}
}

void trail_texts_name_cpus(struct trail_builder *b)
{
	const struct trail_facts *facts = b->facts;

	if (facts->format != TRAIL_FORMAT_NONE)
		return;
	for (size_t i = 0; i < facts->n_texts && b->timeline->cpu < 0; i++)
		if (&facts->texts[i].log == b->timeline->log)
			name_panicking(b, i);
	for (size_t i = 0; i < facts->n_texts && b->timeline->cpu < 0; i++)
		if (facts->texts[i].role == TRAIL_ROLE_DEAD)
			name_panicking(b, i);
	for (size_t i = 0; i < facts->n_texts; i++)
		if (facts->texts[i].role == TRAIL_ROLE_DEAD)
			name_stopped(b, i);
}
