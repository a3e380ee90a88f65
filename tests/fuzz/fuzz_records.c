/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The same bytes as a text that was pasted and as a file of pstore: texts whose lines are numbered,
 * and whose parts descend.
 */
#include <assert.h>

#include "base/error.h"
#include "collect/texts.h"
#include "format/pstore.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct trail_text_facts *text)
{
	for (size_t i = 0; i < text->log.n; i++)
		assert(text->log.records[i].seq == i + 1 && text->log.records[i].text);
	for (size_t i = 1; i < text->n_parts; i++)
		assert(text->parts[i].number <= text->parts[i - 1].number);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct trail_pstore_record records[] = {
		{ .name = "mail", .bytes = data, .n = size },
		{ .name = "dmesg-efi-170000000001001",
		  .backend = "efi",
		  .has_id = true,
		  .id = 170000000001001,
		  .bytes = data,
		  .n = size },
		{ .type = TRAIL_PSTORE_CONSOLE,
		  .name = "console-ramoops",
		  .bytes = data,
		  .n = size },
	};
	struct trail_facts *facts = trail_facts_new();
	struct trail_error *error = trail_collect_records(records, TRAIL_ARRAY_SIZE(records),
							  "fuzz", facts);

	for (size_t i = 0; !error && i < facts->n_texts; i++)
		check(&facts->texts[i]);
	assert(error || facts->n_texts);
	trail_error_free(error);
	trail_facts_free(facts);
	return 0;
}
