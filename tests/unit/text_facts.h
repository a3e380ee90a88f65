/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts of texts, made by hand from their lines, for the tests of what they tell. */
#ifndef TRAIL_TESTS_TEXT_FACTS_H
#define TRAIL_TESTS_TEXT_FACTS_H

#include "crash_facts.h"
#include "facts/facts.h"
#include "timeline/timeline.h"

#define PANIC "Kernel panic - not syncing: sysrq triggered crash\n"
#define HEAD "CPU: 2 PID: 119 Comm: bash Not tainted 6.1.0-56-amd64 #1  Debian 6.1.192-2\n"
#define LOADED \
	"CPU: 2 PID: 119 Comm: bash Kdump: loaded Tainted: G      OE      6.1.0-56-amd64 #1\n"
#define STACK                                                                   \
	"Call Trace:\n <TASK>\n dump_stack_lvl+0x44/0x5c\n panic+0x118/0x2f4\n" \
	" sysrq_handle_crash+0x16/0x20\n __handle_sysrq.cold+0x9f/0x17a\n </TASK>\n"
#define OFFSET "Kernel Offset: 0x1ee00000 from 0xffffffff81000000 (relocation range: 0x0-0x1)\n"
#define OOPS                                                                \
	"BUG: kernel NULL pointer dereference, address: 0000000000000008\n" \
	"Oops: 0002 [#1] PREEMPT SMP NOPTI\n"                               \
	"CPU: 3 UID: 0 PID: 77 Comm: odd name: Not tainted 6.12.1 #1\n"     \
	"RIP: 0010:lab_thread+0xfb/0x1b0 [labmod]\nCall Trace:\n <TASK>\n"  \
	" kthread+0xd7/0x100\n ret_from_fork+0x1f/0x30\n </TASK>\n"

#define PANIC_OF_OOPS "Kernel panic - not syncing: Fatal exception\n"

/* A text of those lines, one each; without levels where it is no dump of pstore. */
static inline struct trail_text_facts *add_text(struct trail_facts *f, enum trail_text_kind kind,
						enum trail_text_role role, const char *reason,
						const char *lines)
{
	struct trail_text_facts *text = trail_facts_add_text(f);

	assert_non_null(text);
	text->kind = kind;
	text->role = role;
	text->path = kind == TRAIL_TEXT_DUMP ? "dmesg-ramoops-0" : "serial.log";
	text->reason = reason;
	text->arch = "x86_64";
	text->log.presence = TRAIL_PRESENT;
	for (const char *s = lines; *s;) {
		size_t n = strcspn(s, "\n");
		struct trail_record *all = trail_pool_grow(&f->pool, text->log.records, text->log.n,
							   sizeof(*all));
		assert_non_null(all);
		text->log.records = all;
		all[text->log.n] = (struct trail_record){
			.seq = text->log.n + 1,
			.ts_nsec = (text->log.n + 1) * UINT64_C(1000000),
			.text = s,
			.length = (uint32_t)n,
			.level = trail_starts_with(s, "Kernel panic") && kind == TRAIL_TEXT_DUMP
					 ? 0
					 : TRAIL_NO_LEVEL,
			.cpu = -1,
			.pid = -1,
		};
		text->log.n++;
		s += n + (s[n] == '\n');
	}
	return text;
}

static inline struct trail_facts *without_dump(void)
{
	struct trail_facts *f = trail_facts_new();

	assert_non_null(f);
	f->format = TRAIL_FORMAT_NONE;
	return f;
}

static inline struct trail_facts *capture(const char *lines)
{
	struct trail_facts *f = without_dump();

	add_text(f, TRAIL_TEXT_CAPTURE, TRAIL_ROLE_DEAD, NULL, lines);
	return f;
}

/* Whatever is claimed has its evidence. */
static inline void check_all(const struct trail_timeline *t)
{
	for (size_t i = 0; i < t->n_stages; i++)
		if (t->stages[i].outcome)
			check_evidence(t, &t->stages[i].evidence);
	for (size_t i = 0; i < t->n_text_calls; i++)
		check_evidence(t, &t->text_calls[i].evidence);
	for (size_t i = 0; i < t->n_text_cpus; i++)
		if (t->text_cpus[i].outcome)
			check_evidence(t, &t->text_cpus[i].evidence);
	if (t->entered != TRAIL_MAYBE)
		check_evidence(t, &t->panic_evidence);
}

#endif
