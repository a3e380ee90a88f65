/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VMCOREINFO text → values by key; see vmcoreinfo.h. */
#include "format/vmcoreinfo.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

const char *trail_vmcoreinfo_text(const struct trail_vmcoreinfo *info, const char *key,
				  size_t *length_ret)
{
	const char *p = info->text, *end, *found = NULL;
	size_t key_length = strlen(key);

	if (!info->size)
		return NULL;
	end = p + info->size;
	while (p < end) {
		const char *line_end = memchr(p, '\n', end - p);
		if (!line_end)
			line_end = end;
		const char *nul = memchr(p, 0, line_end - p);
		if (nul)
			line_end = end = nul; /* the rest of the page is empty */
		if ((size_t)(line_end - p) > key_length && p[key_length] == '=' &&
		    memcmp(p, key, key_length) == 0) {
			found = p + key_length + 1;
			*length_ret = line_end - found;
		}
		p = line_end < end ? line_end + 1 : end;
	}
	return found;
}

bool trail_vmcoreinfo_plain(const struct trail_vmcoreinfo *info, const char *key, int base,
			    uint64_t *ret)
{
	char buffer[32], *end;
	size_t length;
	const char *text = trail_vmcoreinfo_text(info, key, &length);

	if (!text || !length || length >= sizeof(buffer))
		return false;
	memcpy(buffer, text, length);
	buffer[length] = 0;
	errno = 0;
	uint64_t value = strtoull(buffer, &end, base);
	if (*end || errno)
		return false;
	*ret = value;
	return true;
}

bool trail_vmcoreinfo_number(const struct trail_vmcoreinfo *info, const char *type,
			     const char *name, uint64_t *ret)
{
	char key[128];

	if ((size_t)snprintf(key, sizeof(key), "%s(%s)", type, name) >= sizeof(key))
		return false;
	return trail_vmcoreinfo_plain(info, key, strcmp(type, "SYMBOL") == 0 ? 16 : 0, ret);
}
