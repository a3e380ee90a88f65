/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers of a kernel's build, in memory; see profile.h. */
#include "source/profile.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "source/profile_trees.h"

enum {
	RANGES_MAX = 4096, /* of addresses, of each kind: stacks differ from dump to dump */
};

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct trail_answer *)a)->question,
		      ((const struct trail_answer *)b)->question);
}

static void keep(void *unused)
{
	(void)unused; /* answers die with the pool */
}

struct trail_error *trail_profile_new(uint64_t stext, struct trail_profile **ret)
{
	struct trail_profile *p = calloc(1, sizeof(*p));

	if (!p)
		return &trail_error_nomem;
	p->stext = stext;
	trail_pool_init(&p->pool);
	*ret = p;
	return NULL;
}

void trail_profile_free(struct trail_profile *p)
{
	if (!p)
		return;
	tdestroy(p->stems, keep);
	tdestroy(p->members, keep);
	tdestroy(p->symbols_at.tree, keep);
	tdestroy(p->orc.tree, keep);
	trail_pool_fini(&p->pool);
	free(p);
}

uint64_t trail_profile_stext(const struct trail_profile *p)
{
	return p->stext;
}

bool trail_profile_has_news(const struct trail_profile *p)
{
	return p->news;
}

static const struct trail_answer *find(void *const *tree, const char *question)
{
	struct trail_answer key = { .question = question };
	struct trail_answer *const *node = tfind(&key, tree, compare);

	return node ? *node : NULL;
}

/* The answer to put into a tree; NULL when there is no memory, or it is there already. */
static struct trail_answer *add(struct trail_profile *p, void **tree, const char *question)
{
	struct trail_answer *a = trail_pool_alloc(&p->pool, 1, sizeof(*a));

	if (!a || !(a->question = trail_pool_strdup(&p->pool, question)))
		return NULL;
	struct trail_answer *const *node = tsearch(a, tree, compare);
	return node && *node == a ? a : NULL;
}

const struct trail_profile_stem *trail_profile_symbols(const struct trail_profile *p,
						       const char *stem)
{
	const struct trail_answer *a = find(&p->stems, stem);

	return a ? &a->stem : NULL;
}

static bool member_question(const char *type, const char *path, char question[TRAIL_QUESTION_MAX])
{
	return snprintf(question, TRAIL_QUESTION_MAX, "%s%s%s", type, path ? "." : "",
			path ? path : "") < TRAIL_QUESTION_MAX;
}

const struct trail_member *trail_profile_member(const struct trail_profile *p, const char *type,
						const char *path, bool *is_there_ret)
{
	char question[TRAIL_QUESTION_MAX];
	const struct trail_answer *a = NULL;

	if (member_question(type, path, question))
		a = find(&p->members, question);
	if (!a)
		return NULL;
	*is_there_ret = a->is_there;
	return &a->member;
}

void trail_profile_add_symbols(struct trail_profile *p, const char *stem,
			       const struct trail_symbol *symbols, size_t n)
{
	struct trail_symbol *own = trail_pool_alloc(&p->pool, n + 1, sizeof(*own));

	if (!own || n > TRAIL_STEM_MAX)
		return;
	for (size_t i = 0; i < n; i++) {
		own[i] = symbols[i];
		own[i].module = own[i].source = NULL;
		own[i].name = trail_pool_strdup(&p->pool, symbols[i].name);
		if (!own[i].name)
			return;
	}
	struct trail_answer *a = add(p, &p->stems, stem);
	if (!a)
		return;
	a->stem = (struct trail_profile_stem){ n, own };
	p->news = true;
}

void trail_profile_add_member(struct trail_profile *p, const char *type, const char *path,
			      const struct trail_member *member)
{
	char question[TRAIL_QUESTION_MAX];
	struct trail_answer *a = member_question(type, path, question)
					 ? add(p, &p->members, question)
					 : NULL;

	if (!a)
		return;
	a->is_there = member;
	if (member)
		a->member = *member;
	p->news = true;
}

/* Ranges do not overlap, so one that meets another is the same. */
static int compare_ranges(const void *a, const void *b)
{
	const struct trail_range *x = a, *y = b;

	if (x->start + x->size <= y->start)
		return -1;
	return y->start + y->size <= x->start;
}

static struct trail_range *range_at(const struct trail_ranges *ranges, uint64_t from)
{
	struct trail_range key = { .start = from, .size = 1 };
	struct trail_range *const *node = tfind(&key, &ranges->tree, compare_ranges);

	return node ? *node : NULL;
}

/* NULL when it cannot be kept. */
static struct trail_range *add_range(struct trail_profile *p, struct trail_ranges *ranges,
				     uint64_t start, uint64_t size)
{
	uint64_t end;

	if (!size || !trail_add(start, size, &end) || ranges->n >= RANGES_MAX)
		return NULL;
	struct trail_range *r = trail_pool_alloc(&p->pool, 1, sizeof(*r));
	if (!r)
		return NULL;
	r->start = start;
	r->size = size;
	struct trail_range *const *node = tsearch(r, &ranges->tree, compare_ranges);
	if (!node || *node != r)
		return NULL;
	ranges->n++;
	return r;
}

const struct trail_symbol *trail_profile_symbol_at(struct trail_profile *p, uint64_t address)
{
	struct trail_range *r = range_at(&p->symbols_at, address - p->stext);

	if (!r)
		return NULL;
	r->symbol.address = p->stext + r->start;
	r->symbol.size = r->size;
	return &r->symbol;
}

const struct trail_orc_entry *trail_profile_orc_at(const struct trail_profile *p, uint64_t address)
{
	const struct trail_range *r = range_at(&p->orc, address - p->stext);

	return r ? &r->row : NULL;
}

void trail_profile_add_symbol_at(struct trail_profile *p, const struct trail_symbol *symbol)
{
	const char *name = trail_pool_strdup(&p->pool, symbol->name);
	struct trail_range *r = name ? add_range(p, &p->symbols_at, symbol->address - p->stext,
						 symbol->size)
				     : NULL;

	if (!r)
		return;
	r->symbol = (struct trail_symbol){ .name = name, .type = symbol->type };
	p->news = true;
}

void trail_profile_add_orc(struct trail_profile *p, uint64_t start, uint64_t end,
			   const struct trail_orc_entry *row)
{
	struct trail_range *r = add_range(p, &p->orc, start - p->stext, end - start);

	if (!r)
		return;
	r->row = *row;
	p->news = true;
}
