/* SPDX-License-Identifier: GPL-2.0-or-later */
/* x86_64: where kernel memory lies, and how register notes are laid out. */
#include "base/cursor.h"
#include "base/error.h"
#include "kernel/arch.h"
#include "kernel/kernel.h"
#include "source/image.h"

/* Source: Linux Documentation/x86/x86_64/mm.rst; arch/x86/include/asm/page_64_types.h. */
#define KERNEL_MAP UINT64_C(0xffffffff80000000) /* __START_KERNEL_map */
#define KERNEL_START UINT64_C(0xff00000000000000)
#define CR3_ADDRESS UINT64_C(0x000ffffffffff000)
enum {
	KERNEL_IMAGE_SIZE = 512 * 1024 *
			    1024, /* without CONFIG_RANDOMIZE_BASE; else VMCOREINFO says */
	IMAGE_SIZE_MAX = 1024 * 1024 * 1024, /* with it */
	PAGE_TABLE_ISOLATION = 0x1000,	     /* bit of cr3: the user's copy of the tables */
	STACK_SIZE = 16 * 1024,		     /* THREAD_SIZE without KASAN */
};

/*
 * The kernel image lies at a constant distance from physical memory; all else
 * is reached through the page tables.
 * Source: Linux arch/x86/kernel/machine_kexec_64.c arch_crash_save_vmcoreinfo().
 */
static struct trail_error *map_memory(struct trail_kernel *kernel, uint64_t table)
{
	uint64_t phys_base, size = KERNEL_IMAGE_SIZE, five_levels = 0, root;
	bool known = trail_vmcoreinfo_number(&kernel->info, "NUMBER", "phys_base", &phys_base);

	trail_vmcoreinfo_number(&kernel->info, "NUMBER", "KERNEL_IMAGE_SIZE", &size);
	trail_vmcoreinfo_number(&kernel->info, "NUMBER", "pgtable_l5_enabled", &five_levels);
	if (known && size && size <= -KERNEL_MAP)
		trail_image_map_linear(kernel->image, KERNEL_MAP, KERNEL_MAP + size - 1, phys_base);
	if (known &&
	    (trail_vmcoreinfo_number(&kernel->info, "SYMBOL", "init_top_pgt", &root) ||
	     trail_vmcoreinfo_number(&kernel->info, "SYMBOL", "swapper_pg_dir", &root)) &&
	    root >= KERNEL_MAP)
		root = root - KERNEL_MAP + phys_base;
	else if (table)
		root = table & CR3_ADDRESS & ~(uint64_t)PAGE_TABLE_ISOLATION;
	else
		return trail_error_format(
			TRAIL_ERROR_ABSENT,
			"neither VMCOREINFO (phys_base, init_top_pgt) nor a vCPU note tells where the page tables lie");
	trail_image_map_tables(kernel->image,
			       five_levels ? TRAIL_PAGING_X86_64_5 : TRAIL_PAGING_X86_64_4, root);
	return NULL;
}

/* Source: Linux include/linux/elfcore.h struct elf_prstatus, arch/x86/include/asm/user_64.h
 * user_regs_struct. */
enum { PR_PID = 32, PR_REG = 112, PR_SIZE = 336 };

static bool prstatus(struct trail_cursor desc, int32_t *pid_ret, struct trail_cpu_registers *ret)
{
	uint64_t r[27];

	if (desc.size < PR_REG + sizeof(r))
		return false;
	trail_cursor_seek(&desc, PR_PID);
	*pid_ret = (int32_t)trail_cursor_u32(&desc);
	trail_cursor_seek(&desc, PR_REG);
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(r); i++)
		r[i] = trail_cursor_u64(&desc);
	/* r15 r14 r13 r12 bp bx r11 r10 r9 r8 ax cx dx si di orig_ax ip cs flags sp ss fs_base
	 * gs_base … */
	*ret = (struct trail_cpu_registers){ .r13 = r[2],
					     .bp = r[4],
					     .r10 = r[7],
					     .dx = r[12],
					     .di = r[14],
					     .ip = r[16],
					     .flags = r[18],
					     .sp = r[19],
					     .user = r[17] & 3,
					     .kept = { r[5], r[4], r[3], r[2], r[1], r[0] } };
	return true;
}

/* Source: QEMU target/i386/arch_dump.c struct QEMUCPUState, version 1. */
enum {
	QEMU_VERSION = 1,
	QEMU_SEGMENT = 24,
	QEMU_SEGMENTS = 10,
	QEMU_CS = 0,
	QEMU_GS = 4,
	QEMU_CONTROLS = 5
};

static bool vcpu(struct trail_cursor desc, struct trail_cpu_registers *ret)
{
	uint64_t r[18], gs, cr[QEMU_CONTROLS];

	if (trail_cursor_u32(&desc) != QEMU_VERSION)
		return false;
	uint32_t size = trail_cursor_u32(&desc);
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(r); i++)
		r[i] = trail_cursor_u64(&desc);
	size_t segments = desc.pos;
	trail_cursor_seek(&desc, segments + QEMU_CS * QEMU_SEGMENT);
	uint32_t cs = trail_cursor_u32(&desc);
	trail_cursor_seek(&desc, segments + QEMU_GS * QEMU_SEGMENT + 16);
	gs = trail_cursor_u64(&desc);
	trail_cursor_seek(&desc, segments + QEMU_SEGMENTS * QEMU_SEGMENT);
	for (size_t i = 0; i < QEMU_CONTROLS; i++)
		cr[i] = trail_cursor_u64(&desc);
	if (!trail_cursor_ok(&desc))
		return false;
	/* ax bx cx dx si di sp bp r8 … r15 ip flags */
	*ret = (struct trail_cpu_registers){ .dx = r[3],
					     .di = r[5],
					     .sp = r[6],
					     .bp = r[7],
					     .r10 = r[10],
					     .r13 = r[13],
					     .ip = r[16],
					     .flags = r[17],
					     .user = cs & 3,
					     .table = cr[3],
					     .kept = { r[1], r[7], r[12], r[13], r[14], r[15] } };
	/* in user mode the kernel's gs waits in kernel_gs_base, which newer versions add */
	uint64_t swapped = desc.pos + 8 <= size ? trail_cursor_u64(&desc) : 0;
	ret->cpu_base = gs >> 63 ? gs : trail_cursor_ok(&desc) ? swapped : 0;
	return true;
}

const struct trail_arch trail_arch_x86_64 = {
	.name = "x86_64",
	.map_memory = map_memory,
	.prstatus = prstatus,
	.vcpu = vcpu,
	.kernel_start = KERNEL_START,
	.image_start = KERNEL_MAP,
	.image_end = KERNEL_MAP + IMAGE_SIZE_MAX,
	.root_mask = CR3_ADDRESS,
	.user_root = PAGE_TABLE_ISOLATION,
	.stack_size = STACK_SIZE,
};
