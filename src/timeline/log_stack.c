/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of a printed stack → its functions; see log_stack.h. */
#include "timeline/log_stack.h"

#include "timeline/evidence.h"

enum { STEPS_MAX = 256 };

#define HEX "0123456789abcdef"
#define NAME HEX "ghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.$"

/* What a line of a printed stack is. */
enum line {
	LINE_OTHER, /* none: the registers behind a trap, or what follows the stack */
	LINE_CALL,
	LINE_DOUBTFUL,
	LINE_TRAP,
	LINE_USER, /* a trap out of user space: the stack ends there */
	LINE_MARK, /* which stack it is: " <IRQ>" */
	LINE_END,
};

/* Bytes of a line, or what is left of it. */
struct part {
	const char *s;
	size_t n;
};

static bool skip(struct part *line, const char *word)
{
	size_t n = strlen(word);

	if (line->n < n || memcmp(line->s, word, n) != 0)
		return false;
	line->s += n;
	line->n -= n;
	return true;
}

/* The bytes of @set at its start. */
static struct part take(struct part *line, const char *set)
{
	struct part taken = { line->s, 0 };

	while (taken.n < line->n && taken.s[taken.n] && strchr(set, taken.s[taken.n]))
		taken.n++;
	line->s += taken.n;
	line->n -= taken.n;
	return taken;
}

/* "function+0x1f/0x30", with " [module]" behind it. */
static bool read_name(struct part line, struct part *function, struct part *module)
{
	struct part name = take(&line, NAME);

	if (!name.n || !skip(&line, "+0x") || !take(&line, HEX).n || !skip(&line, "/0x") ||
	    !take(&line, HEX).n)
		return false;
	*function = name;
	*module = skip(&line, " [") ? take(&line, NAME "-") : (struct part){ 0 };
	return true;
}

/* "[<ffffffff81000000>] ", "[c000000000000000] ": what some print before a name, once or twice. */
static void skip_addresses(struct part *line)
{
	for (struct part rest = *line; skip(&rest, "["); rest = *line) {
		skip(&rest, "<");
		if (!take(&rest, HEX).n)
			return;
		skip(&rest, ">");
		if (!skip(&rest, "]"))
			return;
		take(&rest, " ");
		*line = rest;
	}
}

/* Where a trap hit, as the other architectures print it. */
static bool skip_trap(struct part *line)
{
	if (skip(line, "pc : ") || skip(line, "epc : ") || skip(line, "PC is at "))
		return true;
	struct part rest = *line;
	if (skip(&rest, "NIP ["))
		rest = (struct part){ line->s + 4, line->n - 4 };
	else if (!skip(&rest, "Krnl PSW : ") || !take(&rest, HEX " ").n || !skip(&rest, "("))
		return false;
	skip_addresses(&rest);
	*line = rest;
	return true;
}

static enum line read_line(const struct trail_record *record, struct part *function,
			   struct part *module)
{
	struct part line = { record->text, record->length };

	*function = *module = (struct part){ 0 };
	take(&line, " ");
	if (skip(&line, "</TASK>"))
		return LINE_END;
	if (skip(&line, "<"))
		return LINE_MARK;
	if (skip(&line, "RIP: ")) {
		struct part cs = take(&line, HEX);
		if (!cs.n || !skip(&line, ":"))
			return LINE_OTHER;
		if (strchr("37bf", cs.s[cs.n - 1])) /* the privilege level, user space's is 3 */
			return LINE_USER;
		skip_addresses(&line);
		read_name(line, function, module);
		return LINE_TRAP;
	}
	skip_addresses(&line);
	if (skip_trap(&line)) {
		read_name(line, function, module);
		return LINE_TRAP;
	}
	bool doubtful = skip(&line, "? ");
	if (!read_name(line, function, module))
		return LINE_OTHER;
	doubtful |= trail_text_has(record->text, record->length, "(unreliable)");
	return doubtful ? LINE_DOUBTFUL : LINE_CALL;
}

static bool add_step(struct trail_builder *b, struct trail_stack *stack, struct part function,
		     struct part module, bool trapped)
{
	struct trail_step *all = trail_pool_grow(&b->timeline->pool, stack->steps, stack->n,
						 sizeof(*all));

	if (!all) {
		b->failed = true;
		return false;
	}
	stack->steps = all;
	all[stack->n].function = trail_timeline_say(b, "%.*s", (int)function.n, function.s);
	all[stack->n].trapped = trapped;
	if (module.n)
		all[stack->n].module = trail_timeline_say(b, "%.*s", (int)module.n, module.s);
	return ++stack->n < STEPS_MAX;
}

static bool same_writer(const struct trail_record *a, const struct trail_record *b)
{
	return a->cpu == b->cpu && a->pid == b->pid;
}

size_t trail_log_stack(struct trail_builder *b, size_t first, size_t end, struct trail_stack *ret)
{
	const struct trail_record *records = b->timeline->log->records, *writer = NULL;
	bool calls = false, trapped = false; /* the last line was a call; the next one was hit */
	struct part function, module;

	*ret = (struct trail_stack){ 0 };
	for (size_t i = first; i < end; i++) {
		if (i > first && records[i].seq != records[i - 1].seq + 1)
			return i;
		if (records[i].facility || (writer && !same_writer(writer, &records[i])))
			continue;
		enum line line = read_line(&records[i], &function, &module);
		if (!writer && line != LINE_CALL && line != LINE_TRAP && line != LINE_USER)
			continue;
		writer = &records[i];
		if (line == LINE_END || line == LINE_USER || (line == LINE_OTHER && calls)) {
			ret->whole = true;
			return i + 1;
		}
		if (line == LINE_CALL || line == LINE_DOUBTFUL)
			calls = true;
		else if (line == LINE_TRAP)
			calls = false, trapped = true;
		if ((line == LINE_CALL || line == LINE_TRAP) && function.n) {
			if (!add_step(b, ret, function, module, trapped))
				return i + 1;
			trapped = false;
		}
	}
	ret->whole = calls;
	return end;
}
