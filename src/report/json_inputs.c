/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Of the report as JSON: each input with its own frontier; and what texts name
 * where no dump is there to tell it.
 */
#include "base/table.h"
#include "report/json_parts.h"
#include "report/report.h"

#define NAME(names, value) trail_name_of(names, TRAIL_ARRAY_SIZE(names), value)

void trail_json_ids(struct trail_json_report *w, json_t *object, const char *key,
		    const struct trail_refs *refs)
{
	json_t *ids = trail_json_set_array(&w->json, object, key);
	char id[24];

	for (size_t i = 0; i < refs->n; i++) {
		snprintf(id, sizeof(id), "E%zu", refs->ids[i] + 1);
		trail_json_add(&w->json, ids, trail_json_string(&w->json, id));
	}
}

void trail_json_task(struct trail_json_report *w, json_t *object, int32_t pid, const char *comm,
		     bool known)
{
	if (!known) {
		trail_json_set_null(&w->json, object, "task");
		return;
	}
	json_t *task = trail_json_set_object(&w->json, object, "task");
	trail_json_set_int(&w->json, task, "pid", pid);
	trail_json_set_string(&w->json, task, "comm", comm);
}

/* A CPU number, null for -1. */
void trail_json_cpu(struct trail_json_report *w, json_t *object, int32_t cpu)
{
	trail_json_set(&w->json, object, "cpu",
		       cpu < 0 ? trail_json_null() : trail_json_int(&w->json, cpu));
}

/* A number that may be unknown. */
void trail_json_known(struct trail_json_report *w, json_t *object, const char *key, bool known,
		      uint64_t value)
{
	trail_json_set(&w->json, object, key,
		       known ? trail_json_uint(&w->json, value) : trail_json_null());
}

void trail_json_stage(struct trail_json_report *w, json_t *object, const char *key,
		      enum trail_stage stage)
{
	trail_json_set_string(&w->json, object, key,
			      stage < TRAIL_N_STAGES ? NAME(trail_stage_names, stage) : NULL);
}

/* The files of a split dump. */
static void write_parts(struct trail_json_report *w, json_t *input)
{
	struct trail_json *json = &w->json;
	json_t *parts = trail_json_set_array(json, input, "parts");

	for (size_t i = 0; i < w->facts->n_parts; i++) {
		const struct trail_dump_part *p = &w->facts->parts[i];
		json_t *part = trail_json_add_object(json, parts);
		trail_json_set_string(json, part, "path", p->path);
		trail_json_known(w, part, "start_pfn", true, p->start_pfn);
		trail_json_known(w, part, "end_pfn", true, p->end_pfn);
	}
}

/* What a text's row has and a dump's has not; null there. */
static void write_text_keys(struct trail_json_report *w, json_t *input,
			    const struct trail_text_facts *text)
{
	struct trail_json *json = &w->json;

	trail_json_set_string(json, input, "role",
			      text ? NAME(trail_text_role_names, text->role) : NULL);
	trail_json_set_string(json, input, "reason", text ? text->reason : NULL);
	trail_json_known(w, input, "count", text && text->count, text ? text->count : 0);
	trail_json_known(w, input, "time_s", text && text->has_time, text ? text->time_s : 0);
	if (!text || !text->has_ecc) {
		trail_json_set_null(json, input, "ecc");
		return;
	}
	json_t *ecc = trail_json_set_object(json, input, "ecc");
	trail_json_set_uint(json, ecc, "corrected_bytes", text->ecc_corrected);
	trail_json_set_uint(json, ecc, "bad_blocks", text->ecc_bad);
}

/* The records that a dump of kmsg_dump() is in. */
static void write_text_parts(struct trail_json_report *w, json_t *input,
			     const struct trail_text_facts *text)
{
	struct trail_json *json = &w->json;
	json_t *parts = trail_json_set_array(json, input, "parts");

	for (size_t i = 0; i < text->n_parts; i++) {
		const struct trail_text_part *p = &text->parts[i];
		json_t *part = trail_json_add_object(json, parts);

		trail_json_known(w, part, "number", p->number, p->number);
		trail_json_set_string(json, part, "record", p->record);
		trail_json_set_string(json, part, "packing", p->packing);
		trail_json_set_string(json, part, "state", NAME(trail_part_state_names, p->state));
		trail_json_set_string(json, part, "why", p->why);
	}
}

static void write_text_input(struct trail_json_report *w, json_t *inputs, size_t i)
{
	static const struct trail_text_verdict nothing = { .frontier = TRAIL_N_STAGES };
	struct trail_json *json = &w->json;
	const struct trail_text_facts *text = &w->facts->texts[i];
	const struct trail_text_verdict *verdict = w->timeline->texts ? &w->timeline->texts[i]
								      : &nothing;

	json_t *input = trail_json_add_object(json, inputs);
	trail_json_set_string(json, input, "path", text->path);
	trail_json_set_string(json, input, "kind", trail_view_text_kind(text));
	trail_json_set_string(json, input, "format", text->form ? text->form : "unknown");
	trail_json_set_null(json, input, "wrapper");
	write_text_parts(w, input, text);
	trail_json_set_bool(json, input, "complete", trail_view_text_complete(text));
	json_t *frontier = trail_json_set_object(json, input, "frontier");
	trail_json_stage(w, frontier, "stage", verdict->frontier);
	trail_json_stage(w, frontier, "step", verdict->frontier);
	trail_json_set_null(json, frontier, "function");
	trail_json_set_string(json, frontier, "bound", verdict->exact ? "exact" : "at-least");
	trail_json_ids(w, frontier, "evidence", &verdict->evidence);
	write_text_keys(w, input, text);
}

/* The dump's own frontier: texts beside it may lead further. */
static void write_frontier(struct trail_json_report *w, json_t *input)
{
	struct trail_json *json = &w->json;
	const struct trail_timeline *t = w->timeline;
	const char *callback = trail_view_callback(t);
	bool texts = w->facts->n_texts;
	enum trail_stage stage = texts ? t->dump_frontier : t->frontier;
	bool known = stage < TRAIL_N_STAGES, exact = texts ? t->dump_exact : t->frontier_exact;

	json_t *frontier = trail_json_set_object(json, input, "frontier");
	trail_json_stage(w, frontier, "stage", stage);
	if (known && callback)
		trail_json_set_string(json, frontier, "step", callback);
	else
		trail_json_stage(w, frontier, "step", stage);
	trail_json_set_string(json, frontier, "function", t->frontier_function);
	trail_json_set_string(json, frontier, "bound", known && exact ? "exact" : "at-least");
	trail_json_ids(w, frontier, "evidence",
		       texts ? &t->dump_frontier_evidence : &t->frontier_evidence);
}

void trail_json_inputs(struct trail_json_report *w, json_t *root)
{
	struct trail_json *json = &w->json;
	json_t *inputs = trail_json_set_array(json, root, "inputs");

	for (size_t i = 0; trail_view_is_text(w->facts) && i < w->facts->n_texts; i++)
		write_text_input(w, inputs, i);
	if (trail_view_is_text(w->facts))
		return;
	json_t *input = trail_json_add_object(json, inputs);
	trail_json_set_string(json, input, "path", trail_view_path(w->facts));
	trail_json_set_string(json, input, "kind", w->facts->loaded ? "facts" : "vmcore");
	trail_json_set_string(json, input, "format", trail_format_name(w->facts->format));
	trail_json_set_string(json, input, "wrapper", trail_wrapper_name(w->facts->wrapper));
	write_parts(w, input);
	trail_json_set_bool(json, input, "complete", w->facts->complete);
	write_frontier(w, input);
	write_text_keys(w, input, NULL);
	for (size_t i = 0; i < w->facts->n_texts; i++)
		write_text_input(w, inputs, i);
}

/* Callbacks that left their mark in a text: their places in the chain are not known. */
void trail_json_text_notifiers(struct trail_json_report *w, json_t *notifiers)
{
	struct trail_json *json = &w->json;

	for (size_t i = 0; i < w->timeline->n_text_calls; i++) {
		const struct trail_text_call *call = &w->timeline->text_calls[i];

		if (call->dumper)
			continue;
		json_t *notifier = trail_json_add_object(json, notifiers);
		trail_json_set_null(json, notifier, "position");
		trail_json_set_string(json, notifier, "function", call->function);
		trail_json_set_string(json, notifier, "module", call->module);
		trail_json_set_null(json, notifier, "priority");
		trail_json_set_null(json, notifier, "address");
		trail_json_set_string(json, notifier, "outcome",
				      NAME(trail_call_names, call->outcome));
		trail_json_set_string(json, notifier, "class", call->class);
		trail_json_set_string(json, notifier, "risk", call->risk);
		trail_json_set_bool(json, notifier, "catalogued", call->class || call->risk);
		trail_json_ids(w, notifier, "evidence", &call->evidence);
	}
}

void trail_json_text_dumpers(struct trail_json_report *w, json_t *dumpers)
{
	struct trail_json *json = &w->json;

	for (size_t i = 0; i < w->timeline->n_text_calls; i++) {
		const struct trail_text_call *call = &w->timeline->text_calls[i];

		if (!call->dumper)
			continue;
		json_t *dumper = trail_json_add_object(json, dumpers);
		trail_json_set_string(json, dumper, "function", call->function);
		trail_json_set_string(json, dumper, "name", call->name);
		trail_json_set_string(json, dumper, "outcome",
				      NAME(trail_call_names, call->outcome));
		trail_json_ids(w, dumper, "evidence", &call->evidence);
	}
}

void trail_json_oops(struct trail_json_report *w, json_t *root)
{
	const struct trail_oops *oops = &w->timeline->oops;
	struct trail_json *json = &w->json;

	if (!oops->message) {
		trail_json_set_null(json, root, "oops");
		return;
	}
	json_t *object = trail_json_set_object(json, root, "oops");
	trail_json_set_string(json, object, "message", oops->message);
	trail_json_cpu(w, object, oops->cpu);
	trail_json_task(w, object, oops->task.pid, oops->task.comm, oops->task.known);
	trail_json_known(w, object, "time_ns", oops->has_time, oops->time_ns);
	trail_json_ids(w, object, "evidence", &oops->evidence);
}

/* CPUs that a text names. */
void trail_json_text_cpus(struct trail_json_report *w, json_t *cpus)
{
	struct trail_json *json = &w->json;

	for (size_t i = 0; i < w->timeline->n_text_cpus; i++) {
		const struct trail_text_cpu *text = &w->timeline->text_cpus[i];
		bool panicking = text->cpu == w->timeline->cpu;
		json_t *cpu = trail_json_add_object(json, cpus);

		trail_json_cpu(w, cpu, text->cpu);
		trail_json_set_string(json, cpu, "role", panicking ? "panicking" : "other");
		trail_json_set_string(json, cpu, "outcome",
				      NAME(trail_cpu_outcome_names, text->outcome));
		trail_json_set_string(json, cpu, "how",
				      text->outcome == TRAIL_CPU_STOPPED
					      ? NAME(trail_how_names, text->how)
					      : NULL);
		trail_json_set_string(json, cpu, "registers", "none");
		trail_json_task(w, cpu, text->task.pid, text->task.comm, text->task.known);
		trail_json_ids(w, cpu, "evidence", &text->evidence);
		trail_json_set_array(json, cpu, "frames");
	}
}

static json_t *tristate(enum trail_tristate value)
{
	return value == TRAIL_MAYBE ? trail_json_null() : trail_json_bool(value == TRAIL_YES);
}

/* Without a dump: what texts say of parameters stands in for their variables. */
void trail_json_text_config(struct trail_json_report *w, json_t *config)
{
	const struct trail_text_config *text = &w->timeline->text_config;
	struct trail_json *json = &w->json;

	trail_json_set(json, config, "crash_kexec_post_notifiers", tristate(text->post_notifiers));
	trail_json_set(json, config, "crash_kernel_loaded", tristate(text->crash_kernel_loaded));
	if (text->has_timeout)
		trail_json_set_int(json, config, "panic_timeout", text->timeout);
	if (text->has_print)
		trail_json_set_hex(json, config, "panic_print", text->print);
}
