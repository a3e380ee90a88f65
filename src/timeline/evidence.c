/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Witness rows against facts → evidence; see evidence.h. */
#include "timeline/evidence.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "timeline/plugin_rows.h"

const char *trail_timeline_say(struct trail_builder *b, const char *format, ...)
{
	char buffer[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(buffer, sizeof(buffer), format, args);
	va_end(args);
	const char *s = trail_pool_strdup(&b->timeline->pool, buffer);
	b->failed |= !s;
	return s ? s : "";
}

bool trail_same_function(const char *symbol, const char *name)
{
	size_t n = strlen(name);

	return symbol && strncmp(symbol, name, n) == 0 && (!symbol[n] || symbol[n] == '.');
}

long trail_evidence_add(struct trail_builder *b, const char *claim, bool against,
			enum trail_source source, enum trail_strength strength,
			const char *statement, const char *where)
{
	struct trail_timeline *t = b->timeline;
	struct trail_evidence *all = trail_pool_grow(&t->pool, t->evidence, t->n_evidence,
						     sizeof(*all));

	if (!all) {
		b->failed = true;
		return TRAIL_NO_EVIDENCE;
	}
	t->evidence = all;
	all[t->n_evidence] = (struct trail_evidence){ .claim = claim,
						      .against = against,
						      .source = source,
						      .strength = strength,
						      .statement = statement,
						      .where = where };
	return (long)t->n_evidence++;
}

void trail_evidence_on_cpu(struct trail_builder *b, long id, int32_t cpu)
{
	if (id < 0 || cpu < 0)
		return;
	b->timeline->evidence[id].has_cpu = true;
	b->timeline->evidence[id].cpu = cpu;
}

void trail_evidence_of_code(struct trail_builder *b, long id, uint64_t address)
{
	if (id >= 0)
		b->timeline->evidence[id].code = address;
}

void trail_evidence_of_symbol(struct trail_builder *b, long id, const char *symbol)
{
	size_t i = 0;

	if (id < 0)
		return;
	const char **symbols = b->timeline->evidence[id].symbols;
	while (i < TRAIL_EVIDENCE_SYMBOLS && symbols[i] && !trail_streq(symbols[i], symbol))
		i++;
	if (i < TRAIL_EVIDENCE_SYMBOLS)
		symbols[i] = symbol;
}

void trail_refs_add(struct trail_builder *b, struct trail_refs *refs, long id)
{
	if (id < 0)
		return;
	for (size_t i = 0; i < refs->n; i++)
		if (refs->ids[i] == (size_t)id)
			return;
	size_t *ids = trail_pool_grow(&b->timeline->pool, refs->ids, refs->n, sizeof(*ids));
	if (!ids) {
		b->failed = true;
		return;
	}
	refs->ids = ids;
	size_t i = refs->n++;
	for (; i && ids[i - 1] > (size_t)id; i--)
		ids[i] = ids[i - 1];
	ids[i] = id;
}

void trail_evidence_rests_on(struct trail_builder *b, long id, long from)
{
	if (id >= 0)
		trail_refs_add(b, &b->timeline->evidence[id].from, from);
}

/* ---- conditions ---------------------------------------------------------- */

static bool log_has_after(const struct trail_builder *b, const char *start)
{
	const struct trail_log_facts *log = b->timeline->log;

	for (size_t i = b->timeline->panic_record + 1; b->timeline->has_panic_record && i < log->n;
	     i++)
		if (trail_text_starts(log->records[i].text, log->records[i].length, start))
			return true;
	return false;
}

/* Is a function on the stack?  It is surely not only where the stack was unwound to its end and
 * each frame has a name. */
static bool look_at_frames(const struct trail_cpu_facts *cpu, const char *function, int64_t *ret)
{
	bool all_named = true;

	*ret = 0;
	for (size_t i = 0; i < cpu->n_frames; i++) {
		all_named &= cpu->frames[i].function != NULL;
		if (cpu->frames[i].reliable &&
		    trail_same_function(cpu->frames[i].function, function))
			*ret = 1;
	}
	return *ret || (cpu->stack_whole && all_named);
}

/* The outcome of the first callback of that function; of one that is surely not there none. */
static bool look_at_notifier(const struct trail_builder *b, const char *function, int64_t *ret)
{
	const struct trail_facts *facts = b->facts;

	for (size_t i = 0; i < facts->n_notifiers; i++)
		if (trail_same_function(facts->notifiers[i].function, function)) {
			*ret = b->timeline->notifiers[i].outcome;
			return *ret != TRAIL_CALL_UNKNOWN;
		}
	*ret = TRAIL_CALL_UNKNOWN;
	return facts->chain_presence == TRAIL_PRESENT && facts->chain_complete;
}

static bool is_text_log(const struct trail_builder *b)
{
	return b->timeline->log != &b->facts->log;
}

/* The value a condition looks at; false when it is not known. */
static bool look(const struct trail_builder *b, const struct trail_condition *c,
		 const struct trail_cpu_facts *cpu, int64_t *ret)
{
	switch (c->look) {
	case TRAIL_LOOK_SCALAR:
		*ret = trail_facts_value(b->facts, c->name, 0);
		return trail_facts_has(b->facts, c->name);
	case TRAIL_LOOK_CMDLINE:
		*ret = b->facts->cmdline && strstr(b->facts->cmdline, c->name);
		return b->facts->cmdline;
	case TRAIL_LOOK_LOG_AFTER: /* a text may lack a line, a ring does not */
		*ret = log_has_after(b, c->name);
		return b->timeline->has_panic_record && (*ret || !is_text_log(b));
	case TRAIL_LOOK_LOG_WHOLE:
		*ret = b->timeline->has_panic_record && !b->timeline->log->lost;
		return !is_text_log(b);
	case TRAIL_LOOK_CPU_NOTE:
		*ret = cpu->note;
		return cpu->note != TRAIL_NOTE_UNREAD;
	case TRAIL_LOOK_CPU_ONLINE:
		*ret = cpu->online;
		return cpu->online != TRAIL_MAYBE;
	case TRAIL_LOOK_CPU_ACTIVE:
		*ret = cpu->active;
		return cpu->active != TRAIL_MAYBE;
	case TRAIL_LOOK_CPU_PANIC:
		*ret = cpu->cpu == b->timeline->cpu;
		return b->timeline->cpu >= 0;
	case TRAIL_LOOK_CPU_NUMBER:
		*ret = (int64_t)trail_facts_value(b->facts, c->name, UINT64_MAX) == cpu->cpu;
		return trail_facts_has(b->facts, c->name);
	case TRAIL_LOOK_CPU_LOST:
		*ret = cpu->lost_in_nmi;
		return cpu->lost_in_nmi != TRAIL_MAYBE;
	case TRAIL_LOOK_CPU_FRAME:
		return look_at_frames(cpu, c->name, ret);
	case TRAIL_LOOK_CPU_INNERMOST:
		*ret = cpu->n_frames && trail_same_function(cpu->frames[0].function, c->name);
		/* a CPU that was in user space has none */
		return cpu->n_frames ? cpu->frames[0].function != NULL : cpu->stack_whole;
	case TRAIL_LOOK_STAGE:
		if (b->dump_passed) /* the dump's memory is of an earlier moment */
			return false;
		for (size_t i = 0; i < b->timeline->n_stages; i++)
			if (b->timeline->stages[i].stage == c->stage) {
				*ret = b->timeline->stages[i].outcome;
				return *ret != TRAIL_OUTCOME_UNKNOWN;
			}
		return false;
	case TRAIL_LOOK_PLUGIN: {
		const struct trail_plugin_fact *f = trail_plugins_fact(b->facts, c->name);
		*ret = f ? (int64_t)f->value : 0;
		return f && f->presence == TRAIL_PRESENT;
	}
	case TRAIL_LOOK_NOTIFIER:
		return look_at_notifier(b, c->name, ret);
	case TRAIL_LOOK_NOTHING:
		break;
	}
	return false;
}

static bool compare(enum trail_op op, int64_t seen, int64_t wanted)
{
	switch (op) {
	case TRAIL_OP_IS:
		return seen == wanted;
	case TRAIL_OP_IS_NOT:
		return seen != wanted;
	case TRAIL_OP_AT_LEAST:
		return seen >= wanted;
	case TRAIL_OP_BELOW:
		return seen < wanted;
	}
	return false;
}

enum trail_tristate trail_condition_holds(const struct trail_builder *b,
					  const struct trail_condition *c,
					  const struct trail_cpu_facts *cpu)
{
	int64_t seen;

	if (!look(b, c, cpu, &seen))
		return TRAIL_MAYBE;
	return compare(c->op, seen, c->value) ? TRAIL_YES : TRAIL_NO;
}

enum trail_tristate trail_conditions_hold(const struct trail_builder *b,
					  const struct trail_condition *when, size_t n,
					  const struct trail_cpu_facts *cpu)
{
	enum trail_tristate all = TRAIL_YES;

	for (size_t i = 0; i < n && when[i].look; i++) {
		enum trail_tristate one = trail_condition_holds(b, &when[i], cpu);
		if (one == TRAIL_NO)
			return TRAIL_NO;
		if (one == TRAIL_MAYBE)
			all = TRAIL_MAYBE;
	}
	return all;
}

/* A plugin's fact as a scalar; NULL for none. */
static const struct trail_scalar *as_scalar(const struct trail_plugin_fact *fact,
					    struct trail_scalar *ret)
{
	if (!fact)
		return NULL;
	*ret = (struct trail_scalar){
		.name = fact->name,
		.presence = fact->presence,
		.is_signed = fact->is_signed,
		.value = fact->value,
		.symbol = fact->symbol ? fact->symbol : fact->name,
		.address = fact->address,
	};
	return ret;
}

/* "symbol is 1 (0xffff…)" for each scalar that a row looks at. */
static const char *values_of(struct trail_builder *b, const struct trail_condition *when, size_t n,
			     const char **where_ret)
{
	const char *text = "";

	for (size_t i = 0; i < n && when[i].look; i++) {
		struct trail_scalar of_plugin;
		const struct trail_scalar *s = NULL;
		if (when[i].look == TRAIL_LOOK_SCALAR)
			s = trail_facts_scalar(b->facts, when[i].name);
		else if (when[i].look == TRAIL_LOOK_PLUGIN)
			s = as_scalar(trail_plugins_fact(b->facts, when[i].name), &of_plugin);
		if (!s || s->presence != TRAIL_PRESENT)
			continue;
		const char *value = !s->is_signed
					    ? trail_timeline_say(b, "0x%" PRIx64, s->value)
					    : trail_timeline_say(b, "%" PRId64, (int64_t)s->value);
		text = trail_timeline_say(b, "%s%s%s is %s", text, *text ? ", " : "", s->name,
					  value);
		if (s->address)
			*where_ret = trail_timeline_say(
				b, "%s%s%s at 0x%" PRIx64, *where_ret ? *where_ret : "",
				*where_ret ? ", " : "", s->symbol, s->address);
	}
	return text;
}

/* The variables that conditions look at. */
static void name_symbols(struct trail_builder *b, long id, const struct trail_condition *when,
			 size_t n)
{
	for (size_t i = 0; i < n && when[i].look; i++) {
		const struct trail_scalar *s;
		switch (when[i].look) {
		case TRAIL_LOOK_SCALAR:
		case TRAIL_LOOK_CPU_NUMBER:
			s = trail_facts_scalar(b->facts, when[i].name);
			if (s && s->presence == TRAIL_PRESENT && s->address && s->symbol)
				trail_evidence_of_symbol(b, id, s->symbol);
			break;
		case TRAIL_LOOK_CPU_PANIC:
			if (when[i].value)
				trail_evidence_of_symbol(b, id, "panic_cpu");
			break;
		case TRAIL_LOOK_CPU_ONLINE:
			trail_evidence_of_symbol(b, id, "__cpu_online_mask");
			break;
		case TRAIL_LOOK_CPU_ACTIVE:
			trail_evidence_of_symbol(b, id, "__cpu_active_mask");
			break;
		default:
			break;
		}
	}
}

long trail_witness_speaks(struct trail_builder *b, const struct trail_witness *w, const char *claim,
			  bool against, const struct trail_cpu_facts *cpu)
{
	const char *where = NULL, *values = values_of(b, w->when, TRAIL_CONDITIONS, &where);

	if (cpu && w->from == TRAIL_SOURCE_NOTE && cpu->note_address)
		where = trail_timeline_say(b, "crash_notes of CPU %d at 0x%" PRIx64, cpu->cpu,
					   cpu->note_address);
	const char *statement = *values ? trail_timeline_say(b, "%s: %s", w->statement, values)
					: w->statement;
	long id = trail_evidence_add(b, claim, against, w->from, w->strength, statement, where);
	name_symbols(b, id, w->when, TRAIL_CONDITIONS);
	if (cpu)
		trail_evidence_on_cpu(b, id, cpu->cpu);
	return id;
}

long trail_condition_speaks(struct trail_builder *b, const struct trail_condition *when,
			    enum trail_tristate holds, const char *claim, const char *statement)
{
	size_t first = 0, n = 0;
	const char *where = NULL;

	while (n < TRAIL_CONDITIONS && when[n].look)
		n++;
	/* skipped: the condition that is false says it; done: all of them */
	while (holds == TRAIL_NO && first < n &&
	       trail_condition_holds(b, &when[first], NULL) != TRAIL_NO)
		first++;
	const char *values = values_of(b, when + first, holds == TRAIL_NO ? 1 : n, &where);
	if (!*values)
		return TRAIL_NO_EVIDENCE;
	long id = trail_evidence_add(b, claim, false, TRAIL_SOURCE_CONFIG, TRAIL_CERTAIN,
				     trail_timeline_say(b, "%s: %s", statement, values), where);
	name_symbols(b, id, when + first, holds == TRAIL_NO ? 1 : n);
	return id;
}
