/* SPDX-License-Identifier: MIT */
/*
 * Plugins that do wrong, one for each value of HOW: see the list in meson.build
 * and what is expected of each in tests/cli/test_plugins.py.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "panictrail/host.h"
#include "panictrail/plugin.h"

enum how {
	segfault_open,
	segfault_collect,
	segfault_check,
	loop_open,
	loop_collect,
	loop_check,
	memory,
	memory_touched,
	no_end,
	bad_strings,
	overrun,
	wrong_abi,
	small_size,
	duplicate_ids,
	escapes,
	escape_finding,
	other_id,
	other_finding,
	bad_enumerator,
	known_notifier,
	unknown_fact,
	unknown_stage,
	forks,
	leaves_child,
	kills_parent,
	writes_fds,
	closes_fds,
	exits,
	aborts,
	floods,
	says_failed,
	writes_file,
};

#define ROW_RULE(i, text)                                                                          \
	{                                                                                          \
		.id = i, .severity = PANICTRAIL_NOTE, .statement = text, .message = "it does not", \
		.source = "x", .fails = {                                                          \
			{ PANICTRAIL_LOOK_FACT, PANICTRAIL_IS, "f", 1 }                            \
		}                                                                                  \
	}
#define ROW_FACT(n)                                                                      \
	{                                                                                \
		.name = n, .kind = PANICTRAIL_FACT_COLLECTED, .what = "x", .source = "x" \
	}

static struct panictrail_fact facts[] = { ROW_FACT("f"), { 0 } };

static struct panictrail_rule rules[] = {
	ROW_RULE("hostile:first", "x"),
	{ 0 }, /* duplicate_ids puts one here */
	{ 0 },
};

/* writable, and the memory behind it is the plugin's own */
static struct {
	struct panictrail_notifier rows[2];
	struct panictrail_notifier behind[4096];
} notifiers;

static char long_text[1 << 16];

static void endless(void)
{
	for (volatile int i = 0;; i++)
		;
}

static void eat(int touch)
{
	for (;;) {
		char *p = malloc(1 << 20);
		if (p && touch)
			memset(p, 1, 1 << 20);
	}
}

static void __attribute__((constructor)) opened(void)
{
	if (HOW == segfault_open)
		*(volatile int *)8 = 1;
	if (HOW == loop_open)
		endless();
	if (HOW == exits)
		exit(0);
	for (size_t i = 0; i < 4096 && (HOW == no_end); i++)
		notifiers.behind[i].function = "f";
	for (size_t i = 0; i < 2 && HOW == no_end; i++)
		notifiers.rows[i].function = "f";
	if (HOW == bad_enumerator)
		notifiers.rows[0] = (struct panictrail_notifier){ .function = "f",
								  .class_ = 77,
								  .risk = 1,
								  .reason = "x",
								  .does = "x",
								  .source = "x" };
	if (HOW == bad_strings) {
		memset(long_text, 'x', sizeof(long_text));
		rules[0].statement = long_text;
	}
	if (HOW == known_notifier)
		notifiers.rows[0] = (struct panictrail_notifier){ .function = "rcu_panic",
								  .class_ = 1,
								  .risk = 1,
								  .reason = "x",
								  .does = "x",
								  .source = "x" };
	if (HOW == duplicate_ids)
		rules[1] = rules[0];
	if (HOW == escapes)
		rules[0].statement = "\33[31mred\33[0m";
	if (HOW == other_id)
		rules[0].id = "PT101";
	if (HOW == unknown_fact)
		rules[0].fails[0].name = "nobody";
	if (HOW == unknown_stage)
		rules[0].fails[0] = (struct panictrail_condition){ PANICTRAIL_LOOK_STAGE,
								   PANICTRAIL_IS, "nowhere", 1 };
}

static int collect(const struct panictrail_host *host)
{
	char text[32];

	host->set_fact(host, "f", 0);
	if (HOW == segfault_collect)
		*(volatile int *)8 = 1;
	if (HOW == loop_collect)
		endless();
	if (HOW == memory || HOW == memory_touched)
		eat(HOW == memory_touched);
	if (HOW == aborts)
		abort();
	/* first its own memory, then whatever is behind it */
	volatile char *byte = (volatile char *)rules;
	for (size_t i = 0; HOW == overrun && i < 1 << 28; i++)
		byte[i] = 0x41;
	for (int i = 0; HOW == forks && i < 1000; i++)
		if (fork() == 0)
			for (;;)
				fork();
	if (HOW == leaves_child && fork() == 0) {
		setsid();
		for (;;)
			pause();
	}
	if (HOW == kills_parent)
		kill(getppid(), SIGKILL);
	for (int fd = 0; HOW == writes_fds && fd < 300; fd++)
		if (write(fd, "{\"plugins\": 1}\n", 15) < 0)
			continue;
	for (int fd = 0; HOW == closes_fds && fd < 300; fd++)
		close(fd);
	for (int i = 0; HOW == floods && i < 100000; i++) {
		snprintf(text, sizeof(text), "key-%d", i);
		host->say_text(host, text, "x");
		host->say_problem(host, text, "x");
		host->say_evidence(host, text, PANICTRAIL_HINT, "x", NULL, NULL);
	}
	if (HOW == writes_file) {
		int fd = open("hostile-was-here", O_CREAT | O_WRONLY, 0644);
		if (fd >= 0 && write(fd, "x", 1) == 1)
			close(fd);
	}
	if (HOW == says_failed) {
		host->say_problem(host, "all", "there is nothing to be said");
		return PANICTRAIL_FAILED;
	}
	return PANICTRAIL_OK;
}

static int check(const struct panictrail_host *host)
{
	if (HOW == segfault_check)
		*(volatile int *)8 = 1;
	if (HOW == loop_check)
		endless();
	if (HOW == escape_finding)
		host->say_finding(host, "hostile:first", "\33]0;title\7 and \33[2J", NULL, 0);
	if (HOW == other_finding &&
	    host->say_finding(host, "PT101", "mine", NULL, 0) != PANICTRAIL_HOST_USAGE)
		abort();
	return PANICTRAIL_OK;
}

PANICTRAIL_EXPORT const struct panictrail_plugin panictrail_plugin = {
	.abi = HOW == wrong_abi ? (PANICTRAIL_ABI_MAJOR + 1) << 16 : PANICTRAIL_ABI,
	.size = HOW == small_size ? 4 : sizeof(struct panictrail_plugin),
	.name = "hostile",
	.version = "1",
	.licence = "MIT",
	.about = "does wrong",
	.notifiers = notifiers.rows,
	.facts = facts,
	.rules = rules,
	.collect = collect,
	.check = check,
};
