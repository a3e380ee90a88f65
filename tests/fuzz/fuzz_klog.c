/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A line of a log: what is found in it must lie inside it, in each style. */
#include <assert.h>

#include "format/klog.h"
#include "format/klog_event.h"
#include "format/klog_identity.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inside(const char *part, size_t n, const char *all, size_t size)
{
	assert(part >= all && part <= all + size && n <= (size_t)(all + size - part));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data;
	struct trail_klog_style style = trail_klog_style_of(bytes, size);
	struct trail_klog_identity identity = {};
	char copy[4096];

	for (int i = 0; i < 2; i++) {
		struct trail_klog_line line;
		trail_klog_line(bytes, size, i ? &style : NULL, &line);
		inside(line.text, line.length, bytes, size);
		if (line.comm)
			inside(line.comm, line.comm_length, bytes, size);
		if (line.host)
			inside(line.host, line.host_length, bytes, size);
		size_t split = trail_klog_split(line.text, line.length);
		assert(split <= line.length && (split || !line.length));
		(void)trail_klog_event(line.text, line.length);
		(void)trail_klog_tells_reset(line.text, line.length);
		trail_klog_identity_see(&identity, line.text, line.length);
	}
	size_t n = TRAIL_MIN(size, sizeof(copy));
	memcpy(copy, bytes, n);
	n = trail_klog_unprintable(copy, trail_klog_unescape(copy, trail_klog_clean(copy, n)));
	assert(n <= size);
	return 0;
}
