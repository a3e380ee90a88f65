/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of what-if share: a crash from a fixture, and words for what an order makes of it.
 */
#ifndef TRAIL_TESTS_WHAT_IF_H
#define TRAIL_TESTS_WHAT_IF_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/text.h"
#include "policy/what_if.h"
#include "source/input.h"

static const char *fixtures; /* the folder */

#define TAIL "flush replay wait restart halt"

/* ---- a crash, and words for what an order makes of it ---------------------- */

struct crash {
	struct trail_facts *facts;
	struct trail_timeline *timeline;
};

static inline void look_again(struct crash *crash)
{
	trail_timeline_freep(&crash->timeline);
	assert_null(trail_timeline_new(crash->facts, &crash->timeline));
}

static inline struct crash crash_of(const char *fixture)
{
	struct crash crash = { NULL, NULL };
	char path[512];
	void *bytes;
	size_t n;

	snprintf(path, sizeof(path), "%s/%s/facts.json", fixtures, fixture);
	assert_null(trail_input_load(path, TRAIL_FACTS_FILE_MAX, &bytes, &n));
	assert_null(trail_facts_load(bytes, n, path, &crash.facts));
	free(bytes);
	look_again(&crash);
	return crash;
}

static inline void forget(struct crash *crash)
{
	trail_timeline_freep(&crash->timeline);
	trail_facts_freep(&crash->facts);
}

static inline const struct trail_what_if *ask(const struct crash *crash, const char *text)
{
	static struct trail_order order;
	const struct trail_what_if *w;

	assert_null(trail_order_parse(text, &order));
	assert_null(trail_what_if(crash->timeline, &order, &w));
	return w;
}

static inline const char *word_of(const struct trail_what_step *step)
{
	static const char *const words[TRAIL_N_STEPS] = {
		[TRAIL_STAGE_DIRECT_KEXEC] = "direct",
		[TRAIL_STAGE_KDUMP_EARLY] = "kdump",
		[TRAIL_STAGE_CPU_BACKTRACES] = "bt",
		[TRAIL_STAGE_STOP_CPUS] = "stop",
		[TRAIL_STAGE_SYS_INFO] = "sys",
		[TRAIL_STAGE_KMSG_DUMP] = "kmsg",
		[TRAIL_STAGE_KDUMP_LATE] = "late",
		[TRAIL_STAGE_CONSOLE_FLUSH] = "flush",
		[TRAIL_STAGE_CONSOLE_REPLAY] = "replay",
		[TRAIL_STAGE_REBOOT_WAIT] = "wait",
		[TRAIL_STAGE_REBOOT] = "restart",
		[TRAIL_STAGE_HALT] = "halt",
		[TRAIL_STEP_KDUMP] = "kdump",
	};

	if (step->list)
		return *step->list ? step->list : "all";
	return words[step->step]; /* NULL: the head, which no model changes */
}

static inline void add_word(struct trail_text *text, const char *word, const char *mark)
{
	trail_text_printf(text, "%s%s%s", text->length ? " " : "", word, mark);
}

static inline bool is_kdump(const struct trail_what_step *s)
{
	return s->step == TRAIL_STEP_KDUMP || s->step == TRAIL_STAGE_KDUMP_EARLY ||
	       s->step == TRAIL_STAGE_KDUMP_LATE || s->step == TRAIL_STAGE_DIRECT_KEXEC;
}

static inline void check_words(const char *order, struct trail_text *got, const char *wanted)
{
	if (strcmp(trail_text_string(got), wanted) != 0)
		fail_msg("%s: \"%s\", wanted \"%s\"", order, trail_text_string(got), wanted);
	trail_text_fini(got);
}

/* The steps that surely come before kdump. */
static inline void check_before(const struct crash *crash, const char *order, const char *wanted)
{
	const struct trail_what_if *w = ask(crash, order);
	struct trail_text text = { 0 };

	for (size_t i = 0; i < w->n_steps; i++)
		if (word_of(&w->steps[i]) && !is_kdump(&w->steps[i]) &&
		    w->steps[i].before_kdump == TRAIL_YES)
			add_word(&text, word_of(&w->steps[i]), "");
	check_words(order, &text, wanted);
}

/* All steps that are not skipped; ? behind an open one. */
static inline void check_all(const struct crash *crash, const char *order, const char *wanted)
{
	const struct trail_what_if *w = ask(crash, order);
	struct trail_text text = { 0 };

	for (size_t i = 0; i < w->n_steps; i++)
		if (word_of(&w->steps[i]) && w->steps[i].outcome != TRAIL_WOULD_BE_SKIPPED)
			add_word(&text, word_of(&w->steps[i]),
				 w->steps[i].outcome == TRAIL_WOULD_BE_OPEN ? "?" : "");
	check_words(order, &text, wanted);
}

static inline bool has_note(const struct trail_what_if *w, const char *part)
{
	for (size_t i = 0; i < w->n_notes; i++)
		if (strstr(w->notes[i], part))
			return true;
	return false;
}

#endif
