/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words of page tables, by how they look; see xlat.h. */
#include "source/xlat.h"

/* Source: Linux arch/x86/include/asm/pgtable_types.h _PAGE_PRESENT, PTE_PFN_MASK. */
#define ENTRY_PRESENT UINT64_C(1)
#define ENTRY_ADDRESS UINT64_C(0x000ffffffffff000)
#define MEMORY_END \
	(UINT64_C(0x20) << 40) /* 32 TiB; a text leads beyond, it has no byte below 0x20 */

bool trail_xlat_is_entry(const uint8_t *bytes)
{
	uint64_t entry = 0;

	for (size_t i = TRAIL_XLAT_ENTRY_SIZE; i--;)
		entry = entry << 8 | bytes[i];
	return (entry & ENTRY_PRESENT) && (entry & ENTRY_ADDRESS) < MEMORY_END;
}
