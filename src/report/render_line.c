/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One line a crash: "panictrail" and words key=value, for a field of an alert
 * or the cause of a reboot; the grammar is in docs/pipelines.md.  Every key is
 * always there, in the same order; a new one is added at the end, before message.
 */
#include "base/error.h"
#include "base/table.h"
#include "base/text.h"
#include "report/reasons.h"
#include "report/report.h"
#include "report/view.h"

#define NAME(names, value) trail_name_of(names, TRAIL_ARRAY_SIZE(names), value)

/* Bytes of a value as it is written: with the keys all fit a line of 1024 bytes, newline included.
 */
enum {
	WORD_BYTES = 24,
	POLICY_BYTES = 32,
	RELEASE_BYTES = 64,
	RULES_BYTES = 96,
	ID_BYTES = 128,
	HASH_BYTES = 12,
	MESSAGE_BYTES = 112,
};

/*
 * Why the machine went down, in few words that are stable.  A row is a class
 * of panics, with a * for any bytes that follow, and its reason; the first
 * that fits wins.  A class without a row is "panic".  To add a class to
 * timeline/triggers.c, find its row here.  Documented in docs/pipelines.md.
 * Test: unit/test_outputs.c.
 */
const struct trail_reason trail_reasons[] = {
	/* clang-format off */
	{ "none",                "none" },
	{ "unknown",             "unknown" },
	{ "sysrq",               "operator" },
	{ "kgdb",                "operator" },
	{ "lkdtm",               "operator" },
	{ "oom",                 "memory" },
	{ "oops*",               "kernel-bug" },
	{ "stack-*",             "kernel-bug" },
	{ "double-fault",        "kernel-bug" },
	{ "arm64-bad-exception", "kernel-bug" },
	{ "sanitizer",           "kernel-bug" },
	{ "panic-on-warn",       "kernel-warning" },
	{ "warn-limit",          "kernel-warning" },
	{ "taint",               "kernel-warning" },
	{ "hung-task",           "stuck" },
	{ "softlockup",          "stuck" },
	{ "hardlockup",          "stuck" },
	{ "rcu-stall",           "stuck" },
	{ "workqueue-stall",     "stuck" },
	{ "watchdog",            "watchdog" },
	{ "hw-watchdog",         "watchdog" },
	{ "ipmi-watchdog",       "watchdog" },
	{ "nmi-*",               "hardware" },
	{ "mce",                 "hardware" },
	{ "ghes",                "hardware" },
	{ "edac",                "hardware" },
	{ "hwpoison",            "hardware" },
	{ "serror",              "hardware" },
	{ "init-killed",         "init" },
	{ "idle-killed",         "kernel-bug" },
	{ "boot-*",              "boot" },
	{ "fs",                  "storage" },
	{ "dm-verity",           "storage" },
	{ "kvm-guest",           "hypervisor" },
	{ "audit",               "panic" },
	{ "tracer",              "panic" },
	{ "redirect",            "panic" },
	{ "other",               "panic" },
	{ NULL },
	/* clang-format on */
};

const char *trail_reason_of(const char *class)
{
	for (const struct trail_reason *row = trail_reasons; class && row->class; row++) {
		size_t n = strcspn(row->class, "*");

		if (row->class[n] ? strncmp(class, row->class, n) == 0
				  : strcmp(class, row->class) == 0)
			return row->reason;
	}
	return class ? "panic" : "unknown";
}

/* Bytes of the longest start that an escape does not cut, at most @limit of them. */
static size_t whole(const char *s, size_t limit)
{
	size_t n = 0;

	while (s[n]) {
		size_t step = s[n] != '\\' ? 1 : s[n + 1] == 'x' ? 4 : 2;

		if (step > limit - n)
			break;
		n += step;
	}
	return n;
}

/* " key=value": in quotes where it is no plain word or @quotes; at most @limit bytes of it, of
 * which "..." and @tail are the last when it is longer. */
static void put(struct trail_text *out, const char *key, const char *value, size_t limit,
		bool quotes, const char *tail)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-._:/+,@~%^";
	TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 };
	TRAIL_CLEANUP(trail_text_fini) struct trail_text end = { 0 };

	trail_text_quoted(&text, value, strlen(value));
	trail_text_quoted(&end, tail, TRAIL_MIN(strlen(tail), (size_t)HASH_BYTES));
	const char *s = trail_text_string(&text);
	size_t n = text.length;
	if (n > limit)
		n = whole(s, limit - strlen("...") - end.length);
	quotes = quotes || s[strspn(s, plain)] || !*s;
	trail_text_printf(out, " %s=%s%.*s%s%s%s", key, quotes ? "\"" : "", (int)n, s,
			  s[n] ? "..." : "", s[n] ? trail_text_string(&end) : "",
			  quotes ? "\"" : "");
	out->failed |= text.failed || end.failed;
}

static void put_word(struct trail_text *out, const char *key, const char *value, size_t limit)
{
	put(out, key, value && *value ? value : "unknown", limit, false, "");
}

/* The hash at its end is what groups, so it stays. */
static void put_id(struct trail_text *out, const char *key, const char *id)
{
	const char *hash = id ? strrchr(id, ':') : NULL;

	put(out, key, id ? id : "unknown", ID_BYTES, false, hash ? hash : "");
}

/* The rules of one severity that have findings, each once, "+2" for two that have no room. */
static void put_rules(struct trail_text *out, const char *key, const struct trail_report *report,
		      enum trail_severity severity)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text ids = { 0 };
	const struct trail_judgement *judgement = report->judgement;
	const struct trail_rule *last = NULL;
	size_t more = 0;

	for (size_t i = 0; judgement && i < judgement->n_findings; i++) {
		const struct trail_finding *f = &judgement->findings[i];

		if (f->severity != severity || f->rule == last)
			continue;
		last = f->rule;
		if (ids.length + strlen(last->id) + strlen(",,+999") > RULES_BYTES)
			more++;
		else
			trail_text_printf(&ids, "%s%s", ids.length ? "," : "", last->id);
	}
	if (more)
		trail_text_printf(&ids, ",+%zu", more);
	const char *none = judgement ? "none" : "unknown";
	put(out, key, ids.length ? trail_text_string(&ids) : none, RULES_BYTES, false, "");
	out->failed |= ids.failed;
}

static void put_report(const struct trail_report *report, struct trail_text *out)
{
	const struct trail_timeline *timeline = report->timeline;
	const struct trail_judgement *judgement = report->judgement;
	const char *message = timeline->message ? timeline->message : "";

	trail_text_puts(out, "panictrail");
	put_word(out, "reason", trail_reason_of(timeline->trigger), WORD_BYTES);
	put_word(out, "trigger", timeline->trigger, WORD_BYTES);
	put_word(out, "verdict", timeline->word, WORD_BYTES);
	put_word(out, "point", NAME(trail_point_names, timeline->point), WORD_BYTES);
	put_word(out, "complete", report->complete ? "yes" : "no", WORD_BYTES);
	put_rules(out, "errors", report, TRAIL_SEVERITY_ERROR);
	put_rules(out, "warnings", report, TRAIL_SEVERITY_WARNING);
	put_rules(out, "notes", report, TRAIL_SEVERITY_NOTE);
	put_word(out, "policy", judgement ? judgement->policy->name : NULL, POLICY_BYTES);
	put_word(out, "release", report->facts->release, RELEASE_BYTES);
	put_id(out, "path", timeline->path);
	put_id(out, "cause", timeline->cause);
	put(out, "message", message, MESSAGE_BYTES, true, "");
	trail_text_puts(out, "\n");
}

struct trail_error *trail_render_line(const struct trail_report *report, struct trail_text *out)
{
	for (; report; report = report->next)
		put_report(report, out);
	return out->failed ? &trail_error_nomem : NULL;
}
