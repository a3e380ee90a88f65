/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What --redact takes out of texts, what it leaves, and that none is left anywhere in the facts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/text.h"
#include "facts/facts.h"
#include "facts/redact.h"
#include "facts/scrub.h"

#define R TRAIL_REDACTED

static const struct {
	const char *text, *wanted;
} texts[] = {
	/* clang-format off */
	{ "ip 192.0.2.17, 198.51.100.1:80 and 203.0.113.9.", "ip " R ", " R ":80 and " R "." },
	{ "version 1.2.3 of 300.1.1.1 and 1.2.3.4.5", NULL },
	{ "src=2001:db8::17 [fe80::1%eth0]:22 eth0:2001:db8:0:0:0:0:0:5:", "src=" R " [" R "%eth0]:22 eth0:" R ":" },
	{ "std::foo 12:34:56 0000:00:1f.2 8086:100e ::", NULL },
	{ "eth0: 52:54:00:ab:cd:ef up, 52-54-00-AB-CD-EF", "eth0: " R " up, " R },
	{ "52:54:00:12:34:56:7 52:54:00:12:34:56: 52:54:00:12:34", R ":7 " R ": 52:54:00:12:34" },
	{ "root 1b4e28ba-2fa1-11d2-883f-0016d3cca427!", "root " R "!" },
	{ "id 0123456789abcdef0123456789abcdef.", "id " R "." },
	{ "Code: 48 89 e5 41 57 RIP: 0010:panic+0x1 0123456789abcdef", NULL },
	{ "DMI: ACME Rocket/X1, BIOS 7\nnext", "DMI: " R "\nnext" },
	{ "usb 1-1: SerialNumber: AB12CD", "usb 1-1: SerialNumber: " R },
	{ "strings: Mfr=1, Product=2, SerialNumber=3", NULL },
	{ "disk S/N: WD-123 x", "disk S/N: " R },
	{ "systemd[1]: Hostname set to <alpha>.", "systemd[1]: Hostname set to " R },
	{ "IP-Config: host=alpha, domain=example.org, x", "IP-Config: host=" R ", domain=" R ", x" },
	{ "Linux version 6.1 (joe@alpha-x) y", "Linux version 6.1 (" R ") y" },
	{ "node serial@7e201000 and cpu@0", NULL },
	/* clang-format on */
};

static const struct {
	const char *text, *wanted;
} parameters[] = {
	/* clang-format off */
	{ "root=/dev/sda1 quiet panic=10 crashkernel=192M", "root=" R " quiet panic=10 crashkernel=192M" },
	{ "crash-kexec-post-notifiers=1 log-buf-len=1M", NULL },
	{ "rcupdate.rcu_cpu_stall_suppress=1 kernel.panic=1 panicking=yes", "rcupdate.rcu_cpu_stall_suppress=1 kernel.panic=1 panicking=" R },
	{ "a=\"one two\" \"b=three four\" c=", "a=" R " \"b=" R "\" c=" },
	{ "ip:192.0.2.1 x=y=z", "ip:" R " x=" R },
	{ "open=\"rest of all quiet", "open=" R },
	/* clang-format on */
};

/* Filled to the same length in *filled_ret, which may be NULL, and as words. */
static void scrub(const char *text, bool is_parameters, struct trail_redactions *counts,
		  struct trail_text *out, struct trail_text *filled_ret)
{
	TRAIL_CLEANUP(trail_scrub_fini) struct trail_scrub s = { 0 };

	assert_true(trail_scrub_init(&s, text, strlen(text), counts));
	if (is_parameters)
		trail_scrub_parameters(&s, 0, NULL, NULL);
	trail_scrub_shapes(&s);
	assert_int_equal(strlen(s.text), strlen(text));
	trail_scrub_out(&s, out);
	if (filled_ret)
		trail_text_puts(filled_ret, s.text);
}

static void check(const char *text, const char *wanted, bool is_parameters)
{
	TRAIL_CLEANUP(trail_text_fini)
	struct trail_text out = { 0 }, again = { 0 }, filled = { 0 }, refilled = { 0 },
			  words = { 0 };
	struct trail_redactions once = { 0 }, twice = { 0 }, third = { 0 };

	wanted = wanted ? wanted : text;
	scrub(text, is_parameters, &once, &out, &filled);
	assert_string_equal(trail_text_string(&out), wanted);
	scrub(out.data, is_parameters, &twice, &again, NULL);
	assert_string_equal(trail_text_string(&again), wanted);
	/* what was filled is filled the same again, and says the same */
	scrub(filled.data, is_parameters, &third, &words, &refilled);
	assert_string_equal(trail_text_string(&refilled), trail_text_string(&filled));
	for (size_t i = 0; i < TRAIL_N_SECRETS; i++) {
		assert_non_null(trail_secret_names[i]);
		assert_int_equal(twice.counts[i], 0);
		assert_int_equal(third.counts[i], 0);
	}
}

static void test_fill(void **state)
{
	static const struct {
		const char *text;
		size_t at, n;
		const char *filled, *out;
	} rows[] = {
		{ "a=1", 2, 1, "a=~", "a=" R },
		{ "ab", 0, 2, "<>", R },
		{ "say abcdef!", 4, 6, "say <xxxx>!", "say " R "!" },
	};
	struct trail_redactions counts = { 0 };

	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		TRAIL_CLEANUP(trail_scrub_fini) struct trail_scrub s = { 0 };
		TRAIL_CLEANUP(trail_text_fini) struct trail_text out = { 0 };
		assert_true(trail_scrub_init(&s, rows[i].text, strlen(rows[i].text), &counts));
		trail_scrub_take(&s, rows[i].at, rows[i].n, TRAIL_SECRET_IP);
		assert_string_equal(s.text, rows[i].filled);
		assert_int_equal(trail_scrub_filled(s.text + rows[i].at, s.n - rows[i].at),
				 rows[i].n);
		trail_scrub_out(&s, &out);
		assert_string_equal(out.data, rows[i].out);
		/* a part of a place is all of it */
		trail_scrub_take(&s, rows[i].at + rows[i].n - 1, 1, TRAIL_SECRET_IP);
		assert_string_equal(s.text, rows[i].filled);
		assert_int_equal(counts.counts[TRAIL_SECRET_IP], i + 1);
	}
	assert_int_equal(trail_scrub_filled("<xxy>", 5), 0);
	assert_int_equal(trail_scrub_filled("<xx", 3), 0);
	assert_int_equal(trail_scrub_filled("", 0), 0);
}

static void test_known(void **state)
{
	TRAIL_CLEANUP(trail_scrub_fini) struct trail_scrub s = { 0 };
	struct trail_redactions counts = { 0 };
	static const char text[] = "web1 web12 myweb1 web1-vg/web1. web1";

	(void)state;
	assert_true(trail_scrub_init(&s, text, strlen(text), &counts));
	trail_scrub_known(&s, "web1", true, TRAIL_SECRET_HOST);
	assert_string_equal(s.text, "<xx> web12 myweb1 <xx>-vg/<xx>. <xx>");
	trail_scrub_known(&s, "web1", false, TRAIL_SECRET_HOST);
	assert_string_equal(s.text, "<xx> <xx>2 my<xx> <xx>-vg/<xx>. <xx>");
	assert_int_equal(counts.counts[TRAIL_SECRET_HOST], 6);
}

static void test_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(texts); i++)
		check(texts[i].text, texts[i].wanted, false);
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(parameters); i++)
		check(parameters[i].text, parameters[i].wanted, true);
}

static void record(struct trail_facts *facts, uint8_t facility, const char *text)
{
	struct trail_log_facts *log = &facts->log;

	log->records = trail_pool_grow(&facts->pool, log->records, log->n, sizeof(*log->records));
	assert_non_null(log->records);
	log->records[log->n++] = (struct trail_record){
		.text = text, .length = strlen(text), .facility = facility, .comm = "bash"
	};
}

static void test_planted(void **state)
{
	static const char *const secrets[] = { "SECRET",   "192.0.2.",	   "52:54:00", "2001:db8",
					       "1b4e28ba", "0016d3cca427", "alpha",    "example" };
	TRAIL_CLEANUP(trail_facts_freep) struct trail_facts *facts = trail_facts_new();
	TRAIL_CLEANUP(trail_text_fini) struct trail_text out = { 0 }, again = { 0 };
	struct trail_redactions counts = { 0 }, none = { 0 };
	struct trail_cpu_facts cpu = { .task = { .known = true, .comm = "192.0.2.5-manag" },
				       .stack_end = "at 192.0.2.8" };

	(void)state;
	assert_non_null(facts);
	facts->path = "/case/SECRETcustomer/vmcore";
	facts->cmdline =
		"root=UUID=1b4e28ba-2fa1-11d2-883f-0016d3cca427 panic=9 key=SECRETkey "
		"pw=\"SECRET 1 SECRET two\" root=/dev/SECRETvg disk=always netconsole=@192.0.2.1/,@192.0.2.2/";
	facts->nodename = "alpha.dc1.example";
	facts->domainname = "(none)";
	facts->cpus = &cpu;
	facts->n_cpus = 1;
	facts->chain_why = "/case/SECRETcustomer/vmcore: short";
	record(facts, 0, "Command line: root=UUID=x key=SECRETkey pw=\"SECRET 1 SECRET two\"");
	record(facts, 0, "Unknown kernel command line parameters \"key=SECRETkey\", passed on");
	record(facts, 0, "init was given key=SECRETkey");
	record(facts, 0, "DMI: SECRET machine");
	record(facts, 0, "VFS: cannot always open /dev/SECRETvg or SECRET 1 SECRET two");
	record(facts, 0, "eth0: 52:54:00:12:34:56 2001:db8::7 192.0.2.3");
	record(facts, 0, "Kernel panic - not syncing: for joe@SECRETx");
	record(facts, 0, "md: alpha:0 is of alpha.dc1.example, nfs: dc1.example");
	record(facts, 3, "my SECRET password");
	record(facts, 3, "");
	assert_true(trail_facts_add_gap(facts, "input", "/case/SECRETcustomer/vmcore: cut"));
	assert_true(trail_facts_add_scalar(
		facts,
		&(struct trail_scalar){ "x", .text = "for joe@SECRETx", .why = "192.0.2.9" }));
	assert_null(trail_facts_redact(facts, NULL, NULL, &counts));
	assert_null(trail_facts_save(facts, &out));
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(secrets); i++)
		if (strstr(out.data, secrets[i]))
			fail_msg("%s is left in:\n%s", secrets[i], out.data);
	assert_non_null(strstr(out.data, "panic=9"));
	assert_non_null(strstr(out.data, "Kernel panic - not syncing: for "));
	assert_non_null(strstr(out.data, "bash"));
	assert_non_null(strstr(out.data, "cannot always open"));
	for (size_t i = 0; i < TRAIL_N_SECRETS; i++)
		assert_true(counts.counts[i] || i == TRAIL_SECRET_UUID);
	assert_non_null(strstr(out.data, "\"(none)\""));
	assert_null(trail_facts_redact(facts, NULL, NULL, &none));
	assert_null(trail_facts_save(facts, &again));
	assert_string_equal(out.data, again.data);
}

/* What is put into a dump: a text at its address. */
struct memory {
	char bytes[5][64];
};

static void put(void *data, uint64_t address, const char *bytes, size_t n)
{
	struct memory *m = data;

	assert_true(address >= 1 && address <= TRAIL_ARRAY_SIZE(m->bytes) &&
		    n < sizeof(m->bytes[0]));
	memcpy(m->bytes[address - 1], bytes, n);
}

/* Facts of a dump: @memory is what it holds. */
static struct trail_facts *facts_of(const struct memory *m)
{
	struct trail_facts *facts = trail_facts_new();

	assert_non_null(facts);
	facts->nodename = m->bytes[0];
	facts->nodename_at = 1;
	facts->cmdline = m->bytes[1];
	facts->cmdline_at = 2;
	record(facts, 0, m->bytes[2]);
	facts->log.records[0].text_at = 3;
	record(facts, 1, m->bytes[3]);
	facts->log.records[1].text_at = 4;
	record(facts, 1, m->bytes[4]);
	facts->log.records[2].text_at = 5;
	return facts;
}

/* The facts of the redacted dump are the redacted facts of the dump. */
static void test_put(void **state)
{
	static const struct memory before = { { "alpha", "a=1 quiet key=SECRET",
						"eth0 of alpha: ::1", "SECRET of a user", R } },
				   after = { { "<xxx>", "a=~ quiet key=<xxxx>",
					       "eth0 of <xxx>: <x>", "<xxxxxxxxxxxxxx>", R } };
	TRAIL_CLEANUP(trail_facts_freep)
	struct trail_facts *facts = facts_of(&before), *filled = NULL;
	TRAIL_CLEANUP(trail_text_fini) struct trail_text out = { 0 }, other = { 0 };
	struct trail_redactions counts = { 0 }, none = { 0 };
	struct memory memory = { 0 }, again = { 0 };

	(void)state;
	assert_null(trail_facts_redact(facts, put, &memory, &counts));
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(memory.bytes); i++)
		assert_string_equal(memory.bytes[i], after.bytes[i]);
	assert_null(trail_facts_save(facts, &out));

	TRAIL_CLEANUP(trail_facts_freep) struct trail_facts *twice = facts_of(&memory);
	assert_null(trail_facts_redact(twice, put, &again, &none));
	assert_memory_equal(&again, &memory, sizeof(memory));
	for (size_t i = 0; i < TRAIL_N_SECRETS; i++)
		assert_int_equal(none.counts[i], 0);

	filled = facts_of(&memory);
	assert_null(trail_facts_unfill(filled));
	assert_null(trail_facts_save(filled, &other));
	assert_string_equal(other.data, out.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts), cmocka_unit_test(test_fill),
		cmocka_unit_test(test_known), cmocka_unit_test(test_planted),
		cmocka_unit_test(test_put),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
