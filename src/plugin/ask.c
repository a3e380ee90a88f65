/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host table: what a plugin reads of the dead kernel; in the child, see ask.h. */
#include "plugin/ask.h"

#include "base/error.h"
#include "facts/facts.h"
#include "kernel/kernel.h"

enum {
	READ_MAX = 64 << 10,  /* bytes of one call */
	SHARE_MAX = 64 << 20, /* bytes of one plugin */
	STRING_MAX = 4096,    /* bytes */
	LIST_MAX = 65536,     /* entries of one list */
	CALL_COST = 64,	      /* bytes that a call counts for at least */
};

int trail_ask_status(struct trail_error *error)
{
	static const int statuses[] = {
		[TRAIL_ERROR_NOMEM] = PANICTRAIL_HOST_LIMIT,
		[TRAIL_ERROR_OS] = PANICTRAIL_HOST_NODATA,
		[TRAIL_ERROR_USAGE] = PANICTRAIL_HOST_USAGE,
		[TRAIL_ERROR_ABSENT] = PANICTRAIL_HOST_ABSENT,
		[TRAIL_ERROR_NODATA] = PANICTRAIL_HOST_NODATA,
		[TRAIL_ERROR_BAD_DATA] = PANICTRAIL_HOST_BAD_DATA,
		[TRAIL_ERROR_UNSUPPORTED] = PANICTRAIL_HOST_NODATA,
		[TRAIL_ERROR_LIMIT] = PANICTRAIL_HOST_LIMIT,
	};
	int status = error ? statuses[error->code] : PANICTRAIL_HOST_OK;

	trail_error_free(error);
	return status;
}

/* May it be asked now, and is there room in the plugin's share for @n bytes? */
static int may_read(struct trail_ask *ask, uint64_t n)
{
	uint64_t cost = TRAIL_MAX(n, (uint64_t)CALL_COST);

	if (ask->timeline)
		return PANICTRAIL_HOST_NOT_NOW;
	if (!ask->kernel)
		return PANICTRAIL_HOST_NODATA;
	if (ask->bytes_left < cost)
		return PANICTRAIL_HOST_LIMIT;
	ask->bytes_left -= cost;
	return PANICTRAIL_HOST_OK;
}

#define MAY_READ(ask, n)                                 \
	do {                                             \
		int trail_status = may_read((ask), (n)); \
		if (trail_status)                        \
			return trail_status;             \
	} while (0)

static int host_symbol(const struct panictrail_host *host, const char *name, const char *module,
		       uint64_t *ret)
{
	struct trail_ask *ask = trail_ask_of(host);
	struct trail_symbol symbol;

	if (!name || !ret)
		return PANICTRAIL_HOST_USAGE;
	MAY_READ(ask, 0);
	if (!module)
		return trail_ask_status(trail_kernel_symbol(ask->kernel, name, ret));
	if (!trail_symbols_by_name(&ask->kernel->symbols, module, name, &symbol))
		return trail_symbols_problem(&ask->kernel->symbols) ? PANICTRAIL_HOST_NODATA
								    : PANICTRAIL_HOST_ABSENT;
	*ret = symbol.address;
	return PANICTRAIL_HOST_OK;
}

static int host_name_of(const struct panictrail_host *host, uint64_t address, const char **name_ret,
			uint64_t *offset_ret)
{
	struct trail_ask *ask = trail_ask_of(host);
	struct trail_symbol symbol;
	uint64_t offset;
	bool ok = true;

	if (!name_ret)
		return PANICTRAIL_HOST_USAGE;
	MAY_READ(ask, 0);
	if (!trail_kernel_name(ask->kernel, address, &symbol, &offset))
		return PANICTRAIL_HOST_ABSENT;
	const char *name = trail_ask_copy(ask->pool, symbol.name, STRING_MAX, &ok);
	if (!ok)
		return PANICTRAIL_HOST_LIMIT;
	*name_ret = name;
	if (offset_ret)
		*offset_ret = offset;
	return PANICTRAIL_HOST_OK;
}

static int host_member(const struct panictrail_host *host, const char *type, const char *member,
		       struct panictrail_member *ret)
{
	struct trail_ask *ask = trail_ask_of(host);
	struct trail_member found;

	if (!type || !member || !ret)
		return PANICTRAIL_HOST_USAGE;
	MAY_READ(ask, 0);
	int status = trail_ask_status(trail_kernel_find_member(ask->kernel, type, member, &found));
	if (!status)
		*ret = (struct panictrail_member){ found.offset, found.size };
	return status;
}

static int host_type_size(const struct panictrail_host *host, const char *type, uint64_t *ret)
{
	struct trail_ask *ask = trail_ask_of(host);

	if (!type || !ret)
		return PANICTRAIL_HOST_USAGE;
	MAY_READ(ask, 0);
	if (trail_types_size(&ask->kernel->types, type, ret))
		return PANICTRAIL_HOST_OK;
	return !ask->kernel->types.n || trail_types_problem(&ask->kernel->types)
		       ? PANICTRAIL_HOST_NODATA
		       : PANICTRAIL_HOST_ABSENT;
}

static int host_read(const struct panictrail_host *host, uint64_t address, void *to, size_t n)
{
	struct trail_ask *ask = trail_ask_of(host);

	if (!to)
		return PANICTRAIL_HOST_USAGE;
	if (n > READ_MAX)
		return PANICTRAIL_HOST_LIMIT;
	MAY_READ(ask, n);
	return trail_ask_status(trail_kernel_bytes(ask->kernel, address, to, n));
}

static int host_read_number(const struct panictrail_host *host, uint64_t address, uint32_t width,
			    int is_signed, uint64_t *ret)
{
	struct trail_ask *ask = trail_ask_of(host);

	if (!ret || (width != 1 && width != 2 && width != 4 && width != 8))
		return PANICTRAIL_HOST_USAGE;
	MAY_READ(ask, width);
	return trail_ask_status(
		trail_kernel_read(ask->kernel, address, width, is_signed != 0, ret));
}

static int host_read_member(const struct panictrail_host *host, uint64_t address, const char *type,
			    const char *member, uint64_t *ret)
{
	struct trail_ask *ask = trail_ask_of(host);

	if (!type || !member || !ret)
		return PANICTRAIL_HOST_USAGE;
	MAY_READ(ask, 0);
	return trail_ask_status(trail_kernel_member(ask->kernel, address, type, member, ret));
}

static int host_read_string(const struct panictrail_host *host, uint64_t address, size_t max,
			    const char **ret)
{
	struct trail_ask *ask = trail_ask_of(host);

	if (!ret)
		return PANICTRAIL_HOST_USAGE;
	max = TRAIL_MIN(max, (size_t)STRING_MAX);
	MAY_READ(ask, max);
	return trail_ask_status(trail_kernel_string(ask->kernel, address, max, ask->pool, ret));
}

static int host_per_cpu(const struct panictrail_host *host, uint64_t address, uint32_t cpu,
			uint64_t *ret)
{
	struct trail_ask *ask = trail_ask_of(host);

	if (!ret)
		return PANICTRAIL_HOST_USAGE;
	MAY_READ(ask, 0);
	if (!trail_facts_cpu(ask->facts, (int32_t)TRAIL_MIN(cpu, (uint32_t)INT32_MAX)))
		return PANICTRAIL_HOST_ABSENT;
	return trail_ask_status(trail_kernel_per_cpu(ask->kernel, address, cpu, ret));
}

/* The back pointer tells a true node from a wild one.  Source: Linux include/linux/list.h. */
static int host_list_next(const struct panictrail_host *host, uint64_t head, uint64_t node,
			  uint64_t *ret)
{
	struct trail_ask *ask = trail_ask_of(host);
	uint64_t next, back;

	if (!ret)
		return PANICTRAIL_HOST_USAGE;
	MAY_READ(ask, 0);
	if (node == head || ask->list != head) {
		ask->list = head;
		ask->list_n = 0;
	}
	if (ask->list_n++ >= LIST_MAX)
		return PANICTRAIL_HOST_LIMIT;
	int status = trail_ask_status(trail_kernel_pointer(ask->kernel, node, &next));
	if (!status && next != head)
		status = trail_ask_status(trail_kernel_pointer(ask->kernel, next + 8, &back));
	if (status)
		return status;
	if (next == head)
		return PANICTRAIL_HOST_ABSENT;
	if (back != node)
		return PANICTRAIL_HOST_BAD_DATA;
	*ret = next;
	return PANICTRAIL_HOST_OK;
}

void trail_ask_init(struct trail_ask *ask)
{
	ask->bytes_left = SHARE_MAX;
	ask->table = (struct panictrail_host){
		.abi = PANICTRAIL_ABI,
		.size = sizeof(ask->table),
		.symbol = host_symbol,
		.name_of = host_name_of,
		.member = host_member,
		.type_size = host_type_size,
		.read = host_read,
		.read_number = host_read_number,
		.read_member = host_read_member,
		.read_string = host_read_string,
		.per_cpu = host_per_cpu,
		.list_next = host_list_next,
	};
	trail_ask_set_views(&ask->table);
	trail_ask_set_sayers(&ask->table);
}
