/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The oops in which panic() ended; see log_oops.h. */
#include "timeline/log_oops.h"

#include "timeline/evidence.h"
#include "timeline/log_stack.h"

/* Is it a record of the kernel by the task of the panic line, with @part in it? */
static bool says(const struct trail_builder *b, size_t i, const char *part)
{
	const struct trail_record *record = &b->timeline->log->records[i],
				  *line = &b->timeline->log->records[b->timeline->panic_record];

	return !record->facility && record->cpu == line->cpu && record->pid == line->pid &&
	       trail_text_has(record->text, record->length, part);
}

/* The first record from @i on that says @part, the end where none does. */
static size_t find(const struct trail_builder *b, size_t i, const char *part)
{
	while (i < b->timeline->log->n && !says(b, i, part))
		i++;
	return i;
}

/* Step @i is in panic() itself. */
static bool is_panic(const struct trail_step *step)
{
	return !step->module &&
	       (trail_streq(step->function, "panic") || trail_streq(step->function, "vpanic"));
}

bool trail_log_oops(struct trail_builder *b, struct trail_stack *ret, size_t *panic_ret,
		    size_t *record_ret)
{
	const struct trail_timeline *t = b->timeline;
	size_t n = b->timeline->log->n, i = 0;

	if (!t->has_panic_record)
		return false;
	/* the number of the oops; a warning has none */
	size_t oops = find(b, t->panic_record + 1, " [#");
	if (oops == n)
		return false;
	size_t next = trail_log_stack(b, oops, n, ret);
	/* it was printed to its end, and panic() was not entered again because of it */
	if (!ret->whole || find(b, next, "---[ end trace ") == n)
		return false;
	for (size_t k = next; k < n; k++)
		if (!b->timeline->log->records[k].facility &&
		    trail_text_has(b->timeline->log->records[k].text,
				   b->timeline->log->records[k].length,
				   "Kernel panic - not syncing"))
			return false;
	while (i < ret->n && !is_panic(&ret->steps[i]))
		i++;
	*panic_ret = i;
	*record_ret = oops;
	return i > 0 && i < ret->n;
}
