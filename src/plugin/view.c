/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host table: what panictrail itself read and found; in the child, see ask.h. */
#include "facts/facts.h"
#include "plugin/ask.h"
#include "timeline/timeline.h"

/* The words of one enumeration are the same in both. */
_Static_assert((int)TRAIL_CALL_CUT_OFF == (int)PANICTRAIL_CALL_CUT_OFF &&
		       (int)TRAIL_CALL_CALLED == (int)PANICTRAIL_CALL_CALLED &&
		       (int)TRAIL_CALL_IN_PROGRESS == (int)PANICTRAIL_CALL_IN_PROGRESS &&
		       (int)TRAIL_CALL_NOT_CALLED == (int)PANICTRAIL_CALL_NOT_CALLED,
	       "outcomes of callbacks");
_Static_assert((int)TRAIL_OUTCOME_DONE == (int)PANICTRAIL_OUTCOME_DONE &&
		       (int)TRAIL_OUTCOME_IN_PROGRESS == (int)PANICTRAIL_OUTCOME_IN_PROGRESS &&
		       (int)TRAIL_OUTCOME_NOT_REACHED == (int)PANICTRAIL_OUTCOME_NOT_REACHED &&
		       (int)TRAIL_OUTCOME_SKIPPED == (int)PANICTRAIL_OUTCOME_SKIPPED,
	       "outcomes of stages");

static const struct trail_plugin_facts *self(const struct trail_ask *ask)
{
	return ask->known ? ask->known : ask->plugin;
}

static int host_fact(const struct panictrail_host *host, const char *name, uint64_t *ret)
{
	static const int statuses[] = {
		[TRAIL_UNREAD] = PANICTRAIL_HOST_NODATA,    [TRAIL_PRESENT] = PANICTRAIL_HOST_OK,
		[TRAIL_ABSENT] = PANICTRAIL_HOST_ABSENT,    [TRAIL_NODATA] = PANICTRAIL_HOST_NODATA,
		[TRAIL_CORRUPT] = PANICTRAIL_HOST_BAD_DATA,
	};
	const struct trail_ask *ask = trail_ask_of(host);

	if (!name || !ret)
		return PANICTRAIL_HOST_USAGE;
	const struct trail_plugin_fact *f = trail_plugin_fact(self(ask), name);
	if (f) {
		if (f->presence == TRAIL_PRESENT)
			*ret = f->value;
		return statuses[f->presence];
	}
	const struct trail_scalar *s = trail_facts_scalar(ask->facts, name);
	if (!s)
		return PANICTRAIL_HOST_USAGE;
	if (s->presence == TRAIL_PRESENT)
		*ret = s->value;
	return statuses[s->presence];
}

static const struct trail_log_facts *log_of(const struct trail_ask *ask)
{
	return ask->timeline ? ask->timeline->log : &ask->facts->log;
}

static int host_record(const struct panictrail_host *host, size_t index,
		       struct panictrail_record *ret)
{
	const struct trail_ask *ask = trail_ask_of(host);
	const struct trail_log_facts *log = log_of(ask);

	if (!ret)
		return PANICTRAIL_HOST_USAGE;
	if (index >= log->n)
		return PANICTRAIL_HOST_ABSENT;
	const struct trail_record *r = &log->records[index];
	bool known = ask->timeline && ask->timeline->has_panic_record;
	*ret = (struct panictrail_record){
		.seq = r->seq,
		.time_ns = r->ts_nsec,
		.text = r->text,
		.length = r->length,
		.level = r->level == TRAIL_NO_LEVEL ? -1 : r->level,
		.cpu = r->cpu,
		.pid = r->pid,
		.after_panic = known ? index > ask->timeline->panic_record : -1,
	};
	return PANICTRAIL_HOST_OK;
}

static int host_callback(const struct panictrail_host *host, size_t index,
			 struct panictrail_callback *ret)
{
	const struct trail_ask *ask = trail_ask_of(host);

	if (!ret)
		return PANICTRAIL_HOST_USAGE;
	if (index >= ask->facts->n_notifiers)
		return PANICTRAIL_HOST_ABSENT;
	const struct trail_notifier_facts *n = &ask->facts->notifiers[index];
	*ret = (struct panictrail_callback){
		.position = (uint32_t)index + 1,
		.function = n->function,
		.module = n->module,
		.block = n->block,
		.address = n->callback,
		.priority = n->priority,
		.outcome = ask->timeline ? ask->timeline->notifiers[index].outcome : 0,
	};
	return PANICTRAIL_HOST_OK;
}

static int host_cpu(const struct panictrail_host *host, size_t index, struct panictrail_cpu *ret)
{
	const struct trail_ask *ask = trail_ask_of(host);

	if (!ret)
		return PANICTRAIL_HOST_USAGE;
	if (index >= ask->facts->n_cpus)
		return PANICTRAIL_HOST_ABSENT;
	const struct trail_cpu_facts *cpu = &ask->facts->cpus[index];
	uint64_t holder = trail_facts_value(ask->facts, "panic_cpu", UINT64_MAX);
	int64_t panicking = ask->timeline ? ask->timeline->cpu : (int64_t)holder;
	*ret = (struct panictrail_cpu){
		.number = cpu->cpu,
		.panicking = cpu->cpu >= 0 && cpu->cpu == panicking,
		.n_frames = (uint32_t)cpu->n_frames,
		.pid = cpu->task.known ? cpu->task.pid : -1,
		.comm = cpu->task.known ? cpu->task.comm : NULL,
	};
	return PANICTRAIL_HOST_OK;
}

static int host_frame(const struct panictrail_host *host, size_t cpu_index, size_t index,
		      struct panictrail_frame *ret)
{
	const struct trail_facts *facts = trail_ask_of(host)->facts;

	if (!ret)
		return PANICTRAIL_HOST_USAGE;
	if (cpu_index >= facts->n_cpus || index >= facts->cpus[cpu_index].n_frames)
		return PANICTRAIL_HOST_ABSENT;
	const struct trail_frame *f = &facts->cpus[cpu_index].frames[index];
	*ret = (struct panictrail_frame){
		.address = f->address,
		.function = f->function,
		.module = f->module,
		.offset = f->offset,
		.reliable = f->reliable,
	};
	return PANICTRAIL_HOST_OK;
}

static int host_stage(const struct panictrail_host *host, const char *stage, uint32_t *ret)
{
	const struct trail_timeline *timeline = trail_ask_of(host)->timeline;
	bool is_word = false;

	if (!stage || !ret)
		return PANICTRAIL_HOST_USAGE;
	if (!timeline)
		return PANICTRAIL_HOST_NOT_NOW;
	for (size_t i = 0; i < timeline->n_stages; i++)
		if (strcmp(trail_stage_names[timeline->stages[i].stage], stage) == 0) {
			*ret = timeline->stages[i].outcome;
			return PANICTRAIL_HOST_OK;
		}
	for (size_t i = 0; i < TRAIL_N_STAGES; i++)
		is_word |= strcmp(trail_stage_names[i], stage) == 0;
	return is_word ? PANICTRAIL_HOST_ABSENT : PANICTRAIL_HOST_USAGE;
}

void trail_ask_set_views(struct panictrail_host *table)
{
	table->fact = host_fact;
	table->record = host_record;
	table->callback = host_callback;
	table->cpu = host_cpu;
	table->frame = host_frame;
	table->stage = host_stage;
}
