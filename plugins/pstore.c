/* SPDX-License-Identifier: MIT */
/*
 * pstore: which backend there was, and what pstore_dump() wrote.  The header of
 * the last record stays in its buffer: "Panic#1 Part3".  A sample of reading
 * strings, and of a rule that asks for a stage.
 */
#include "panictrail/host.h"
#include "panictrail/plugin.h"

#define PLATFORM "fs/pstore/platform.c"

enum { HEADER = 32 /* bytes of a buffer that are looked at */ };

static const struct panictrail_need needs[] = {
	{ PANICTRAIL_NEED_DUMPER, "pstore_dump" },
	{ 0 },
};

static const struct panictrail_fact facts[] = {
	{ .name = "dumps",
	  .kind = PANICTRAIL_FACT_VARIABLE,
	  .symbol = "oopscount",
	  .width = 4,
	  .is_signed = 1,
	  .what = "calls of pstore_dump() that wrote since boot",
	  .source = PLATFORM " pstore_dump(), oopscount" },
	{ .name = "flags",
	  .kind = PANICTRAIL_FACT_POINTED,
	  .symbol = "psinfo",
	  .type = "pstore_info",
	  .member = "flags",
	  .what = "what the backend takes: 1 log, 2 console, 4 ftrace, 8 user space",
	  .source = "include/linux/pstore.h PSTORE_FLAGS_DMESG and so on" },
	{ .name = "buffer-size",
	  .kind = PANICTRAIL_FACT_POINTED,
	  .symbol = "psinfo",
	  .type = "pstore_info",
	  .member = "bufsize",
	  .what = "bytes of one record",
	  .source = "include/linux/pstore.h struct pstore_info" },
	{ .name = "panic-parts",
	  .kind = PANICTRAIL_FACT_COLLECTED,
	  .is_signed = 1,
	  .what = "number of the last record of the panic that was begun; it is empty where the log "
		  "was at its end",
	  .source = PLATFORM " pstore_dump(), the header of a record" },
	{ 0 },
};

static const struct panictrail_rule rules[] = {
	{ .id = "pstore:panic-written",
	  .severity = PANICTRAIL_WARNING,
	  .statement = "pstore_dump() writes the log when panic() calls the kmsg dumpers.",
	  .message = "pstore_dump() has not written anything since boot, though panic() came past "
		     "the kmsg dumpers",
	  .remedy =
		  "Another CPU may have been inside it, see \"dump skipped\" in the log; else see "
		  "that the backend takes the log.",
	  .source = PLATFORM " pstore_dump(), pstore_cannot_block_path()",
	  .where = { { PANICTRAIL_LOOK_STAGE, PANICTRAIL_IS, "kmsg-dump",
		       PANICTRAIL_OUTCOME_DONE } },
	  .fails = { { PANICTRAIL_LOOK_FACT, PANICTRAIL_IS, "dumps", 0 } } },
	{ 0 },
};

static int is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static uint64_t number(const char **s)
{
	uint64_t n = 0;

	for (; is_digit(**s) && n < 1000000; (*s)++)
		n = n * 10 + (uint64_t)(**s - '0');
	return n;
}

static int skip(const char **s, const char *word)
{
	const char *p = *s;

	while (*word && *p == *word) {
		p++;
		word++;
	}
	if (*word)
		return 0;
	*s = p;
	return 1;
}

/* "Panic#1 Part3\n" of a buffer; gives the part, 0 when it is no such header. */
static uint64_t panic_part(const char *s)
{
	uint64_t part;

	if (!skip(&s, "Panic#") || !number(&s) || !skip(&s, " Part"))
		return 0;
	part = number(&s);
	return *s == '\n' ? part : 0;
}

/* What the buffer at @at, a pointer's address, begins with. */
static uint64_t part_in(const struct panictrail_host *host, uint64_t at)
{
	const char *text;
	uint64_t buffer;

	if (host->read_number(host, at, 8, 0, &buffer) || !buffer ||
	    host->read_string(host, buffer, HEADER, &text))
		return 0;
	return panic_part(text);
}

static void read_parts(const struct panictrail_host *host, uint64_t info)
{
	struct panictrail_member buf;
	uint64_t at, part = 0;

	/* with compression the text is here, and what was packed in the backend's buffer */
	if (!host->symbol(host, "big_oops_buf", NULL, &at))
		part = part_in(host, at);
	if (!part && !host->member(host, "pstore_info", "buf", &buf))
		part = part_in(host, info + buf.offset);
	if (part)
		host->set_fact(host, "panic-parts", part);
}

static int collect(const struct panictrail_host *host)
{
	uint64_t info, name;
	const char *text;

	if (host->symbol(host, "psinfo", NULL, &info) ||
	    host->read_number(host, info, 8, 0, &info) || !info) {
		host->say_problem(host, "backend", "psinfo cannot be read, or is NULL");
		return PANICTRAIL_OK;
	}
	if (!host->read_member(host, info, "pstore_info", "name", &name) &&
	    !host->read_string(host, name, HEADER, &text))
		host->say_text(host, "backend", text);
	read_parts(host, info);
	return PANICTRAIL_OK;
}

PANICTRAIL_EXPORT const struct panictrail_plugin panictrail_plugin = {
	.abi = PANICTRAIL_ABI,
	.size = sizeof(struct panictrail_plugin),
	.name = "pstore",
	.version = "1.0",
	.licence = "MIT",
	.about = "the backend of pstore, and what was written at the panic",
	.needs = needs,
	.facts = facts,
	.rules = rules,
	.collect = collect,
};
