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
	HOST_LEAST = 3,	  /* it must be a word of its own */
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

/* What is known to tell whose machine it is, wherever it stands. */
struct secret {
	const char *text;
	enum trail_secret kind;
	bool word;
};

struct redactor {
	struct trail_facts *facts;
	struct trail_redactions *redactions;
	trail_redact_fn *put;
	void *data; /* of put */
	bool failed;
	struct secret secrets[SECRETS_MAX]; /* the path comes first */
	size_t n;
};

static void learn(struct redactor *r, enum trail_secret kind, const char *bytes, size_t n)
{
	bool word = kind == TRAIL_SECRET_HOST;

	if (n < (word ? HOST_LEAST : SECRET_LEAST) || r->n == SECRETS_MAX ||
	    strncmp(bytes, TRAIL_REDACTED, n) == 0)
		return;
	const char *text = trail_pool_strndup(&r->facts->pool, bytes, n);
	r->failed |= !text;
	if (text)
		r->secrets[r->n++] = (struct secret){ text, kind, word };
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

/* The whole, the host alone, and its domain where that is no single word. */
static void learn_host(struct redactor *r, const char *name)
{
	const char *dot = strchr(name, '.');

	learn(r, TRAIL_SECRET_HOST, name, strlen(name));
	if (!dot)
		return;
	learn(r, TRAIL_SECRET_HOST, name, dot - name);
	if (strchr(dot + 1, '.'))
		learn(r, TRAIL_SECRET_HOST, dot + 1, strlen(dot + 1));
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

/* What was worked on goes to where it lies, and as one that can be read into the facts. */
static const char *finish(struct redactor *r, const struct trail_scrub *s, uint64_t at,
			  size_t *n_ret)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text out = { 0 };

	if (at && r->put)
		r->put(r->data, at, s->text, s->n);
	trail_scrub_out(s, &out);
	const char *copy = trail_pool_strndup(&r->facts->pool, trail_text_string(&out), out.length);
	r->failed |= out.failed || !copy;
	*n_ret = out.length;
	return copy ? copy : "";
}

static void take_known(struct redactor *r, struct trail_scrub *s)
{
	for (size_t i = 0; i < r->n; i++)
		trail_scrub_known(s, r->secrets[i].text, r->secrets[i].word, r->secrets[i].kind);
	trail_scrub_shapes(s);
}

/* @all: what the whole text is, TRAIL_N_SECRETS where it only may hold some. */
static const char *redacted(struct redactor *r, const char *bytes, size_t n, uint64_t at,
			    enum trail_secret all, size_t *n_ret)
{
	TRAIL_CLEANUP(trail_scrub_fini) struct trail_scrub s = { 0 };

	if (!trail_scrub_init(&s, bytes, n, r->redactions)) {
		r->failed = true;
		*n_ret = 0;
		return "";
	}
	if (all < TRAIL_N_SECRETS) {
		trail_scrub_take(&s, 0, n, all);
	} else {
		trail_scrub_parameters(&s, command_line_of(bytes, n), NULL, NULL);
		take_known(r, &s);
	}
	return finish(r, &s, at, n_ret);
}

static void redact_text(struct redactor *r, const char **text, uint64_t at)
{
	size_t n;

	if (*text)
		*text = redacted(r, *text, strlen(*text), at, TRAIL_N_SECRETS, &n);
}

static void redact_record(struct redactor *r, struct trail_record *record)
{
	size_t n = strlen(TRAIL_REDACTED); /* what was taken out before is not news */
	bool done = record->length == n && memcmp(record->text, TRAIL_REDACTED, n) == 0;

	redact_text(r, &record->comm, record->comm_at);
	if (!record->length)
		return;
	record->text = redacted(r, record->text, record->length, record->text_at,
				record->facility && !done ? TRAIL_SECRET_RECORD : TRAIL_N_SECRETS,
				&n);
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

static void redact_paths(struct redactor *r)
{
	struct trail_facts *facts = r->facts;

	/* one may begin as another does */
	for (size_t i = 0; i < facts->n_texts; i++)
		redact_path(r, &facts->texts[i].path);
	redact_path(r, &facts->path);
	for (size_t i = 0; i < facts->n_parts; i++)
		redact_path(r, &facts->parts[i].path);
	for (size_t i = 0; i < facts->n_plugins; i++)
		redact_path(r, &facts->plugins[i].path);
	/* an input that could not be read is a gap by its name */
	for (size_t i = 0; i < facts->n_gaps; i++)
		if (strchr(facts->gaps[i].what, '/'))
			redact_path(r, &facts->gaps[i].what);
	if (facts->loaded)
		facts->loaded = TRAIL_REDACTED;
}

/* Names that a machine has before it is given one. */
static bool is_no_name(const char *name)
{
	static const char *const names[] = { "", "(none)", "localhost", "localhost.localdomain",
					     TRAIL_REDACTED };

	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static void redact_host(struct redactor *r, const char **name, uint64_t at)
{
	size_t n;

	if (*name && is_no_name(*name)) {
		redact_text(r, name, at);
	} else if (*name) {
		learn_host(r, *name);
		*name = redacted(r, *name, strlen(*name), at, TRAIL_SECRET_HOST, &n);
	}
}

static void redact_command_line(struct redactor *r, const char **text, uint64_t at)
{
	TRAIL_CLEANUP(trail_scrub_fini) struct trail_scrub s = { 0 };
	const char *line = *text;
	size_t n;

	if (!line)
		return;
	if (!trail_scrub_init(&s, line, strlen(line), r->redactions)) {
		r->failed = true;
		return;
	}
	trail_scrub_parameters(&s, 0, learn_parameter, r);
	take_known(r, &s);
	*text = finish(r, &s, at, &n);
}

/* Whose machine the texts are of, learned before any line is looked at. */
static void redact_identity(struct redactor *r)
{
	struct trail_facts *facts = r->facts;

	redact_host(r, &facts->nodename, facts->nodename_at);
	redact_host(r, &facts->domainname, facts->domainname_at);
	for (size_t i = 0; i < facts->n_texts; i++)
		redact_host(r, &facts->texts[i].nodename, 0);
	redact_command_line(r, &facts->cmdline, facts->cmdline_at);
	for (size_t i = 0; i < facts->n_texts; i++)
		redact_command_line(r, &facts->texts[i].cmdline, 0);
}

/* Names of records are the backend's; what is said of one may name a file. */
static void redact_texts(struct redactor *r)
{
	for (size_t i = 0; i < r->facts->n_texts; i++) {
		struct trail_text_facts *t = &r->facts->texts[i];

		for (size_t k = 0; k < t->n_parts; k++) {
			redact_text(r, &t->parts[k].record, 0);
			redact_text(r, &t->parts[k].why, 0);
		}
		for (size_t k = 0; k < t->log.n; k++)
			redact_record(r, &t->log.records[k]);
	}
}

/* What plugins said of the dump; their rows say nothing of a machine. */
static void redact_plugin(struct redactor *r, struct trail_plugin_facts *p)
{
	redact_text(r, &p->reason, 0);
	for (size_t i = 0; i < p->n_facts; i++)
		redact_text(r, &p->facts[i].why, 0);
	for (size_t i = 0; i < p->n_evidence; i++) {
		redact_text(r, &p->evidence[i].claim, 0);
		redact_text(r, &p->evidence[i].statement, 0);
		redact_text(r, &p->evidence[i].where, 0);
	}
	for (size_t i = 0; i < p->n_results; i++)
		redact_text(r, &p->results[i].message, 0);
	for (size_t i = 0; i < p->n_fields; i++)
		redact_text(r, &p->fields[i].text, 0);
	for (size_t i = 0; i < p->n_gaps; i++) {
		redact_text(r, &p->gaps[i].what, 0);
		redact_text(r, &p->gaps[i].why, 0);
	}
}

struct trail_error *trail_facts_redact(struct trail_facts *facts, trail_redact_fn *put, void *data,
				       struct trail_redactions *ret)
{
	struct redactor r = { .facts = facts, .redactions = ret, .put = put, .data = data };

	redact_paths(&r);
	redact_identity(&r);
	for (size_t i = 0; i < facts->n_scalars; i++) {
		redact_text(&r, &facts->scalars[i].text, facts->scalars[i].address);
		redact_text(&r, &facts->scalars[i].why, 0);
	}
	for (size_t i = 0; i < facts->n_cpus; i++) {
		redact_text(&r, &facts->cpus[i].task.comm, facts->cpus[i].task.comm_at);
		redact_text(&r, &facts->cpus[i].stack_end, 0);
	}
	redact_text(&r, &facts->chain_why, 0);
	for (size_t i = 0; i < facts->log.n; i++)
		redact_record(&r, &facts->log.records[i]);
	redact_texts(&r);
	for (size_t i = 0; i < facts->n_gaps; i++) {
		redact_text(&r, &facts->gaps[i].what, 0);
		redact_text(&r, &facts->gaps[i].why, 0);
	}
	for (size_t i = 0; i < facts->n_plugins; i++)
		redact_plugin(&r, &facts->plugins[i]);
	return r.failed ? &trail_error_nomem : NULL;
}

/* ---- a dump that was redacted -------------------------------------------- */

/* The filled places of a text as TRAIL_REDACTED; NULL when memory runs out. */
static const char *unfilled(struct trail_facts *facts, const char *bytes, size_t n, size_t *n_ret)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text out = { 0 };

	for (size_t i = 0, length; i < n; i += length) {
		length = trail_scrub_filled(bytes + i, n - i);
		if (length)
			trail_text_puts(&out, TRAIL_REDACTED);
		else
			trail_text_add(&out, bytes + i, length = 1);
	}
	*n_ret = out.length;
	return out.failed ? NULL
			  : trail_pool_strndup(&facts->pool, trail_text_string(&out), out.length);
}

static bool unfill(struct trail_facts *facts, const char **text)
{
	size_t n;

	if (!*text)
		return true;
	*text = unfilled(facts, *text, strlen(*text), &n);
	return *text;
}

static bool unfill_record(struct trail_facts *facts, struct trail_record *record)
{
	size_t n;

	record->text = unfilled(facts, record->text, record->length, &n);
	record->length = (uint32_t)n;
	return record->text && unfill(facts, &record->comm);
}

struct trail_error *trail_facts_unfill(struct trail_facts *facts)
{
	bool good = unfill(facts, &facts->cmdline) && unfill(facts, &facts->nodename) &&
		    unfill(facts, &facts->domainname);

	for (size_t i = 0; good && i < facts->n_scalars; i++)
		good = unfill(facts, &facts->scalars[i].text);
	for (size_t i = 0; good && i < facts->n_cpus; i++)
		good = unfill(facts, &facts->cpus[i].task.comm);
	for (size_t i = 0; good && i < facts->log.n; i++)
		good = unfill_record(facts, &facts->log.records[i]);
	return good ? NULL : &trail_error_nomem;
}
