/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inputs → incidents.  Each dump and each text is a trace of a crash; traces of
 * the same one are put together, first where something says so, then where
 * nothing speaks against it and there is one crash only that it can be of.
 */
#include "timeline/incidents.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "timeline/evidence.h"
#include "timeline/same_crash.h"

enum {
	TRACES_MAX = 256, /* each is compared with each; what is beyond is left out */
	REASONS_MAX = 16, /* why crashes are other ones is said of so many */
	NAMED_MAX = 16,	  /* texts that are left out are named one by one up to here */
};

/* A trace, and where it is from. */
struct member {
	struct trail_trace trace;
	size_t input;
	size_t group;	/* index of the first member of its crash */
	bool has_crash; /* it is of the kernel that died: it can be compared */
	bool left_out;
};

struct sorter {
	struct trail_facts **inputs;
	size_t n_inputs;
	struct member *members;
	size_t n;
	uint8_t *kin; /* n * n enum trail_kinship; of i and k at i * n + k, i < k */
};

/* ---- who is there ------------------------------------------------------------- */

/* What a clean end of a kernel leaves.  Source: Linux kernel/printk/printk.c
 * kmsg_dump_reason_str(); before v5.8 the last three. */
static bool is_clean_end(const struct trail_text_facts *text, const struct trail_trace *trace)
{
	static const char *const reasons[] = { "Shutdown", "Restart", "Halt", "Poweroff" };

	for (size_t i = 0; text->kind == TRAIL_TEXT_DUMP && i < TRAIL_ARRAY_SIZE(reasons); i++)
		if (trail_streq(text->reason, reasons[i]))
			return !trace->message;
	return false;
}

static bool add_member(struct sorter *s, size_t input, const struct trail_text_facts *text)
{
	struct member *m = &s->members[s->n];

	if (!trail_trace_init(&m->trace, s->inputs[input], text))
		return false;
	m->input = input;
	m->group = s->n++;
	m->has_crash = !text || text->role == TRAIL_ROLE_DEAD;
	return true;
}

/* Dumps come first, so that a crash with one is named by it. */
static bool list_members(struct sorter *s)
{
	size_t room = s->n_inputs;

	for (size_t i = 0; i < s->n_inputs; i++)
		room += s->inputs[i]->n_texts;
	s->members = calloc(room + 1, sizeof(*s->members));
	if (!s->members)
		return false;
	for (size_t i = 0; i < s->n_inputs; i++)
		if (s->inputs[i]->format != TRAIL_FORMAT_NONE && !add_member(s, i, NULL))
			return false;
	for (size_t i = 0; i < s->n_inputs; i++)
		for (size_t k = 0; k < s->inputs[i]->n_texts; k++)
			if (!add_member(s, i, &s->inputs[i]->texts[k]))
				return false;
	return true;
}

/* ---- who belongs together ------------------------------------------------------- */

static void join(struct sorter *s, size_t a, size_t b)
{
	size_t first = TRAIL_MIN(s->members[a].group, s->members[b].group);
	size_t other = TRAIL_MAX(s->members[a].group, s->members[b].group);

	for (size_t i = 0; i < s->n; i++)
		if (s->members[i].group == other)
			s->members[i].group = first;
}

/* What was sorted once stays together: saved facts are of one crash. */
static void join_saved(struct sorter *s)
{
	for (size_t i = 0; i < s->n; i++)
		for (size_t k = i + 1; k < s->n && s->inputs[s->members[i].input]->loaded; k++)
			if (s->members[k].input == s->members[i].input) {
				join(s, i, k);
				break;
			}
}

/* The crash kernel and the next boot follow the crash in the same file. */
static void join_followers(struct sorter *s)
{
	for (size_t i = 1; i < s->n; i++) {
		struct member *m = &s->members[i], *before = &s->members[i - 1];

		if (!m->has_crash && before->trace.text && before->input == m->input &&
		    trail_streq(before->trace.path, m->trace.path))
			join(s, i - 1, i);
	}
}

static enum trail_kinship compare(const struct sorter *s, size_t i, size_t k, char *why)
{
	const struct member *a = &s->members[i], *b = &s->members[k];

	*why = '\0';
	if (!a->has_crash || !b->has_crash)
		return TRAIL_KIN_UNKNOWN;
	return trail_trace_compare(&a->trace, &b->trace, why);
}

static enum trail_kinship kin_of(const struct sorter *s, size_t i, size_t k)
{
	return s->kin[TRAIL_MIN(i, k) * s->n + TRAIL_MAX(i, k)];
}

static bool join_same(struct sorter *s)
{
	char why[TRAIL_WHY_SIZE];

	s->kin = calloc(s->n * s->n + 1, 1);
	for (size_t i = 0; s->kin && i < s->n; i++)
		for (size_t k = i + 1; k < s->n; k++) {
			s->kin[i * s->n + k] = compare(s, i, k, why);
			if (kin_of(s, i, k) == TRAIL_KIN_SAME)
				join(s, i, k);
		}
	return s->kin;
}

static bool is_first(const struct sorter *s, size_t i)
{
	return s->members[i].group == i;
}

/* Does something speak against it that both groups are of one crash?  Then @why says what, of *@a
 * and *@b, which are members of them. */
static bool are_apart(const struct sorter *s, size_t *a, size_t *b, char *why)
{
	for (size_t i = *a; i < s->n; i++)
		for (size_t k = *b; k < s->n && s->members[i].group == *a; k++) {
			if (s->members[k].group != *b || kin_of(s, i, k) != TRAIL_KIN_OTHER)
				continue;
			*a = i;
			*b = k;
			return compare(s, i, k, why) == TRAIL_KIN_OTHER;
		}
	return false;
}

/* How the groups stand to each other, by their first members: at a * n + b. */
struct relations {
	bool *apart; /* something speaks against it that they are of one crash */
	bool *near;  /* they share an input */
};

static void relate(const struct sorter *s, struct relations *r)
{
	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < s->n; k++) {
			const struct member *a = &s->members[i], *b = &s->members[k];
			size_t at = a->group * s->n + b->group;

			r->apart[at] |= i != k && kin_of(s, i, k) == TRAIL_KIN_OTHER;
			r->near[at] |= a->input == b->input;
		}
}

/*
 * Can both groups be of one crash, and is there no third that only one of them can be of the same
 * crash as?  Else it would be a guess.  @near: thirds of other inputs do not count.
 */
static bool are_twins(const struct sorter *s, const struct relations *r, size_t a, size_t b,
		      bool near)
{
	if (r->apart[a * s->n + b] || (near && !r->near[a * s->n + b]))
		return false;
	for (size_t x = 0; x < s->n; x++) {
		size_t xa = a * s->n + x, xb = b * s->n + x;

		if (!is_first(s, x) || (near && !r->near[xa] && !r->near[xb]))
			continue;
		if (r->apart[xa] != r->apart[xb])
			return false;
	}
	return true;
}

/* Join what can be of one crash only, for want of others: first within an input. */
static bool join_possible(struct sorter *s, bool near)
{
	TRAIL_CLEANUP(trail_freep) bool *apart = calloc(s->n * s->n + 1, 1);
	TRAIL_CLEANUP(trail_freep) bool *close = calloc(s->n * s->n + 1, 1);
	TRAIL_CLEANUP(trail_freep) size_t *firsts = calloc(s->n + 1, sizeof(*firsts));
	TRAIL_CLEANUP(trail_freep) size_t *twins = calloc(s->n + 1, sizeof(*twins));
	struct relations r = { apart, close };
	size_t n = 0;

	if (!apart || !close || !firsts || !twins)
		return false;
	relate(s, &r);
	for (size_t i = 0; i < s->n; i++)
		if (is_first(s, i))
			firsts[n++] = i;
	/* twins of twins are twins, so that each is joined with the first of them; the members
	 * change behind the loop, for it asks who is first */
	for (size_t k = n; k-- > 1;)
		for (size_t i = 0; i < k; i++)
			if (are_twins(s, &r, firsts[i], firsts[k], near)) {
				twins[k] = i + 1;
				break;
			}
	for (size_t k = 1; k < n; k++)
		if (twins[k])
			join(s, firsts[twins[k] - 1], firsts[k]);
	return true;
}

/* A record of a clean end is of no crash, unless there is nothing else. */
static void leave_out(struct sorter *s)
{
	size_t left = 0;

	for (size_t i = 0; i < s->n; i++) {
		struct member *m = &s->members[i];

		m->left_out = m->trace.text && is_clean_end(m->trace.text, &m->trace);
		left += m->left_out;
	}
	for (size_t i = 0; left == s->n && i < s->n; i++)
		s->members[i].left_out = false;
}

/* What is beyond the limit is left out too.  Members that are left out stand behind the others and
 * are not sorted. */
static size_t drop_left_out(struct sorter *s)
{
	size_t n = 0;

	leave_out(s);
	for (size_t i = 0; i < s->n; i++) {
		struct member m = s->members[i];

		if (m.left_out || n == TRACES_MAX)
			continue;
		memmove(&s->members[n + 1], &s->members[n], (i - n) * sizeof(m));
		s->members[n] = m;
		s->members[n].group = n;
		n++;
	}
	return n;
}

/* ---- the facts of each ------------------------------------------------------------- */

static bool take_text(struct trail_facts *facts, const struct trail_text_facts *text)
{
	struct trail_text_facts *mine = trail_facts_add_text(facts);

	if (mine)
		*mine = *text;
	return mine;
}

/* Without a dump the kernel is what the dead kernel's texts say of it. */
static void name_kernel(struct trail_facts *facts)
{
	facts->complete = true;
	facts->path = NULL;
	for (size_t i = 0; i < facts->n_texts; i++) {
		const struct trail_text_facts *t = &facts->texts[i];
		bool whole = !t->lost_end && !t->ecc_bad && !t->log.lost;

		if (!facts->path)
			facts->path = t->path;
		for (size_t k = 0; k < t->n_parts && whole; k++)
			whole = t->parts[k].state == TRAIL_PART_WHOLE ||
				t->parts[k].state == TRAIL_PART_DUPLICATE;
		facts->complete &= whole;
		if (t->role != TRAIL_ROLE_DEAD)
			continue;
		facts->arch = facts->arch ? facts->arch : t->arch;
		facts->release = facts->release ? facts->release : t->release;
		facts->version = facts->version ? facts->version : t->version;
		facts->build_id = facts->build_id ? facts->build_id : t->build_id;
		facts->cmdline = facts->cmdline ? facts->cmdline : t->cmdline;
		facts->nodename = facts->nodename ? facts->nodename : t->nodename;
	}
}

/* The facts of a group: those of its dump, else new ones; with its texts. */
static struct trail_facts *build(struct sorter *s, size_t group, bool *used)
{
	const struct member *first = &s->members[group];
	struct trail_facts *facts = first->trace.dump ? s->inputs[first->input] : trail_facts_new();

	if (!facts)
		return NULL;
	if (first->trace.dump) {
		used[first->input] = true;
		facts->texts = NULL; /* the members still point to them */
		facts->n_texts = 0;
	} else {
		facts->format = TRAIL_FORMAT_NONE;
		facts->loaded = s->inputs[first->input]->loaded;
	}
	for (size_t i = group; i < s->n; i++)
		if (s->members[i].group == group && s->members[i].trace.text &&
		    !take_text(facts, s->members[i].trace.text)) {
			if (!first->trace.dump)
				trail_facts_free(facts);
			return NULL;
		}
	if (!first->trace.dump)
		name_kernel(facts);
	return facts;
}

/* The incident of the first trace of an input; the first where it has none. */
static size_t incident_of(const struct sorter *s, size_t input, const size_t *numbers)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->members[i].input == input)
			return numbers[s->members[i].group];
	return 0;
}

/* Gaps of an input go with its first trace; the memory of all goes with the first incident. */
static bool hand_over(struct sorter *s, struct trail_incidents *ret, const size_t *numbers,
		      const bool *used)
{
	for (size_t i = 0; i < s->n_inputs; i++) {
		struct trail_facts *facts = ret->facts[incident_of(s, i, numbers)];

		for (size_t k = 0; !used[i] && k < s->inputs[i]->n_gaps; k++)
			if (!trail_facts_add_gap(facts, s->inputs[i]->gaps[k].what,
						 s->inputs[i]->gaps[k].why))
				return false;
	}
	for (size_t i = 0; i < s->n_inputs; i++) {
		if (!used[i]) {
			trail_pool_adopt(&ret->facts[0]->pool, &s->inputs[i]->pool);
			trail_facts_free(s->inputs[i]);
		}
		s->inputs[i] = NULL;
	}
	return true;
}

/* A member by its path; where another's is the same, with what tells it from that. */
static void put_name(const struct sorter *s, size_t i, size_t other, struct trail_text *text)
{
	const struct trail_trace *t = &s->members[i].trace;
	const struct trail_text_facts *of = t->text;

	trail_text_puts(text, t->path ? t->path : "an input");
	if (!of || !trail_streq(t->path, s->members[other].trace.path))
		return;
	if (of->reason && of->count)
		trail_text_printf(text, " (%s#%" PRIu32 ")", of->reason, of->count);
	else if (of->kind != TRAIL_TEXT_DUMP && of->log.n)
		trail_text_printf(text, " (from line %" PRIu64 ")", of->log.records[0].seq);
}

/* One sentence for each crash behind the first, up to a limit: why it is another one. */
static bool say_why(const struct sorter *s, const size_t *firsts, size_t n, char **ret)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 };
	char why[TRAIL_WHY_SIZE];

	for (size_t k = 1; k < n && k <= REASONS_MAX; k++) {
		size_t a = firsts[0], b = firsts[k];
		bool apart = false;

		for (size_t i = 0; i < k && !apart; i++) {
			a = firsts[i];
			apart = are_apart(s, &a, &b, why);
		}
		a = apart ? a : firsts[0];
		trail_text_puts(&text, k > 1 ? "; " : "");
		put_name(s, b, a, &text);
		trail_text_puts(&text, " is of another crash than ");
		put_name(s, a, b, &text);
		trail_text_printf(&text, ": %s",
				  apart ? why : "nothing in them tells that they are of one");
	}
	if (n > REASONS_MAX + 1)
		trail_text_printf(&text, "; and so are %zu more", n - 1 - REASONS_MAX);
	if (!text.failed && n > 1)
		*ret = strdup(trail_text_string(&text));
	return !text.failed && (n < 2 || *ret);
}

/* A dump is never left out: there are not so many. */
static bool name_left_out(struct sorter *s, size_t n_all, struct trail_facts *facts)
{
	char why[TRAIL_WHY_SIZE];
	size_t n = 0;

	for (size_t i = s->n; i < n_all; i++) {
		const struct trail_text_facts *text = s->members[i].trace.text;

		if (!text || ++n > NAMED_MAX)
			continue;
		if (s->members[i].left_out)
			snprintf(why, sizeof(why),
				 "a record of reason %s is of no crash: it is left out",
				 text->reason);
		else
			snprintf(why, sizeof(why), "left out: it is one of more than %d texts",
				 TRACES_MAX);
		if (!trail_facts_add_gap(facts, s->members[i].trace.path, why))
			return false;
	}
	snprintf(why, sizeof(why), "%zu more are left out", n > NAMED_MAX ? n - NAMED_MAX : 0);
	return n <= NAMED_MAX || trail_facts_add_gap(facts, "texts", why);
}

static bool build_all(struct sorter *s, size_t n_all, struct trail_incidents *ret)
{
	TRAIL_CLEANUP(trail_freep) size_t *numbers = calloc(s->n + 1, sizeof(*numbers));
	TRAIL_CLEANUP(trail_freep) size_t *firsts = calloc(s->n + 1, sizeof(*firsts));
	TRAIL_CLEANUP(trail_freep) bool *used = calloc(s->n_inputs + 1, sizeof(*used));

	ret->facts = calloc(s->n + 1, sizeof(struct trail_facts *));
	if (!numbers || !firsts || !used || !ret->facts)
		return false;
	for (size_t i = 0; i < s->n; i++) {
		if (!is_first(s, i))
			continue;
		struct trail_facts *facts = build(s, i, used);
		if (!facts)
			return false;
		if (s->members[i].trace.dump)
			s->inputs[s->members[i].input] = facts;
		numbers[i] = ret->n;
		firsts[ret->n] = i;
		ret->facts[ret->n++] = facts;
	}
	return name_left_out(s, n_all, ret->facts[0]) && say_why(s, firsts, ret->n, &ret->why) &&
	       hand_over(s, ret, numbers, used);
}

/* Nothing but gaps: still facts, of which all is unknown. */
static bool keep_gaps(struct sorter *s, struct trail_incidents *ret)
{
	ret->facts = calloc(s->n_inputs, sizeof(struct trail_facts *));
	if (!ret->facts)
		return false;
	ret->facts[0] = s->inputs[0];
	ret->n = 1;
	s->inputs[0] = NULL;
	for (size_t i = 1; i < s->n_inputs; i++) {
		for (size_t k = 0; k < s->inputs[i]->n_gaps; k++)
			if (!trail_facts_add_gap(ret->facts[0], s->inputs[i]->gaps[k].what,
						 s->inputs[i]->gaps[k].why))
				return false;
		trail_facts_free(s->inputs[i]);
		s->inputs[i] = NULL;
	}
	return true;
}

static bool sort(struct sorter *s, struct trail_incidents *ret)
{
	if (!list_members(s))
		return false;
	if (!s->n)
		return keep_gaps(s, ret);
	size_t n_all = s->n;
	s->n = drop_left_out(s);
	join_saved(s);
	join_followers(s);
	bool good = join_same(s);
	good = good && join_possible(s, true) && join_possible(s, false) &&
	       build_all(s, n_all, ret);
	s->n = n_all;
	return good;
}

struct trail_error *trail_incidents_sort(struct trail_facts **inputs, size_t n,
					 struct trail_incidents *ret)
{
	struct sorter s = { .inputs = inputs, .n_inputs = n };

	*ret = (struct trail_incidents){ .n = 0 };
	bool good = !n || sort(&s, ret);
	for (size_t i = 0; s.members && i < s.n; i++)
		trail_trace_fini(&s.members[i].trace);
	free(s.members);
	free(s.kin);
	if (good)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < ret->n; k++) /* the facts of a dump are both */
			if (ret->facts[k] == inputs[i])
				inputs[i] = NULL;
		trail_facts_free(inputs[i]);
		inputs[i] = NULL;
	}
	trail_incidents_fini(ret);
	return &trail_error_nomem;
}

void trail_incidents_fini(struct trail_incidents *incidents)
{
	for (size_t i = 0; i < incidents->n; i++)
		trail_facts_free(incidents->facts[i]);
	free(incidents->facts);
	free(incidents->why);
	*incidents = (struct trail_incidents){ .n = 0 };
}
