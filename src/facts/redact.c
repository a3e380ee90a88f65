/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts that can be given away; see redact.h.  Which texts are looked at, and for what. */
#include "facts/redact.h"

#include "base/error.h"
#include "base/text.h"
#include "facts/facts.h"
#include "facts/scrub.h"

enum {
	SECRETS_MAX = 256, /* of one input that are looked for in its other texts */
	VALUE_LEAST = 8,
	SECRET_LEAST = 4, /* bytes: a shorter one stands everywhere by chance */
};

const char *const trail_secret_names[] = {
	/* clang-format off */
	[TRAIL_SECRET_PARAMETER] = "values of kernel parameters",
	[TRAIL_SECRET_RECORD]    = "log records of user space",
	[TRAIL_SECRET_IP]        = "IP addresses",
	[TRAIL_SECRET_MAC]       = "MAC addresses",
	[TRAIL_SECRET_UUID]      = "UUIDs",
	[TRAIL_SECRET_HOST]      = "host names",
	[TRAIL_SECRET_HARDWARE]  = "hardware names and serial numbers",
	[TRAIL_SECRET_PATH]      = "paths of the input",
	/* clang-format on */
};

struct redactor {
	struct trail_facts *facts;
	struct trail_redactions *redactions;
	bool failed;
	/* what is known to be a secret, wherever it stands; the path comes first */
	const char *secrets[SECRETS_MAX];
	enum trail_secret kinds[SECRETS_MAX];
	size_t n;
};

static void learn(struct redactor *r, enum trail_secret kind, const char *bytes, size_t n)
{
	if (n < SECRET_LEAST || r->n == SECRETS_MAX || strncmp(bytes, TRAIL_REDACTED, n) == 0)
		return;
	r->secrets[r->n] = trail_pool_strndup(&r->facts->pool, bytes, n);
	r->failed |= !r->secrets[r->n];
	r->kinds[r->n] = kind;
	r->n += !r->failed;
}

/* The whole, and the value where it is no everyday word: a device, an address, a name. */
static void learn_parameter(void *data, const char *bytes, size_t n)
{
	const char *value = memchr(bytes, '=', n);

	learn(data, TRAIL_SECRET_PARAMETER, bytes, n);
	value += value && value + 1 < bytes + n && value[1] == '"' ? 2 : 1;
	n -= value - bytes;
	n -= n && value[n - 1] == '"';
	for (size_t i = 0; n >= VALUE_LEAST && i < n; i++)
		if (strchr("0123456789/.:@", value[i])) {
			learn(data, TRAIL_SECRET_PARAMETER, value, n);
			return;
		}
}

/* Take one known secret out of @text wherever it stands. */
static void take_out(struct redactor *r, size_t secret, struct trail_text *text)
{
	const char *what = r->secrets[secret], *found;
	size_t length = strlen(what), done = 0;
	struct trail_text out = { 0 };

	while ((found = text->length - done >= length
				? memmem(text->data + done, text->length - done, what, length)
				: NULL)) {
		trail_text_add(&out, text->data + done, found - text->data - done);
		trail_text_puts(&out, TRAIL_REDACTED);
		done = found - text->data + length;
		r->redactions->counts[r->kinds[secret]]++;
	}
	if (done) {
		trail_text_add(&out, text->data + done, text->length - done);
		trail_text_fini(text);
		*text = out;
	}
}

/* Where a copy of the kernel command line starts in a record of the log; @n for nowhere. */
static size_t command_line_of(const char *bytes, size_t n)
{
	static const char *const words[] = { "command line", "Command line" };

	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(words); i++) {
		const char *found = memmem(bytes, n, words[i], strlen(words[i]));
		if (found)
			return found - bytes;
	}
	return n;
}

static const char *redacted(struct redactor *r, const char *bytes, size_t n, size_t *n_ret)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 }, out = { 0 };
	size_t line = command_line_of(bytes, n);

	trail_text_add(&text, bytes, line);
	trail_scrub_parameters(bytes + line, n - line, &text, r->redactions, NULL, NULL);
	for (size_t i = 0; i < r->n; i++)
		take_out(r, i, &text);
	trail_scrub(trail_text_string(&text), text.length, &out, r->redactions);
	const char *copy = trail_pool_strndup(&r->facts->pool, trail_text_string(&out), out.length);
	r->failed |= text.failed || out.failed || !copy;
	*n_ret = out.length;
	return copy ? copy : "";
}

static void redact_text(struct redactor *r, const char **text)
{
	size_t n;

	if (*text)
		*text = redacted(r, *text, strlen(*text), &n);
}

static void redact_record(struct redactor *r, struct trail_record *record)
{
	size_t n = strlen(TRAIL_REDACTED);
	bool done = record->length == n && memcmp(record->text, TRAIL_REDACTED, n) == 0;

	if (record->facility && !done) {
		record->text = TRAIL_REDACTED;
		r->redactions->counts[TRAIL_SECRET_RECORD]++;
	} else if (!record->facility && record->length)
		record->text = redacted(r, record->text, record->length, &n);
	else
		return;
	record->length = (uint32_t)n;
}

static void redact_path(struct redactor *r, const char **path)
{
	if (!*path || strcmp(*path, TRAIL_REDACTED) == 0)
		return;
	learn(r, TRAIL_SECRET_PATH, *path, strlen(*path));
	*path = TRAIL_REDACTED;
	r->redactions->counts[TRAIL_SECRET_PATH]++;
}

static void redact_identity(struct redactor *r)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text text = { 0 };
	struct trail_facts *facts = r->facts;

	redact_path(r, &facts->path);
	for (size_t i = 0; i < facts->n_parts; i++)
		redact_path(r, &facts->parts[i].path);
	if (facts->loaded)
		facts->loaded = TRAIL_REDACTED;
	if (!facts->cmdline)
		return;
	trail_scrub_parameters(facts->cmdline, strlen(facts->cmdline), &text, r->redactions,
			       learn_parameter, r);
	facts->cmdline = trail_pool_strdup(&facts->pool, trail_text_string(&text));
	r->failed |= text.failed || !facts->cmdline;
}

struct trail_error *trail_facts_redact(struct trail_facts *facts, struct trail_redactions *ret)
{
	struct redactor r = { .facts = facts, .redactions = ret };

	redact_identity(&r);
	for (size_t i = 0; i < facts->n_scalars; i++) {
		redact_text(&r, &facts->scalars[i].text);
		redact_text(&r, &facts->scalars[i].why);
	}
	for (size_t i = 0; i < facts->n_cpus; i++)
		redact_text(&r, &facts->cpus[i].stack_end);
	redact_text(&r, &facts->chain_why);
	for (size_t i = 0; i < facts->log.n; i++)
		redact_record(&r, &facts->log.records[i]);
	for (size_t i = 0; i < facts->n_gaps; i++) {
		redact_text(&r, &facts->gaps[i].what);
		redact_text(&r, &facts->gaps[i].why);
	}
	return r.failed ? &trail_error_nomem : NULL;
}
