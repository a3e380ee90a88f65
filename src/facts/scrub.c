/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text without what tells whose machine it is of; see scrub.h.  One table of
 * shapes, each asked at every byte; in doubt too much is taken out.
 */
#include "facts/scrub.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

#include "base/text.h"

/* A text being read; what lies outside of it reads as NUL. */
struct input {
	const char *s;
	size_t n;
};

static unsigned char at(const struct input *in, size_t i)
{
	return i < in->n ? (unsigned char)in->s[i] : 0;
}

static unsigned char before(const struct input *in, size_t i)
{
	return i ? at(in, i - 1) : 0;
}

/* Bytes looked at from one place: a text of one shape only must not cost its square. */
enum { RUN_MAX = 256 };

static size_t run(const struct input *in, size_t i, const char *extra, int (*is)(int))
{
	size_t n = 0;

	while (n < RUN_MAX && i + n < in->n &&
	       (is(at(in, i + n)) || (at(in, i + n) && strchr(extra, at(in, i + n)))))
		n++;
	return n;
}

/* 8-4-4-4-12 hexadecimal digits, or 32 without dashes (a machine ID). */
static size_t find_uuid(const struct input *in, size_t i)
{
	static const unsigned char groups[] = { 8, 4, 4, 4, 12 };
	size_t k = i;

	if (isxdigit(before(in, i)))
		return 0;
	if (run(in, i, "", isxdigit) == 32)
		return 32;
	for (size_t g = 0; g < sizeof(groups); g++) {
		if (run(in, k, "", isxdigit) != groups[g])
			return 0;
		k += groups[g];
		if (g + 1 < sizeof(groups) && at(in, k++) != '-')
			return 0;
	}
	return k - i;
}

/* Six bytes or more, with colons or with dashes. */
static size_t find_mac(const struct input *in, size_t i)
{
	unsigned char separator = at(in, i + 2);
	size_t k = i, groups = 0;

	if (isalnum(before(in, i)) || (separator != ':' && separator != '-'))
		return 0;
	while (run(in, k, "", isxdigit) == 2) {
		k += 2;
		groups++;
		if (at(in, k) != separator)
			break;
		k++;
	}
	k -= at(in, k - 1) == separator;
	return groups >= 6 ? k - i : 0;
}

static size_t find_ipv4(const struct input *in, size_t i)
{
	unsigned value = 0, digits = 0, dots = 0;
	size_t k = i, end = 0;

	if (isdigit(before(in, i)) || (before(in, i) == '.' && i >= 2 && isdigit(at(in, i - 2))))
		return 0;
	for (;; k++) {
		if (isdigit(at(in, k))) {
			value = value * 10 + at(in, k) - '0';
			if (++digits > 3 || value > 255)
				return 0;
			continue;
		}
		if (digits)
			end = k;
		if (at(in, k) != '.' || !digits || !isdigit(at(in, k + 1)))
			break;
		dots++;
		value = digits = 0;
	}
	return dots == 3 ? end - i : 0;
}

static bool is_word(unsigned char c)
{
	return isalnum(c) || c == '_';
}

/* What inet_pton(3) takes; a colon or a full stop may follow. */
static size_t find_ipv6(const struct input *in, size_t i)
{
	char copy[INET6_ADDRSTRLEN];
	unsigned char address[sizeof(struct in6_addr)];
	const struct input near = { in->s, TRAIL_MIN(in->n, i + sizeof(copy) - 1) };

	if (is_word(before(in, i)) || (!isxdigit(at(in, i)) && at(in, i) != ':'))
		return 0;
	size_t n = run(&near, i, ":.", isxdigit);
	if (n < 3 || !memchr(in->s + i, ':', n))
		return 0;
	for (size_t cut = 0; cut < 3 && n > cut; cut++) {
		size_t k = n - cut;

		memcpy(copy, in->s + i, k);
		copy[k] = 0;
		if (!is_word(at(in, i + k)) && strpbrk(copy, "0123456789abcdefABCDEF") &&
		    inet_pton(AF_INET6, copy, address) == 1)
			return k;
	}
	return 0;
}

/* user@host; a node of a device tree, serial@7e201000, has no letter behind f. */
static size_t find_mail(const struct input *in, size_t i)
{
	unsigned char c = before(in, i);
	bool is_name = false;

	if (isalnum(c) || (c && strchr("._+-", c)))
		return 0;
	size_t user = run(in, i, "._+-", isalnum);
	if (!user || at(in, i + user) != '@')
		return 0;
	size_t host = run(in, i + user + 1, ".-", isalnum);
	for (size_t k = 0; k < host; k++) {
		c = at(in, i + user + 1 + k);
		is_name |= isalpha(c) && !isxdigit(c);
	}
	return is_name ? user + 1 + host : 0;
}

/*
 * A row is a shape; the first that fits wins.  Test: unit/test_redact.c.
 */
static const struct {
	enum trail_secret secret;
	size_t (*find)(const struct input *in, size_t i); /* bytes of it at @i, 0 for none */
} shapes[] = {
	{ TRAIL_SECRET_UUID, find_uuid }, { TRAIL_SECRET_MAC, find_mac },
	{ TRAIL_SECRET_IP, find_ipv6 },	  { TRAIL_SECRET_IP, find_ipv4 },
	{ TRAIL_SECRET_HOST, find_mail },
};

/*
 * A row is a text, in any case, behind which a secret stands: up to the end of
 * the line, or of the word.  Test: unit/test_redact.c.
 *
 * Source: drivers/firmware/dmi_scan.c dmi_setup() and lib/dump_stack.c;
 * drivers/usb/core/hub.c announce_device(); net/ipv4/ipconfig.c; systemd
 * src/core/hostname-setup.c.
 */
static const struct {
	const char *text;
	enum trail_secret secret;
	bool word;
} markers[] = {
	/* clang-format off */
	{ "DMI:",            TRAIL_SECRET_HARDWARE, false },
	{ "Hardware name:",  TRAIL_SECRET_HARDWARE, false },
	{ "SerialNumber:",   TRAIL_SECRET_HARDWARE, false },
	{ "serial number",   TRAIL_SECRET_HARDWARE, false },
	{ "serial no",       TRAIL_SECRET_HARDWARE, false },
	{ "S/N",             TRAIL_SECRET_HARDWARE, false },
	{ "asset tag",       TRAIL_SECRET_HARDWARE, false },
	{ "serial=",         TRAIL_SECRET_HARDWARE, true },
	{ "hostname set to", TRAIL_SECRET_HOST,     false },
	{ "hostname=",       TRAIL_SECRET_HOST,     true },
	{ "hostname:",       TRAIL_SECRET_HOST,     true },
	{ "host=",           TRAIL_SECRET_HOST,     true },
	{ "domain=",         TRAIL_SECRET_HOST,     true },
	/* clang-format on */
};

/* Bytes of a secret behind a marker at @i, and of the marker with what parts them. */
static size_t find_marked(const struct input *in, size_t i, enum trail_secret *secret_ret,
			  size_t *marker_ret)
{
	bool starts = isalpha(at(in, i)) && !is_word(before(in, i));

	for (size_t m = 0; m < TRAIL_ARRAY_SIZE(markers) && starts; m++) {
		size_t k = strlen(markers[m].text), n = 0;

		if (k > in->n - i || strncasecmp(in->s + i, markers[m].text, k) != 0)
			continue;
		while (at(in, i + k) && strchr(" \t:=#", at(in, i + k)))
			k++;
		while (i + k + n < in->n && at(in, i + k + n) != '\n' &&
		       !(markers[m].word && strchr(" \t,;", at(in, i + k + n))))
			n++;
		if (n == strlen(TRAIL_REDACTED) && memcmp(in->s + i + k, TRAIL_REDACTED, n) == 0)
			n = 0;
		*secret_ret = markers[m].secret;
		*marker_ret = k;
		return n;
	}
	return 0;
}

/* ---- places taken out ---------------------------------------------------- */

void trail_scrub_fini(struct trail_scrub *s)
{
	free(s->text);
	free(s->taken);
}

bool trail_scrub_init(struct trail_scrub *s, const char *bytes, size_t n,
		      struct trail_redactions *redactions)
{
	*s = (struct trail_scrub){ malloc(n + 1), calloc(n + 1, 1), n, redactions };
	if (!s->text || !s->taken)
		return false;
	memcpy(s->text, bytes, n);
	s->text[n] = 0;
	return true;
}

/* What fills @n bytes. */
static char filler(size_t i, size_t n)
{
	if (n == 1)
		return '~';
	return i == 0 ? '<' : i + 1 == n ? '>' : 'x';
}

size_t trail_scrub_filled(const char *bytes, size_t n)
{
	size_t i = 1;

	if (n && bytes[0] == '~')
		return 1;
	while (i < n && bytes[i] == 'x')
		i++;
	return i < n && bytes[0] == '<' && bytes[i] == '>' ? i + 1 : 0;
}

void trail_scrub_take(struct trail_scrub *s, size_t at, size_t n, enum trail_secret secret)
{
	size_t end = at + n;

	if (!n)
		return;
	while (s->taken[at] == TRAIL_TAKEN_MORE) /* the whole of a place, or nothing */
		at--;
	while (end < s->n && s->taken[end] == TRAIL_TAKEN_MORE)
		end++;
	/* in a text that was filled before, it stands again but is not news */
	bool is_new = trail_scrub_filled(s->text + at, end - at) != end - at;
	for (size_t i = at; i < end; i++) {
		s->text[i] = filler(i - at, end - at);
		s->taken[i] = i == at ? TRAIL_TAKEN_FIRST : TRAIL_TAKEN_MORE;
	}
	s->redactions->counts[secret] += is_new;
}

void trail_scrub_known(struct trail_scrub *s, const char *what, bool word, enum trail_secret secret)
{
	size_t n = strlen(what);
	const struct input in = { s->text, s->n };

	for (size_t i = 0; n && i < s->n && s->n - i >= n;) {
		const char *found = memmem(s->text + i, s->n - i, what, n);
		if (!found)
			return;
		i = found - s->text;
		bool is_part = word && (is_word(before(&in, i)) || is_word(at(&in, i + n)));
		if (!is_part)
			trail_scrub_take(s, i, n, secret);
		i += is_part ? 1 : n;
	}
}

void trail_scrub_shapes(struct trail_scrub *s)
{
	const struct input in = { s->text, s->n };

	for (size_t i = 0; i < s->n;) {
		enum trail_secret secret = TRAIL_N_SECRETS;
		size_t keep = 0, length = s->taken[i] ? 0 : find_marked(&in, i, &secret, &keep);

		for (size_t k = 0; !s->taken[i] && !length && k < TRAIL_ARRAY_SIZE(shapes); k++) {
			length = shapes[k].find(&in, i);
			secret = shapes[k].secret;
			keep = 0;
		}
		trail_scrub_take(s, i + keep, length, secret);
		i += length ? keep + length : 1;
	}
}

void trail_scrub_out(const struct trail_scrub *s, struct trail_text *out)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->taken[i] == TRAIL_TAKEN_FIRST)
			trail_text_puts(out, TRAIL_REDACTED);
		else if (!s->taken[i])
			trail_text_add(out, s->text + i, 1);
}

/* ---- kernel parameters --------------------------------------------------- */

/*
 * Parameters whose values say how a kernel panics and dumps, and nothing of
 * whose it is.  '-' and '_' are the same, as to the kernel; a '*' at the end
 * stands for any rest.  Sorted.  Test: unit/test_redact.c.
 *
 * Source: Documentation/admin-guide/kernel-parameters.txt, kdump/kdump.rst.
 */
static const char *const harmless[] = {
	"acpi",
	"apic",
	"console",
	"consoleblank",
	"crash_kexec_post_notifiers",
	"crashkernel",
	"earlyprintk",
	"fadump",
	"hardlockup_panic",
	"hung_task_panic",
	"idle",
	"ignore_loglevel",
	"init_on_alloc",
	"init_on_free",
	"intel_iommu",
	"iommu",
	"irqpoll",
	"kernel.*panic*",
	"log_buf_len",
	"loglevel",
	"maxcpus",
	"mce",
	"mitigations",
	"nmi_watchdog",
	"nokaslr",
	"nosmp",
	"nowatchdog",
	"nr_cpus",
	"oops",
	"panic",
	"panic_console_replay",
	"panic_force_cpu",
	"panic_on_oops",
	"panic_on_taint",
	"panic_on_warn",
	"panic_print",
	"panic_sys_info",
	"pause_on_oops",
	"possible_cpus",
	"printk.*",
	"printk_delay",
	"pti",
	"quiet",
	"rcupdate.*",
	"reboot",
	"reset_devices",
	"smp",
	"softlockup_panic",
	"sysrq_always_enabled",
	"trace_on_panic",
	"unknown_nmi_panic",
	"warn_limit",
	"watchdog_thresh",
	"workqueue.*",
};

static bool key_fits(const char *key, size_t n, const char *row)
{
	for (size_t i = 0;; i++, row++) {
		if (*row == '*')
			return true;
		char c = i < n ? (key[i] == '-' ? '_' : key[i]) : 0;
		if (c != *row || !c)
			return c == *row && i >= n;
	}
}

static bool is_harmless(const char *key, size_t n)
{
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(harmless); i++)
		if (key_fits(key, n, harmless[i]))
			return true;
	return false;
}

/* As the kernel's next_arg(): up to a blank that is not in double quotes. */
static size_t parameter_length(const char *s, size_t n)
{
	bool quoted = false;
	size_t i = 0;

	for (; i < n && (quoted || !isspace((unsigned char)s[i])); i++)
		quoted ^= s[i] == '"';
	return i;
}

void trail_scrub_parameters(struct trail_scrub *s, size_t from,
			    void (*each)(void *data, const char *bytes, size_t n), void *data)
{
	for (size_t i = from, length; i < s->n; i += length) {
		const char *key = s->text + i;

		length = TRAIL_MAX(parameter_length(key, s->n - i), (size_t)1);
		bool quote = *key == '"';
		const char *equal = memchr(key, '=', length);
		size_t rest = equal ? key + length - equal - 1 : 0;
		bool done = rest >= strlen(TRAIL_REDACTED) &&
			    memcmp(equal + 1, TRAIL_REDACTED, strlen(TRAIL_REDACTED)) == 0;

		rest -= rest && quote && equal[rest] == '"';
		if (!rest || done || is_harmless(key + quote, equal - key - quote))
			continue;
		if (each && trail_scrub_filled(equal + 1, rest) != rest)
			each(data, key, length);
		trail_scrub_take(s, equal + 1 - s->text, rest, TRAIL_SECRET_PARAMETER);
	}
}
