/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Evidence → the commands of crash and drgn that show the same; see explain.h. */
#include "report/explain.h"

#include <ctype.h>

#include "report/view.h"

/*
 * The commands.  A row is a source of evidence, what it needs to be named ({}
 * stands for it: an address, the number of a CPU, a symbol) and the words;
 * each need that is met gives its command, of two rows with the same need the
 * first; ALWAYS only when no other did.  A row without words says that there
 * is no such command.  To add one, try it on a dump first.
 * Covered by tests/unit/test_explain.c.
 *
 * Source: crash 8 (help p, bt, dis, log, help -D), drgn 0.0.22 (its command
 * line imports drgn.helpers.linux).
 */
/* clang-format off */
const struct trail_check_row trail_check_rows[] = {
	/* two variables have this name, and both commands may take the other one */
	{ TRAIL_SOURCE_MEMORY,     TRAIL_CHECK_SYMBOL, "cpus_stopped", NULL, NULL },
	{ TRAIL_SOURCE_NOTE,       TRAIL_CHECK_SYMBOL, "cpus_stopped", NULL, NULL },
	{ TRAIL_SOURCE_STACK,      TRAIL_CHECK_CPU,    NULL, "bt -c {}", "prog.stack_trace(per_cpu(prog[\"runqueues\"], {}).curr)" },
	{ TRAIL_SOURCE_REGISTER,   TRAIL_CHECK_CPU,    NULL, "bt -c {} -r", "prog.stack_trace(per_cpu(prog[\"runqueues\"], {}).curr)[0].registers()" },
	{ TRAIL_SOURCE_MEMORY,     TRAIL_CHECK_CODE,   NULL, "dis -f {}", NULL },
	{ TRAIL_SOURCE_MEMORY,     TRAIL_CHECK_SYMBOL, NULL, "p -x {}", "prog[\"{}\"]" },
	{ TRAIL_SOURCE_CONFIG,     TRAIL_CHECK_SYMBOL, NULL, "p -x {}", "prog[\"{}\"]" },
	{ TRAIL_SOURCE_SYMBOL,     TRAIL_CHECK_SYMBOL, NULL, "sym {}", "prog.symbol(\"{}\")" },
	{ TRAIL_SOURCE_NOTE,       TRAIL_CHECK_SYMBOL, NULL, "p -x {}", "prog[\"{}\"]" },
	{ TRAIL_SOURCE_NOTE,       TRAIL_CHECK_CPU,    NULL, "help -D", "per_cpu_ptr(prog[\"crash_notes\"], {})" },
	{ TRAIL_SOURCE_NOTE,       TRAIL_CHECK_ALWAYS, NULL, "help -D", NULL },
	{ TRAIL_SOURCE_LOG,        TRAIL_CHECK_ALWAYS, NULL, "log", "print(get_dmesg(prog).decode(errors=\"replace\"))" },
	{ TRAIL_SOURCE_VMCOREINFO, TRAIL_CHECK_ALWAYS, NULL, "help -D", NULL },
};
/* clang-format on */
const size_t trail_n_check_rows = TRAIL_ARRAY_SIZE(trail_check_rows);

/* @words with @value where they hold {}. */
static const char *filled(struct trail_view *v, const char *words, const char *value)
{
	const char *hole = strstr(words, "{}");

	return hole ? trail_say(v, "%.*s%s%s", (int)(hole - words), words, value, hole + 2) : words;
}

static void add(struct trail_view *v, const struct trail_check_row *row, const char *value,
		struct trail_checks *to)
{
	if (row->crash && to->n_crash < TRAIL_CHECKS)
		to->crash[to->n_crash++] = filled(v, row->crash, value);
	if (row->drgn && to->n_drgn < TRAIL_CHECKS)
		to->drgn[to->n_drgn++] = filled(v, row->drgn, value);
}

/* A name that a debugger takes as one word; anything else of a dump is not put into a command. */
static bool is_symbol(const char *s)
{
	for (const char *p = s; *p; p++)
		if (!isalnum((unsigned char)*p) && *p != '_')
			return false;
	return *s && !isdigit((unsigned char)*s);
}

static const struct trail_check_row *row_of(enum trail_source source, enum trail_check_by by,
					    const char *symbol)
{
	for (size_t i = 0; i < trail_n_check_rows; i++) {
		const struct trail_check_row *row = &trail_check_rows[i];
		if (row->source == source && row->by == by &&
		    (!row->symbol || trail_streq(row->symbol, symbol)))
			return row;
	}
	return NULL;
}

void trail_explain(struct trail_view *v, const struct trail_evidence *e, struct trail_checks *ret)
{
	const struct trail_check_row *row;

	*ret = (struct trail_checks){ 0 };
	if (e->code && (row = row_of(e->source, TRAIL_CHECK_CODE, NULL)))
		add(v, row, trail_say(v, "0x%llx", (unsigned long long)e->code), ret);
	if (e->has_cpu && (row = row_of(e->source, TRAIL_CHECK_CPU, NULL)))
		add(v, row, trail_say(v, "%d", e->cpu), ret);
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(e->symbols) && e->symbols[i]; i++)
		if (is_symbol(e->symbols[i]) &&
		    (row = row_of(e->source, TRAIL_CHECK_SYMBOL, e->symbols[i])))
			add(v, row, e->symbols[i], ret);
	if (!ret->n_crash && !ret->n_drgn && (row = row_of(e->source, TRAIL_CHECK_ALWAYS, NULL)))
		add(v, row, "", ret);
}
