/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The seam: new, free, look up, add; see facts.h. */
#include "facts/facts.h"

#include <stdlib.h>

struct trail_facts *trail_facts_new(void)
{
	struct trail_facts *facts = calloc(1, sizeof(*facts));

	if (facts)
		trail_pool_init(&facts->pool);
	return facts;
}

void trail_facts_free(struct trail_facts *facts)
{
	if (!facts)
		return;
	trail_pool_fini(&facts->pool);
	free(facts);
}

void trail_facts_freep(struct trail_facts **facts)
{
	trail_facts_free(*facts);
}

const struct trail_scalar *trail_facts_scalar(const struct trail_facts *facts, const char *name)
{
	for (size_t i = 0; i < facts->n_scalars; i++)
		if (strcmp(facts->scalars[i].name, name) == 0)
			return &facts->scalars[i];
	return NULL;
}

bool trail_facts_has(const struct trail_facts *facts, const char *name)
{
	const struct trail_scalar *s = trail_facts_scalar(facts, name);

	return s && s->presence == TRAIL_PRESENT;
}

uint64_t trail_facts_value(const struct trail_facts *facts, const char *name, uint64_t otherwise)
{
	const struct trail_scalar *s = trail_facts_scalar(facts, name);

	return s && s->presence == TRAIL_PRESENT ? s->value : otherwise;
}

const struct trail_cpu_facts *trail_facts_cpu(const struct trail_facts *facts, int32_t cpu)
{
	for (size_t i = 0; cpu >= 0 && i < facts->n_cpus; i++)
		if (facts->cpus[i].cpu == cpu)
			return &facts->cpus[i];
	return NULL;
}

/* A copy in the pool; NULL stays NULL, *@ok turns false when memory runs out. */
static const char *copy(struct trail_pool *pool, const char *s, bool *ok)
{
	const char *mine = s ? trail_pool_strdup(pool, s) : NULL;

	*ok &= !s || mine;
	return mine;
}

bool trail_facts_add_scalar(struct trail_facts *facts, const struct trail_scalar *scalar)
{
	bool ok = true;
	struct trail_scalar *all = trail_pool_grow(&facts->pool, facts->scalars, facts->n_scalars,
						   sizeof(*all));

	if (!all)
		return false;
	facts->scalars = all;
	struct trail_scalar *s = &all[facts->n_scalars];
	*s = *scalar;
	s->name = copy(&facts->pool, s->name, &ok);
	s->text = copy(&facts->pool, s->text, &ok);
	s->symbol = copy(&facts->pool, s->symbol, &ok);
	s->why = copy(&facts->pool, s->why, &ok);
	facts->n_scalars += ok;
	return ok;
}

bool trail_facts_add_gap(struct trail_facts *facts, const char *what, const char *why)
{
	bool ok = true;
	struct trail_gap *all = trail_pool_grow(&facts->pool, facts->gaps, facts->n_gaps,
						sizeof(*all));

	if (!all)
		return false;
	facts->gaps = all;
	all[facts->n_gaps].what = copy(&facts->pool, what, &ok);
	all[facts->n_gaps].why = copy(&facts->pool, why, &ok);
	facts->n_gaps += ok;
	return ok;
}

struct trail_text_facts *trail_facts_add_text(struct trail_facts *facts)
{
	struct trail_text_facts *all = trail_pool_grow(&facts->pool, facts->texts, facts->n_texts,
						       sizeof(*all));

	if (!all)
		return NULL;
	facts->texts = all;
	return &all[facts->n_texts++];
}

bool trail_facts_add_first_gap(struct trail_facts *facts, const char *what, const char *why)
{
	if (!trail_facts_add_gap(facts, what, why))
		return false;
	struct trail_gap first = facts->gaps[facts->n_gaps - 1];
	memmove(facts->gaps + 1, facts->gaps, (facts->n_gaps - 1) * sizeof(*facts->gaps));
	facts->gaps[0] = first;
	return true;
}
