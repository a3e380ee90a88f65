/* SPDX-License-Identifier: GPL-2.0-or-later */
/* EFI variables that hold records of pstore; see efivar.h for the source. */
#include "format/efivar.h"

#include "base/cursor.h"

/* LINUX_EFI_CRASH_GUID: its variables are of pstore, no one else's are */
static const char guid[] = "cfc8fc79-be2e-4ddc-97f0-9f98bfe298a0";

/* PSTORE_EFI_ATTRIBUTES: non-volatile, for boot services, at run time */
#define ATTRIBUTES 7u

/* Digits, then '-' or the end; steps over both.  False when there are none, or too many. */
static bool number(const char **p, uint64_t *ret)
{
	uint64_t value = 0;
	const char *at = *p;

	for (; *at >= '0' && *at <= '9'; at++)
		if (!trail_mul(value, 10, &value) ||
		    !trail_add(value, (uint64_t)(*at - '0'), &value))
			return false;
	if (at == *p || (*at != '-' && *at != '\0'))
		return false;
	*p = *at ? at + 1 : at;
	*ret = value;
	return true;
}

static bool is_guid(const char *p)
{
	for (size_t i = 0; guid[i]; i++)
		if ((p[i] | (guid[i] == '-' ? 0 : 0x20)) != guid[i])
			return false;
	return guid[sizeof(guid) - 1] == p[sizeof(guid) - 1];
}

/* Linux counts in one number: seconds, two digits of the part, three of the count. */
static uint64_t id_of(uint64_t time_s, uint64_t part, uint64_t count)
{
	return (time_s * 100 + part) * 1000 + count;
}

bool trail_efivar_name(const char *name, struct trail_pstore_record *ret)
{
	static const char start[] = "dump-type";
	uint64_t numbers[4] = { 0 };
	size_t n = 0;
	const char *p = name + strlen(start);
	struct trail_pstore_record record = { .backend = "efi_pstore",
					      .region = "efivars",
					      .name = name,
					      .packed = TRAIL_PACKED_MAYBE };

	if (!trail_starts_with(name, start))
		return false;
	while (n < TRAIL_ARRAY_SIZE(numbers) && *p && !is_guid(p) && number(&p, &numbers[n]))
		n++;
	if (n < 3)
		return false;
	if (n == 4 && (*p == 'C' || *p == 'D') && (p[1] == '\0' || p[1] == '-')) {
		record.packed = *p == 'C' ? TRAIL_PACKED_YES : TRAIL_PACKED_NO;
		p += p[1] ? 2 : 1;
	}
	if (*p && !is_guid(p))
		return false;

	/* the oldest form has no count */
	uint64_t count = n == 4 ? numbers[2] : 0;
	record.has_time = numbers[n - 1] > 0;
	record.time_s = numbers[n - 1];
	record.has_id = true;
	record.id = id_of(record.time_s, numbers[1], count);
	record.type = numbers[0] == 0	? TRAIL_PSTORE_DMESG
		      : numbers[0] == 1 ? TRAIL_PSTORE_MCE
		      : numbers[0] == 2 ? TRAIL_PSTORE_CONSOLE
		      : numbers[0] == 3 ? TRAIL_PSTORE_FTRACE
		      : numbers[0] == 7 ? TRAIL_PSTORE_PMSG
					: TRAIL_PSTORE_OTHER;
	*ret = record;
	return true;
}

static bool has_attributes(const uint8_t *bytes, size_t n)
{
	struct trail_cursor c = trail_cursor_over(bytes, n, 0, "EFI variable", false);

	return trail_cursor_u32(&c) == ATTRIBUTES;
}

void trail_efivar_value(const uint8_t *bytes, size_t n, struct trail_pstore_record *record)
{
	size_t skip = has_attributes(bytes, n) ? 4 : 0;

	record->bytes = bytes + skip;
	record->n = n - skip;
	if (record->n == 0)
		record->why = "the variable is empty";
}

bool trail_efivar_is(const uint8_t *bytes, size_t n, uint64_t size)
{
	if (size < 8 || size > TRAIL_EFIVAR_MAX || n < 8 || !has_attributes(bytes, n))
		return false;
	/* the line of a record, or a block of deflate, the only codec since 6.6 and the default
	 * before */
	const uint8_t *text = bytes + 4;
	return memmem(text, TRAIL_MIN(n - 4, (size_t)24), " Part", 5) || (text[0] & 6) == 4;
}
