/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What texts tell in one word and one sentence; see texts.h. */
#include "timeline/evidence.h"
#include "timeline/texts.h"
#include "timeline/verdicts.h"

static bool is_dead(const struct trail_builder *b, size_t i)
{
	return b->facts->texts[i].role == TRAIL_ROLE_DEAD;
}

static bool any_oops(const struct trail_builder *b)
{
	for (size_t i = 0; i < b->facts->n_texts; i++)
		if (is_dead(b, i) &&
		    (b->reads[i].has_oops || trail_streq(b->facts->texts[i].reason, "Oops")))
			return true;
	return false;
}

/* A line that reads like panic()'s, and has nothing of it around; NULL: there is none. */
static const char *not_believed(struct trail_builder *b)
{
	for (size_t i = 0; i < b->facts->n_texts; i++) {
		const struct trail_log_facts *log = &b->facts->texts[i].log;
		size_t line = is_dead(b, i) ? trail_next_panic_line(log, true, 0) : log->n;
		if (line < log->n)
			return trail_text_where(b, i, line);
	}
	return NULL;
}

static bool only_crash_kernel(const struct trail_builder *b)
{
	for (size_t i = 0; i < b->facts->n_texts; i++)
		if (b->facts->texts[i].role != TRAIL_ROLE_CRASH_KERNEL)
			return false;
	return b->facts->n_texts;
}

/* Nothing of panic() is in any text. */
static void say_without_panic(struct trail_builder *b)
{
	struct trail_timeline *t = b->timeline;
	const char *line = not_believed(b);

	t->word = t->entered == TRAIL_NO ? "no-panic" : any_oops(b) ? "oops" : "unknown";
	if (t->entered == TRAIL_NO)
		t->text = "no panic: the log ends in an orderly reboot or shutdown";
	else if (only_crash_kernel(b))
		t->text =
			"all lines are the crash kernel's own: the kernel that died has left none here";
	else if (b->kexec >= 0)
		t->text = trail_timeline_say(
			b,
			"the crash kernel was started%s; whether by panic() or straight from the oops is not in this input",
			any_oops(b) ? " behind an oops" : "");
	else if (any_oops(b))
		t->text =
			"an oops, and no panic line in this input: whether panic() was entered cannot be told";
	else
		t->text =
			b->facts->n_texts
				? "no panic line and no oops in this input: what is not in it may still have happened"
				: "no dump, no record and no log in this input: there is nothing to tell by";
	if (line)
		t->text = trail_timeline_say(
			b,
			"%s; a line that reads like panic()'s (%s) is not taken for it: nothing around it is of panic()",
			t->text, line);
}

void trail_texts_say_sentence(struct trail_builder *b)
{
	struct trail_timeline *t = b->timeline;
	const char *name = t->frontier < TRAIL_N_STAGES ? trail_stage_names[t->frontier] : NULL;
	bool kexec = t->frontier == TRAIL_STAGE_DIRECT_KEXEC || t->point;

	if (!name) {
		say_without_panic(b);
		return;
	}
	if (b->went_on) {
		t->word = trail_timeline_say(b, "in-%s", name);
		t->text =
			t->has_panic_record
				? "panic() had come to kmsg_dump, which wrote this record; what it did then is not in it"
				: "panic() had come to kmsg_dump, which wrote this record; the panic line was not captured";
	} else if (!t->frontier_exact) {
		t->word = trail_timeline_say(b, "past-%s", name);
		t->text = trail_timeline_say(
			b, "panic() got to %s at least; what this input shows ends there%s", name,
			b->kexec >= 0 ? ", and the crash kernel was started" : "");
	} else if (!kexec) {
		return; /* the end of panic(): as of a dump */
	}
}
