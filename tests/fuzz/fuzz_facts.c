/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Saved facts: loaded, saved again, redacted, judged, and worked with to the report. */
#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "facts/facts.h"
#include "facts/redact.h"
#include "policy/judge.h"
#include "report/report.h"
#include "timeline/timeline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	TRAIL_CLEANUP(trail_facts_freep) struct trail_facts *facts = NULL, *again = NULL;
	TRAIL_CLEANUP(trail_timeline_freep) struct trail_timeline *timeline = NULL;
	TRAIL_CLEANUP(trail_policy_freep) struct trail_policy *policy = NULL;
	TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 }, report = { 0 };
	struct trail_redactions redactions = { 0 };
	const struct trail_judgement *judgement;

	trail_error_free(trail_facts_load(data, size, "", &facts));
	if (!facts)
		return 0;
	if (trail_facts_save(facts, &text) ||
	    trail_facts_load(text.data, text.length, "", &again) ||
	    trail_facts_redact(again, NULL, NULL, &redactions) ||
	    trail_timeline_new(facts, &timeline) || trail_policy_default(&policy) ||
	    trail_judge(timeline, policy, &judgement))
		abort();
	for (const struct trail_renderer *r = trail_renderers; r->name; r++)
		if (r->render(&(struct trail_report){ facts, timeline, judgement }, &report))
			abort();
	return 0;
}
