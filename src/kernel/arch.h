/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What differs between architectures: one constant struct each. */
#ifndef TRAIL_KERNEL_ARCH_H
#define TRAIL_KERNEL_ARCH_H

#include "base/base.h"

enum { TRAIL_KEPT_REGISTERS = 6 };

struct trail_cursor;
struct trail_error;
struct trail_kernel;

/** The registers that unwinding asks for; those that no row asks for are not kept. */
struct trail_cpu_registers {
	uint64_t ip, sp, bp, flags;
	uint64_t dx, di, r10, r13;
	uint64_t kept[TRAIL_KEPT_REGISTERS]; /* those that a call leaves as they are */
	uint64_t cpu_base; /* x86: base of the kernel's gs, which is __per_cpu_offset; 0 unknown */
	uint64_t table;	   /* x86: cr3; 0 unknown */
	bool user;	   /* it was in user mode */
};

struct trail_arch {
	const char *name; /* as libkdumpfile names it */
	/**
	 * Make kernel virtual addresses readable, from VMCOREINFO.
	 * @table  a page table root of a vCPU note, for dumps without VMCOREINFO; 0 none
	 * Errors: ABSENT (VMCOREINFO lacks what it takes), NODATA.
	 */
	struct trail_error *(*map_memory)(struct trail_kernel *kernel, uint64_t table);
	/** Decode the descriptor of an NT_PRSTATUS note; false when it is too short. */
	bool (*prstatus)(struct trail_cursor desc, int32_t *pid_ret,
			 struct trail_cpu_registers *ret);
	/** Decode the descriptor of a hypervisor's vCPU note (name "QEMU"); false when it is none.
	 */
	bool (*vcpu)(struct trail_cursor desc, struct trail_cpu_registers *ret);
	/** Lowest kernel address: what lies below is no kernel pointer. */
	uint64_t kernel_start;
	uint64_t image_start, image_end; /* between them the kernel image is mapped */
	/* of a vCPU's page table root: its address, the bit of it that may tell the user's copy */
	uint64_t root_mask, user_root;
	uint64_t stack_size; /* of a task, a power of two; stacks are aligned to it */
};

/** The architecture of that name, or NULL. */
const struct trail_arch *trail_arch_find(const char *name);

extern const struct trail_arch trail_arch_x86_64;

#endif
