/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which kernel it was: VMCOREINFO, utsname, command line → facts. */
#include <stdio.h>

#include "base/error.h"
#include "collect/collect.h"
#include "kernel/kernel.h"

/* Source: Linux include/uapi/linux/utsname.h struct new_utsname: 65 bytes each. */
enum {
	UTS_LENGTH = 65,
	UTS_NODENAME = UTS_LENGTH,
	UTS_VERSION = 3 * UTS_LENGTH,
	UTS_DOMAINNAME = 5 * UTS_LENGTH,
	COMMAND_LINE_MAX = 4096,
};

static const char *copy_info(struct trail_kernel *kernel, struct trail_facts *facts,
			     const char *key)
{
	size_t length;
	const char *text = trail_vmcoreinfo_text(&kernel->info, key, &length);

	return text ? trail_pool_strndup(&facts->pool, text, length) : NULL;
}

/* A number of VMCOREINFO as a fact. */
static bool add_info(struct trail_kernel *kernel, struct trail_facts *facts, const char *key,
		     int base)
{
	char name[64], symbol[64];
	struct trail_scalar s = { .name = name, .symbol = symbol };

	if (!kernel->info_from)
		return true;
	snprintf(name, sizeof(name), "vmcoreinfo.%s", key);
	snprintf(symbol, sizeof(symbol), "VMCOREINFO %s", key);
	bool has = trail_vmcoreinfo_plain(&kernel->info, key, base, &s.value);
	s.presence = has ? TRAIL_PRESENT : TRAIL_ABSENT;
	return trail_facts_add_scalar(facts, &s);
}

/* What is not there is not missed: no answer rests on it. */
static struct trail_error *read_host(struct trail_kernel *kernel, struct trail_facts *facts,
				     uint64_t names)
{
	facts->nodename_at = names + UTS_NODENAME;
	facts->domainname_at = names + UTS_DOMAINNAME;
	struct trail_error *error = trail_kernel_text(kernel, facts->nodename_at, UTS_LENGTH,
						      &facts->pool, &facts->nodename);
	trail_error_catch(&error, TRAIL_ERROR_NODATA);
	if (!error)
		error = trail_kernel_text(kernel, facts->domainname_at, UTS_LENGTH, &facts->pool,
					  &facts->domainname);
	trail_error_catch(&error, TRAIL_ERROR_NODATA);
	return error;
}

static struct trail_error *read_version(struct trail_kernel *kernel, struct trail_facts *facts)
{
	uint64_t names;
	struct trail_error *error = trail_kernel_names(kernel, &names);

	if (error)
		return error;
	error = read_host(kernel, facts, names);
	return error ? error
		     : trail_kernel_string(kernel, names + UTS_VERSION, UTS_LENGTH, &facts->pool,
					   &facts->version);
}

static struct trail_error *read_command_line(struct trail_kernel *kernel, struct trail_facts *facts)
{
	uint64_t pointer;
	struct trail_error *error = trail_kernel_symbol(kernel, "saved_command_line", &pointer);

	if (!error)
		error = trail_kernel_pointer(kernel, pointer, &facts->cmdline_at);
	if (!error)
		error = trail_kernel_text(kernel, facts->cmdline_at, COMMAND_LINE_MAX, &facts->pool,
					  &facts->cmdline);
	return error;
}

struct trail_error *trail_read_identity(struct trail_kernel *kernel, struct trail_facts *facts)
{
	facts->release = copy_info(kernel, facts, "OSRELEASE");
	facts->build_id = copy_info(kernel, facts, "BUILD-ID");
	if (!add_info(kernel, facts, "CRASHTIME", 10))
		return &trail_error_nomem;
	if (!kernel->symbols.n)
		return NULL;
	struct trail_error *error = trail_gap_from(facts, read_version(kernel, facts),
						   "kernel version");
	if (!error)
		error = trail_gap_from(facts, read_command_line(kernel, facts),
				       "kernel command line");
	return error;
}
