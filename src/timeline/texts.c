/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each text shows of panic(); see texts.h. */
#include "timeline/texts.h"

#include <inttypes.h>
#include <stdlib.h>

#include "timeline/evidence.h"
#include "timeline/verdicts.h"

enum {
	OOPS_HEAD = 40, /* lines of an oops up to its header: registers stand before it on arm64 */
	OOPS_FAR = 500, /* lines between two oopses that came together */
};

/* ---- one text ------------------------------------------------------------ */

const char *trail_text_where(struct trail_builder *b, size_t text, size_t record)
{
	const struct trail_text_facts *facts = &b->facts->texts[text];

	return trail_timeline_say(b, "%s, line %" PRIu64, facts->path ? facts->path : "text",
				  facts->log.records[record].seq);
}

static enum trail_source source_of(const struct trail_text_facts *text)
{
	return text->kind == TRAIL_TEXT_DUMP || text->kind == TRAIL_TEXT_CONSOLE
		       ? TRAIL_SOURCE_PSTORE
		       : TRAIL_SOURCE_LOG;
}

/* Is the oops the one that the panic came out of? */
static bool oops_was_fatal(const struct trail_log_facts *log, const struct trail_text_read *read,
			   size_t cpu_line)
{
	const struct trail_record *oops = &log->records[read->oops],
				  *line = &log->records[read->panic];
	struct trail_cpu_line head;

	if (!trail_same_trouble(oops, line))
		return false;
	if (trail_line_holds(line, "Fatal exception") ||
	    trail_line_holds(line, "Aiee, killing interrupt handler!"))
		return true;
	trail_read_cpu_line(&log->records[cpu_line], &head);
	return (head.pid == 1 && trail_line_holds(line, "Attempted to kill init!")) ||
	       (head.pid == 0 && trail_line_holds(line, "Attempted to kill the idle task!"));
}

/*
 * Whose panic it is: the header of the stack that panic() prints, else that of
 * the oops it came out of, behind which panic() prints no stack.
 * Source: kernel/panic.c panic(), dump_stack() unless TAINT_DIE.
 */
static void find_header(const struct trail_log_facts *log, struct trail_text_read *read)
{
	size_t at, end = read->has_panic ? read->panic : log->n;

	read->has_oops_head = read->has_oops &&
			      trail_find_cpu_line(log, read->oops + 1,
						  TRAIL_MIN(read->oops + 1 + OOPS_HEAD, end),
						  &read->oops_head);
	read->oops_is_cause = read->has_oops &&
			      (!read->has_panic ||
			       (read->has_oops_head && oops_was_fatal(log, read, read->oops_head)));
	if (read->has_panic &&
	    trail_find_cpu_line(log, read->panic + 1,
				TRAIL_MIN(read->panic + 1 + TRAIL_CPU_LINE_NEAR, read->end), &at)) {
		read->has_cpu_line = true;
		read->cpu_line = at;
		return;
	}
	if (read->oops_is_cause && read->has_oops_head) {
		read->has_cpu_line = true;
		read->cpu_line = read->oops_head;
	}
}

/* ---- the frontier of one text -------------------------------------------- */

static void advance(struct trail_builder *b, struct trail_text_verdict *v, enum trail_stage stage,
		    bool exact, long id)
{
	if (v->frontier != TRAIL_N_STAGES && stage < v->frontier)
		return;
	if (v->frontier != stage) {
		v->evidence = (struct trail_refs){ 0 };
		v->exact = false;
	}
	v->frontier = stage;
	v->exact |= exact;
	trail_refs_add(b, &v->evidence, id);
}

/* Is the number behind the row's text the CPU of the panic? */
static bool is_own_cpu(const struct trail_text_witness *row, const struct trail_log_facts *log,
		       const struct trail_text_read *read, const struct trail_record *r)
{
	struct trail_cpu_line head;
	int32_t cpu;

	return read->has_cpu_line && trail_read_cpu_line(&log->records[read->cpu_line], &head) &&
	       trail_read_number(trail_line_behind(r, row->text), r->text + r->length, &cpu) &&
	       cpu == head.cpu;
}

/* Was a crash kernel loaded, as the head of the panic's stack says? */
static enum trail_tristate crash_kernel_loaded(const struct trail_text_facts *text,
					       const struct trail_text_read *read)
{
	struct trail_cpu_line head;

	if (!read->has_cpu_line || !trail_read_cpu_line(&text->log.records[read->cpu_line], &head))
		return TRAIL_MAYBE;
	if (head.loaded)
		return TRAIL_YES;
	/* older kernels do not say it: the one thing here that only the release tells */
	return head.whole && head.major >= 5 ? TRAIL_NO : TRAIL_MAYBE;
}

/* The first line that a row may speak of. */
static size_t first_line(const struct trail_text_witness *row, const struct trail_text_read *read,
			 size_t n)
{
	switch (row->place) {
	case TRAIL_PLACE_PANIC:
		return read->has_panic ? read->panic + 1 : read->has_entry ? read->entry : n;
	case TRAIL_PLACE_TROUBLE:
		return read->has_panic	 ? read->panic + 1
		       : read->has_oops	 ? read->oops + 1
		       : read->has_entry ? read->entry
					 : n;
	case TRAIL_PLACE_ANY:
		break;
	}
	return 0;
}

/* Do few lines with a time follow?  A boot loader's may, too. */
static bool is_near_end(const struct trail_log_facts *log, size_t i)
{
	size_t timed = 0;

	while (++i < log->n)
		timed += log->records[i].ts_nsec != TRAIL_NO_TIME;
	return timed <= TRAIL_END_NEAR;
}

static void speak(struct trail_builder *b, size_t text, const struct trail_text_witness *row,
		  size_t record)
{
	const struct trail_text_facts *facts = &b->facts->texts[text];
	struct trail_text_read *read = &b->reads[text];
	struct trail_text_verdict *v = &b->timeline->texts[text];
	const char *claim = row->says == TRAIL_SAYS_STAGE    ? "frontier"
			    : row->says == TRAIL_SAYS_CALLED ? "notifiers"
			    : row->says == TRAIL_SAYS_AWAKE  ? "cpus"
			    : row->says == TRAIL_SAYS_END    ? "panic"
							     : "dump";
	long id = trail_evidence_add(b, claim, false, source_of(facts), row->strength,
				     row->statement, trail_text_where(b, text, record));

	switch (row->says) {
	case TRAIL_SAYS_STAGE:
		read->notifiers |= row->stage >= TRAIL_STAGE_NOTIFIERS;
		if (v->exact && v->frontier == TRAIL_STAGE_KMSG_DUMP && row->stage > v->frontier)
			trail_contradiction(
				b,
				trail_timeline_say(
					b,
					"%s was written by kmsg_dump(), and holds what panic() prints later (%s)",
					facts->path, trail_text_where(b, text, record)));
		advance(b, v, row->stage, row->stage == TRAIL_STAGE_HALT, id);
		break;
	case TRAIL_SAYS_CALLED:
		read->notifiers = true;
		trail_text_called(b, row, id);
		break;
	case TRAIL_SAYS_SAVED:
		read->saved = id;
		read->kdump = read->kdump < 0 ? id : read->kdump;
		break;
	case TRAIL_SAYS_KDUMP:
		read->kdump = read->kdump < 0 ? id : read->kdump;
		break;
	case TRAIL_SAYS_AWAKE:
		b->timeline->text_stop_failed = TRAIL_YES;
		trail_refs_add(b, &b->timeline->text_stop_evidence, id);
		break;
	case TRAIL_SAYS_END:
		if (is_near_end(&facts->log, record))
			read->orderly = id;
		break;
	}
}

/* Ask one row: the first line that fits speaks. */
static void ask(struct trail_builder *b, size_t text, const struct trail_text_witness *row)
{
	const struct trail_text_facts *facts = &b->facts->texts[text];
	const struct trail_text_read *read = &b->reads[text];
	const struct trail_log_facts *log = &facts->log;
	const char *arch = facts->arch ? facts->arch : b->facts->arch;
	size_t end = row->place == TRAIL_PLACE_PANIC ? read->end : log->n;

	if (!trail_arch_is_of(row->archs ? row->archs : "any", arch) ||
	    (row->says == TRAIL_SAYS_CALLED && !arch) ||
	    (row->unloaded && crash_kernel_loaded(facts, read) != TRAIL_NO))
		return;
	for (size_t i = first_line(row, read, log->n); i < end; i++)
		if (trail_line_fits(row, &log->records[i]) &&
		    (!row->own_cpu || is_own_cpu(row, log, read, &log->records[i]))) {
			speak(b, text, row, i);
			return;
		}
}

/* Of the crash kernel's own lines it counts whether a dump was written. */
static void ask_crash_kernel(struct trail_builder *b, size_t text)
{
	const struct trail_log_facts *log = &b->facts->texts[text].log;

	for (size_t w = 0; w < trail_n_text_witnesses; w++)
		for (size_t i = 0; i < log->n && trail_text_witnesses[w].says == TRAIL_SAYS_SAVED;
		     i++)
			if (trail_line_fits(&trail_text_witnesses[w], &log->records[i])) {
				speak(b, text, &trail_text_witnesses[w], i);
				break;
			}
}

/* A record that kmsg_dump() wrote shows where panic() was, whatever its lines are. */
static void ask_reason(struct trail_builder *b, size_t text)
{
	const struct trail_text_facts *facts = &b->facts->texts[text];
	struct trail_text_verdict *v = &b->timeline->texts[text];
	const char *arch = facts->arch ? facts->arch : b->facts->arch,
		   *cmdline = facts->cmdline ? facts->cmdline : b->facts->cmdline;
	/* powerpc's notifier of fadump writes one too; Source: arch/powerpc/kernel/fadump.c, 7.x */
	bool fadump = arch && trail_starts_with(arch, "ppc64") && cmdline &&
		      strstr(cmdline, "fadump=");

	if (facts->kind != TRAIL_TEXT_DUMP || !facts->reason)
		return;
	if (trail_streq(facts->reason, "Panic"))
		advance(b, v, fadump ? TRAIL_STAGE_NOTIFIERS : TRAIL_STAGE_KMSG_DUMP, !fadump,
			trail_evidence_add(
				b, "frontier", false, TRAIL_SOURCE_PSTORE, TRAIL_CERTAIN,
				"the record's first line says Panic: kmsg_dump(KMSG_DUMP_PANIC) wrote it, which panic() calls",
				facts->path));
	else if (trail_streq(facts->reason, "Emergency") && b->reads[text].has_panic)
		advance(b, v, TRAIL_STAGE_REBOOT, false,
			trail_evidence_add(
				b, "frontier", false, TRAIL_SOURCE_PSTORE, TRAIL_LIKELY,
				"the record was written by emergency_restart(), behind the panic line",
				facts->path));
}

static bool is_same_line(const struct trail_record *a, const struct trail_record *b)
{
	return a->ts_nsec == b->ts_nsec && a->length == b->length &&
	       memcmp(a->text, b->text, a->length) == 0;
}

/*
 * The last oops up to the panic line.  Without one the first of those that came
 * together: what goes wrong behind it is mostly a consequence.
 */
static void find_oops(const struct trail_log_facts *log, struct trail_text_read *read)
{
	for (size_t i = read->has_panic ? read->panic : log->n; i-- > 0;) {
		if (!trail_is_oops_line(&log->records[i]))
			continue;
		if (read->has_oops && is_same_line(&log->records[i], &log->records[read->oops]))
			continue; /* two consoles, or read out again */
		if (read->has_oops &&
		    (!trail_same_trouble(&log->records[i], &log->records[read->oops]) ||
		     read->oops - i > OOPS_FAR))
			return;
		read->has_oops = true;
		read->oops = i;
		if (read->has_panic)
			return;
	}
}

/* Without a panic line: what else shows that panic() was entered. */
static void find_entry(struct trail_builder *b, size_t text)
{
	const struct trail_text_facts *facts = &b->facts->texts[text];
	struct trail_text_read *read = &b->reads[text];
	const char *arch = facts->arch ? facts->arch : b->facts->arch;
	bool x86 = arch && trail_arch_is_of("x86", arch);
	size_t i = 0;

	while (i < facts->log.n && !trail_shows_entry(&facts->log.records[i], x86))
		i++;
	if (i == facts->log.n)
		return;
	read->has_entry = true;
	read->entry = i;
	advance(b, &b->timeline->texts[text], TRAIL_STAGE_ENTRY, false,
		trail_evidence_add(b, "panic", false, source_of(facts), TRAIL_LIKELY,
				   trail_shows_panic(&facts->log.records[i])
					   ? "panic() is on a stack that was printed"
					   : "only panic() and its notifiers print such a line",
				   trail_text_where(b, text, i)));
}

static void read_text(struct trail_builder *b, size_t text)
{
	const struct trail_text_facts *facts = &b->facts->texts[text];
	const struct trail_log_facts *log = &facts->log;
	struct trail_text_read *read = &b->reads[text];
	struct trail_text_verdict *v = &b->timeline->texts[text];

	v->frontier = TRAIL_N_STAGES;
	read->kdump = read->saved = read->orderly = TRAIL_NO_EVIDENCE;
	read->has_panic = trail_find_panic_line(log, true, &read->panic);
	/* another one is of an oops inside panic(), or of the crash kernel: not told apart */
	read->end = read->has_panic ? trail_next_panic_line(log, true, read->panic + 1) : log->n;
	find_oops(log, read);
	if (facts->role == TRAIL_ROLE_CRASH_KERNEL)
		ask_crash_kernel(b, text);
	if (facts->role != TRAIL_ROLE_DEAD)
		return;
	find_header(log, read);
	v->has_panic_record = read->has_panic;
	v->panic_record = read->panic;
	if (read->has_panic)
		advance(b, v, TRAIL_STAGE_MESSAGE, false,
			trail_evidence_add(b, "panic", false, source_of(facts), TRAIL_CERTAIN,
					   "panic() has formatted its message",
					   trail_text_where(b, text, read->panic)));
	else
		find_entry(b, text);
	ask_reason(b, text);
	for (size_t w = 0; w < trail_n_text_witnesses; w++)
		ask(b, text, &trail_text_witnesses[w]);
}

/* ---- all of them --------------------------------------------------------- */

/* How much of the panic a text tells: first its line, then what is behind it, then an oops. */
static uint64_t worth(const struct trail_builder *b, size_t i)
{
	const struct trail_text_facts *text = &b->facts->texts[i];
	const struct trail_text_read *read = &b->reads[i];
	uint64_t lines = read->has_panic ? text->log.n - read->panic : text->log.n;

	if (text->role != TRAIL_ROLE_DEAD)
		return 0;
	return 1 + TRAIL_MIN(lines, UINT64_C(1) << 32) + (read->has_oops ? UINT64_C(1) << 40 : 0) +
	       (read->has_panic ? UINT64_C(1) << 41 : 0);
}

static void choose_log(struct trail_builder *b)
{
	struct trail_timeline *t = b->timeline;
	size_t best = 0;

	for (size_t i = 1; i < b->facts->n_texts; i++)
		if (worth(b, i) > worth(b, best))
			best = i;
	if (worth(b, best))
		t->log = &b->facts->texts[best].log;
}

void trail_read_texts(struct trail_builder *b)
{
	struct trail_timeline *t = b->timeline;
	size_t n = b->facts->n_texts;

	t->dump_frontier = TRAIL_N_STAGES;
	t->texts = trail_pool_alloc(&t->pool, n + 1, sizeof(*t->texts));
	b->reads = trail_pool_alloc(&t->pool, n + 1, sizeof(*b->reads));
	if (!t->texts || !b->reads) {
		b->failed = true;
		return;
	}
	for (size_t i = 0; i < n; i++)
		read_text(b, i);
	if (b->facts->format == TRAIL_FORMAT_NONE && n)
		choose_log(b);
}

/* The text that is furthest, n_texts when none has a frontier. */
static size_t furthest(const struct trail_builder *b)
{
	const struct trail_text_verdict *texts = b->timeline->texts;
	size_t best = b->facts->n_texts;

	for (size_t i = 0; i < b->facts->n_texts; i++)
		if (texts[i].frontier != TRAIL_N_STAGES &&
		    (best == b->facts->n_texts || texts[i].frontier > texts[best].frontier ||
		     (texts[i].frontier == texts[best].frontier && texts[i].exact &&
		      !texts[best].exact)))
			best = i;
	return best;
}

/* Take over what the furthest text says, with the evidence of all that say the same. */
static void take_frontier(struct trail_builder *b, size_t best)
{
	struct trail_timeline *t = b->timeline;

	t->frontier = t->texts[best].frontier;
	t->frontier_exact = t->texts[best].exact;
	t->frontier_evidence = (struct trail_refs){ 0 };
	b->went_on = t->frontier_exact && t->frontier == TRAIL_STAGE_KMSG_DUMP;
	for (size_t i = 0; i < b->facts->n_texts; i++)
		for (size_t k = 0;
		     t->texts[i].frontier == t->frontier && k < t->texts[i].evidence.n; k++)
			trail_refs_add(b, &t->frontier_evidence, (long)t->texts[i].evidence.ids[k]);
}

void trail_frontier_of_texts(struct trail_builder *b)
{
	struct trail_timeline *t = b->timeline;
	size_t best = furthest(b);

	t->frontier = TRAIL_N_STAGES;
	t->cpu = -1;
	for (size_t i = 0; i < b->facts->n_texts; i++)
		if (t->texts[i].frontier != TRAIL_N_STAGES) {
			/* the first piece is of the panic line, or of the record's reason */
			t->entered = TRAIL_YES;
			for (size_t k = 0; k < t->texts[i].evidence.n; k++)
				trail_refs_add(b, &t->panic_evidence,
					       (long)t->texts[i].evidence.ids[k]);
		}
	if (best < b->facts->n_texts)
		take_frontier(b, best);
	trail_texts_find_kexec(b);
}

static void against_dump(struct trail_builder *b, size_t text)
{
	const struct trail_timeline *t = b->timeline;

	trail_contradiction(
		b, trail_timeline_say(b, "the dump was made in %s, and %s shows panic() in %s%s",
				      trail_stage_names[t->frontier],
				      b->facts->texts[text].path ? b->facts->texts[text].path
								 : "a text",
				      trail_stage_names[t->texts[text].frontier],
				      t->texts[text].exact ? "" : " at least"));
}

/* The panic line where the dump's log and memory do not have it. */
static void take_message(struct trail_builder *b)
{
	struct trail_timeline *t = b->timeline;

	for (size_t i = 0; i < b->facts->n_texts && !t->message; i++) {
		if (!t->texts[i].has_panic_record)
			continue;
		const struct trail_record *r =
			&b->facts->texts[i].log.records[t->texts[i].panic_record];
		t->message = trail_panic_message(b, r);
		t->has_time = r->ts_nsec != TRAIL_NO_TIME;
		t->time_ns = t->has_time ? r->ts_nsec : 0;
		if (t->entered == TRAIL_MAYBE)
			t->entered = TRAIL_YES;
	}
}

void trail_texts_beside_dump(struct trail_builder *b)
{
	struct trail_timeline *t = b->timeline;
	size_t best = furthest(b);

	take_message(b);
	t->dump_frontier = t->frontier;
	t->dump_exact = t->frontier_exact;
	t->dump_frontier_evidence = t->frontier_evidence;
	if (best == b->facts->n_texts)
		return;
	if (b->facts->writer == TRAIL_WRITER_KERNEL && t->frontier != TRAIL_N_STAGES) {
		/* a crash kernel was running when it was made: the other one did nothing more */
		for (size_t i = 0; i < b->facts->n_texts; i++)
			if (t->texts[i].frontier != TRAIL_N_STAGES &&
			    t->texts[i].frontier > t->frontier)
				against_dump(b, i);
		return;
	}
	if (t->frontier != TRAIL_N_STAGES && t->texts[best].frontier <= t->frontier)
		return;
	if (b->facts->writer != TRAIL_WRITER_HYPERVISOR && t->frontier_exact &&
	    t->frontier != TRAIL_N_STAGES) {
		against_dump(b, best);
		return;
	}
	b->dump_passed = true;
	t->entered = TRAIL_YES;
	take_frontier(b, best);
}
