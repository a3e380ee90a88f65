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

static void check(const char *text, const char *wanted, bool is_parameters)
{
	TRAIL_CLEANUP(trail_text_fini) struct trail_text out = { 0 }, again = { 0 };
	struct trail_redactions once = { 0 }, twice = { 0 };

	wanted = wanted ? wanted : text;
	if (is_parameters) {
		trail_scrub_parameters(text, strlen(text), &out, &once, NULL, NULL);
		trail_scrub_parameters(out.data, out.length, &again, &twice, NULL, NULL);
	} else {
		trail_scrub(text, strlen(text), &out, &once);
		trail_scrub(out.data, out.length, &again, &twice);
	}
	assert_string_equal(trail_text_string(&out), wanted);
	assert_string_equal(trail_text_string(&again), wanted);
	for (size_t i = 0; i < TRAIL_N_SECRETS; i++) {
		assert_non_null(trail_secret_names[i]);
		assert_int_equal(twice.counts[i], 0);
	}
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
	static const char *const secrets[] = { "SECRET",   "192.0.2.", "52:54:00",
					       "2001:db8", "1b4e28ba", "0016d3cca427" };
	TRAIL_CLEANUP(trail_facts_freep) struct trail_facts *facts = trail_facts_new();
	TRAIL_CLEANUP(trail_text_fini) struct trail_text out = { 0 }, again = { 0 };
	struct trail_redactions counts = { 0 }, none = { 0 };
	struct trail_cpu_facts cpu = { .task = { true, 7, "bash" }, .stack_end = "at 192.0.2.8" };

	(void)state;
	assert_non_null(facts);
	facts->path = "/case/SECRETcustomer/vmcore";
	facts->cmdline =
		"root=UUID=1b4e28ba-2fa1-11d2-883f-0016d3cca427 panic=9 key=SECRETkey "
		"pw=\"SECRET 1 SECRET two\" root=/dev/SECRETvg disk=always netconsole=@192.0.2.1/,@192.0.2.2/";
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
	record(facts, 3, "my SECRET password");
	assert_true(trail_facts_add_gap(facts, "input", "/case/SECRETcustomer/vmcore: cut"));
	assert_true(trail_facts_add_scalar(
		facts,
		&(struct trail_scalar){ "x", .text = "for joe@SECRETx", .why = "192.0.2.9" }));
	assert_null(trail_facts_redact(facts, &counts));
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
	assert_null(trail_facts_redact(facts, &none));
	assert_null(trail_facts_save(facts, &again));
	assert_string_equal(out.data, again.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_planted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
