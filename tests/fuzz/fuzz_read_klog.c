/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A log file: whatever is in it, records are whole and in order of their lines. */
#include <assert.h>
#include <sys/mman.h>
#include <unistd.h>

#include "collect/texts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("log", 0);
	struct trail_facts *facts = trail_facts_new();
	size_t bytes = 0;

	assert(fd >= 0 && facts && write(fd, data, size) == (ssize_t)size);
	assert(lseek(fd, 0, SEEK_SET) == 0);
	assert(!trail_collect_log(fd, "log", facts));
	for (size_t i = 0; i < facts->n_texts; i++) {
		const struct trail_log_facts *log = &facts->texts[i].log;
		for (size_t k = 0; k < log->n; k++)
			for (uint32_t at = 0; at < log->records[k].length; at++)
				bytes += log->records[k].text[at] != 0;
	}
	assert(facts->n_texts || facts->n_gaps || !size);
	assert(bytes <= 8 * size);
	trail_facts_free(facts);
	close(fd);
	return 0;
}
