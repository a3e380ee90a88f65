/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The oops that a text tells: its first line, whose it was, when; see texts.h. */
#include "timeline/evidence.h"
#include "timeline/texts.h"

enum {
	HEAD_LINES =
		24,   /* from its first line to the numbered one: arm64 prints the fault between */
	HEAD_CPU = 8, /* from that one to the line of the CPU on old kernels */
};

/*
 * With which an oops begins, where the numbered line is not its first.
 * Source: Linux arch/x86/mm/fault.c show_fault_oops(), lib/bug.c, arch/x86/kernel/traps.c and
 * dumpstack.c; arch/{arm,arm64,riscv,mips,powerpc,loongarch}/mm/fault.c, arch/s390/mm/fault.c;
 * arch/arm64/kernel/traps.c.
 */
static const char *const heads[] = {
	"BUG: unable to handle ",
	"BUG: Unable to handle ",
	"BUG: kernel NULL pointer ",
	"BUG: Kernel NULL pointer ",
	"BUG: stack guard page ",
	"BUG: TASK stack guard page ",
	"BUG: IRQ stack guard page ",
	"Unable to handle kernel ",
	"Unable to handle paging request ",
	"Kernel attempted to ",
	"kernel BUG at ",
	"Kernel BUG at ",
	"kernel tried to execute ",
	"general protection fault",
	"PANIC: double fault",
	"traps: PANIC: double fault",
	"Insufficient stack space to handle exception!",
	"Bad mode in ",
};

static bool is_head(const struct trail_record *r)
{
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(heads); i++)
		if (trail_line_starts(r, heads[i]))
			return true;
	/* mips names the CPU first */
	return trail_line_starts(r, "CPU ") && trail_line_holds(r, " Unable to handle kernel ");
}

/* The first line of the oops whose numbered line is @oops. */
static size_t first_of(const struct trail_log_facts *log, size_t oops)
{
	uint64_t at = log->records[oops].ts_nsec;

	for (size_t i = oops; i-- > 0 && oops - i <= HEAD_LINES;) {
		const struct trail_record *r = &log->records[i];
		if (trail_line_starts(r, "---[ end ") || trail_is_oops_line(r) ||
		    (at != TRAIL_NO_TIME && r->ts_nsec != TRAIL_NO_TIME &&
		     r->ts_nsec + UINT64_C(1000000000) < at))
			break;
		if (is_head(r))
			return i;
	}
	return oops;
}

/*
 * "CPU 3 ", alone on its line; "EIP: 0060:[<c0101234>] EFLAGS: 00010246 CPU: 1".
 * Source: Linux v2.6.32 arch/x86/kernel/dumpstack_64.c, process_32.c __show_regs().
 */
static int32_t alone_cpu(const struct trail_log_facts *log, size_t oops)
{
	for (size_t i = oops + 1; i < log->n && i <= oops + HEAD_CPU; i++) {
		const struct trail_record *r = &log->records[i];
		const char *end = r->text + r->length, *s = trail_line_behind(r, "CPU ");
		const char *last = trail_line_starts(r, "EIP: ")
					   ? memmem(r->text, r->length, " CPU: ", 6)
					   : NULL;
		int32_t cpu;
		if (last && trail_read_number(last + 6, end, &cpu))
			return cpu;
		if (!s || !trail_read_number(s, end, &cpu))
			continue;
		while (s < end && ((*s >= '0' && *s <= '9') || *s == ' '))
			s++;
		if (s == end)
			return cpu;
	}
	return -1;
}

static void read_oops(struct trail_builder *b, size_t text)
{
	const struct trail_log_facts *log = &b->facts->texts[text].log;
	const struct trail_text_read *read = &b->reads[text];
	struct trail_oops *oops = &b->timeline->oops;
	struct trail_cpu_line head = { .cpu = -1, .pid = -1 };
	const struct trail_record *first = &log->records[first_of(log, read->oops)];
	const char *s = first->text, *end = s + first->length;

	while (s < end && *s == ' ')
		s++;
	while (end > s && end[-1] == ' ')
		end--;
	oops->message = trail_pool_strndup(&b->timeline->pool, s, (size_t)(end - s));
	b->failed |= !oops->message;
	if (read->has_oops_head)
		trail_read_cpu_line(&log->records[read->oops_head], &head);
	oops->cpu = head.cpu >= 0 ? head.cpu : alone_cpu(log, read->oops);
	if (head.pid >= 0 && head.comm) {
		oops->task = (struct trail_task){
			.known = true,
			.pid = head.pid,
			.comm = trail_pool_strndup(&b->timeline->pool, head.comm, head.comm_n),
		};
		b->failed |= !oops->task.comm;
	}
	oops->has_time = first->ts_nsec != TRAIL_NO_TIME;
	oops->time_ns = oops->has_time ? first->ts_nsec : 0;
	trail_refs_add(
		b, &oops->evidence,
		trail_evidence_add(b, "oops", false, TRAIL_SOURCE_LOG, TRAIL_CERTAIN,
				   "the kernel has oopsed",
				   trail_text_where(b, text, (size_t)(first - log->records))));
	if (read->has_oops_head)
		trail_refs_add(b, &oops->evidence,
			       trail_evidence_add(b, "oops", false, TRAIL_SOURCE_LOG, TRAIL_LIKELY,
						  "the head of its registers says whose it was",
						  trail_text_where(b, text, read->oops_head)));
}

/* The taint, where the head of the panic's stack or of the oops says it. */
static void read_taint(struct trail_builder *b, size_t text)
{
	const struct trail_text_read *read = &b->reads[text];
	struct trail_cpu_line head;

	if (!read->has_cpu_line ||
	    !trail_read_cpu_line(&b->facts->texts[text].log.records[read->cpu_line], &head) ||
	    !head.taint)
		return;
	b->timeline->text_taint = trail_pool_strndup(&b->timeline->pool, head.taint, head.taint_n);
	b->failed |= !b->timeline->text_taint;
}

void trail_texts_name_oops(struct trail_builder *b)
{
	b->timeline->oops.cpu = -1;
	for (size_t i = 0; i < b->facts->n_texts; i++) {
		if (&b->facts->texts[i].log != b->timeline->log ||
		    b->facts->texts[i].role != TRAIL_ROLE_DEAD)
			continue;
		read_taint(b, i);
		if (b->reads[i].oops_is_cause)
			read_oops(b, i);
	}
}
