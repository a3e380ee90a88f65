/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The CPUs: masks, saved registers, what ran there, stacks.  Registers come
 * from each CPU's own crash_notes, never from the order of the notes in the
 * file: the dump leaves out the notes that are empty.  In a hypervisor's dump
 * they come from the vCPU whose gs base is the CPU's per-CPU offset.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/cursor.h"
#include "base/error.h"
#include "collect/collect.h"
#include "collect/needs.h"
#include "format/note.h"
#include "kernel/arch.h"
#include "kernel/code.h"
#include "kernel/kernel.h"
#include "kernel/unwind.h"
#include "source/image.h"

enum {
	CPUS_MAX = 8192,   /* NR_CPUS of CONFIG_MAXSMP */
	NOTE_BYTES = 1024, /* of a crash_notes buffer; 360 on x86_64 */
	NOTE_PRSTATUS = 1, /* NT_PRSTATUS */
	COMM_SIZE = 16,	   /* TASK_COMM_LEN */
	SETS_MAX = CPUS_MAX,
	NMI_STACK_MAX = 32 * 1024, /* EXCEPTION_STKSZ is 8 KiB, 16 with KASAN */
};

/* A register set of the file's notes: of a vCPU, or of a CPU whose own crash_notes should say the
 * same. */
struct set {
	struct trail_cpu_registers registers;
	int32_t pid; /* of a prstatus note, else 0 */
	bool used;
};

struct reader {
	struct trail_kernel *kernel;
	struct trail_facts *facts;
	struct set *sets;
	size_t n_sets;
	bool vcpus;	      /* the sets are of vCPUs */
	uint64_t crash_kexec; /* address of __crash_kexec, 0 when absent */
	uint64_t calls[16];   /* addresses of trail_panic_calls, and which name each has */
	const char *names[16];
	size_t n_calls;
	bool calls_whole; /* no other of them may be among the symbols that cannot be read */
};

/* ---- the file's notes ---------------------------------------------------- */

static struct trail_error *read_sets(struct reader *r, bool vcpus)
{
	const struct trail_arch *arch = r->kernel->arch;
	const void *bytes;
	size_t size;

	r->vcpus = vcpus;
	for (size_t i = 0; trail_image_notes(r->kernel->image, i, &bytes, &size); i++) {
		struct trail_cursor c = trail_cursor_over(bytes, size, 0, "notes", false);
		struct trail_note_entry note;

		while (trail_note_next(&c, &note) && r->n_sets < SETS_MAX) {
			struct set s = { 0 };
			bool is = vcpus ? strcmp(note.name, "QEMU") == 0 &&
						  arch->vcpu(note.desc, &s.registers)
					: strcmp(note.name, "CORE") == 0 &&
						  note.type == NOTE_PRSTATUS &&
						  arch->prstatus(note.desc, &s.pid, &s.registers);
			struct set *bigger = is ? reallocarray(r->sets, r->n_sets + 1, sizeof(s))
						: r->sets;
			if (is && !bigger)
				return &trail_error_nomem;
			r->sets = bigger;
			if (is)
				r->sets[r->n_sets++] = s;
		}
	}
	return NULL;
}

/* A hypervisor writes both kinds for each vCPU; only its own kind tells which CPU it is. */
static struct trail_error *read_file_notes(struct reader *r)
{
	struct trail_error *error = read_sets(r, true);

	if (!error && r->n_sets)
		r->facts->writer = TRAIL_WRITER_HYPERVISOR;
	else if (trail_facts_has(r->facts, "vmcoreinfo.CRASHTIME") &&
		 r->kernel->info_from == TRAIL_INFO_NOTE)
		r->facts->writer = TRAIL_WRITER_KERNEL;
	return error || r->n_sets ? error : read_sets(r, false);
}

/* The vCPU whose gs base is this CPU's per-CPU offset. */
static struct set *find_vcpu(struct reader *r, unsigned cpu)
{
	uint64_t offset;
	struct trail_error *error = trail_kernel_per_cpu(r->kernel, 0, cpu, &offset);

	if (error || !r->vcpus) {
		trail_error_free(error);
		return NULL;
	}
	for (size_t i = 0; i < r->n_sets; i++)
		if (r->sets[i].registers.cpu_base == offset)
			return &r->sets[i];
	return NULL;
}

/* The note of the file that holds what the CPU's own crash_notes hold is accounted for. */
static void account_for(struct reader *r, const struct trail_cpu_registers *registers, int32_t pid)
{
	for (size_t i = 0; !r->vcpus && i < r->n_sets; i++)
		if (r->sets[i].registers.ip == registers->ip &&
		    r->sets[i].registers.sp == registers->sp && r->sets[i].pid == pid)
			r->sets[i].used = true;
}

/* ---- one CPU ------------------------------------------------------------- */

/* Source: Linux include/linux/kexec.h note_buf_t crash_notes, a per-CPU pointer;
 * kernel/kexec_core.c crash_save_cpu(). */
static struct trail_error *read_note(struct reader *r, struct trail_cpu_facts *cpu,
				     struct trail_cpu_registers *registers, int32_t *pid_ret)
{
	uint64_t pointer, base;
	uint8_t raw[NOTE_BYTES];
	struct trail_error *error = trail_kernel_symbol(r->kernel, "crash_notes", &pointer);

	if (!error)
		error = trail_kernel_pointer(r->kernel, pointer, &base);
	if (!error)
		error = trail_kernel_per_cpu(r->kernel, base, cpu->cpu, &cpu->note_address);
	/* a buffer never crosses a page (crash_notes_memory_init()); do not read past it */
	size_t room = TRAIL_PAGE_SIZE - (cpu->note_address & (TRAIL_PAGE_SIZE - 1));
	room = TRAIL_MIN(room, sizeof(raw));
	if (!error)
		error = trail_image_look(r->kernel->image, cpu->note_address, raw, room);
	if (error)
		return error;
	struct trail_cursor c = trail_cursor_over(raw, room, cpu->note_address, "crash_notes",
						  false);
	struct trail_note_entry note;
	bool is_note = trail_note_next(&c, &note);
	bool good = is_note && strcmp(note.name, "CORE") == 0 && note.type == NOTE_PRSTATUS &&
		    r->kernel->arch->prstatus(note.desc, pid_ret, registers);
	trail_image_keep(r->kernel->image, cpu->note_address, raw,
			 good ? c.pos : TRAIL_MIN(room, (size_t)TRAIL_NOTE_HEADER));
	cpu->note = good			      ? TRAIL_NOTE_SAVED
		    : is_note || !trail_cursor_ok(&c) ? TRAIL_NOTE_CORRUPT
						      : TRAIL_NOTE_EMPTY;
	return NULL;
}

/* Source: arch/x86/include/asm/current.h; struct pcpu_hot from v6.2 to v6.14. */
struct trail_error *trail_find_current(struct trail_kernel *kernel, unsigned cpu, uint64_t *ret)
{
	uint64_t base, address;
	struct trail_member hot = { 0 };
	struct trail_error *error = trail_kernel_symbol(kernel, "current_task", &base);

	if (trail_error_catch(&error, TRAIL_ERROR_ABSENT)) {
		error = trail_kernel_symbol(kernel, "pcpu_hot", &base);
		if (!error)
			error = trail_kernel_find_member(kernel, "pcpu_hot", "current_task", &hot);
	}
	if (!error)
		error = trail_kernel_per_cpu(kernel, base + hot.offset, cpu, &address);
	return error ? error : trail_kernel_pointer(kernel, address, ret);
}

static struct trail_error *read_task(struct reader *r, struct trail_cpu_facts *cpu)
{
	uint64_t task, pid;
	struct trail_member comm;
	struct trail_error *error = trail_find_current(r->kernel, cpu->cpu, &task);

	if (!error)
		error = trail_kernel_member(r->kernel, task, "task_struct", "pid", &pid);
	if (!error)
		error = trail_kernel_find_member(r->kernel, "task_struct", "comm", &comm);
	if (!error)
		error = trail_kernel_text(r->kernel, task + comm.offset, COMM_SIZE, &r->facts->pool,
					  &cpu->task.comm);
	if (error)
		return error;
	cpu->task.comm_at = task + comm.offset;
	cpu->task.pid = (int32_t)pid;
	cpu->task.known = true;
	return NULL;
}

static const char *name_of_call(const struct reader *r, uint64_t address)
{
	for (size_t i = 0; i < r->n_calls; i++)
		if (r->calls[i] == address)
			return r->names[i];
	return NULL;
}

/* The callee of the call before the frame's address, and in panic() what is called next. */
static bool describe_frame(struct reader *r, struct trail_frame *f)
{
	struct trail_symbol symbol;
	uint64_t target, offset, next[TRAIL_CODE_NEXT_MAX];

	bool is_return = f->how != TRAIL_FRAME_REGISTERS && f->how != TRAIL_FRAME_TRAP;
	if (is_return && trail_code_call_before(r->kernel, f->address, &target) &&
	    trail_kernel_name(r->kernel, target, &symbol, &offset) && !offset &&
	    !(f->callee = trail_facts_copy(r->facts, symbol.name)))
		return false;
	if (!f->function || f->module ||
	    (strcmp(f->function, "panic") != 0 && strcmp(f->function, "vpanic") != 0))
		return true;
	size_t n = 0;
	f->next_known = r->calls_whole && trail_code_calls_next(r->kernel, f->address, r->calls,
								r->n_calls, next, &n);
	f->next = trail_pool_alloc(&r->facts->pool, n + 1, sizeof(*f->next));
	if (!f->next)
		return false;
	for (; f->n_next < n; f->n_next++)
		f->next[f->n_next] = name_of_call(r, next[f->n_next]);
	return true;
}

static struct trail_error *keep_frames(struct reader *r, struct trail_cpu_facts *cpu,
				       const struct trail_unwind *u)
{
	static const enum trail_frame_how hows[] = {
		[TRAIL_UNWIND_REGISTERS] = TRAIL_FRAME_REGISTERS,
		[TRAIL_UNWIND_CALL_SITE] = TRAIL_FRAME_CALL_SITE,
		[TRAIL_UNWIND_ROW] = TRAIL_FRAME_ORC,
		[TRAIL_UNWIND_TRAP] = TRAIL_FRAME_TRAP,
	};

	cpu->frames = trail_pool_alloc(&r->facts->pool, u->n, sizeof(*cpu->frames));
	cpu->stack_whole = u->whole;
	cpu->stack_end = u->end ? trail_facts_copy(r->facts, u->end) : NULL;
	if (!cpu->frames || (u->end && !cpu->stack_end))
		return &trail_error_nomem;
	for (size_t i = 0; i < u->n; i++) {
		const struct trail_unwind_frame *from = &u->frames[i];
		struct trail_frame *f = &cpu->frames[i];
		*f = (struct trail_frame){
			.address = from->address,
			.slot = from->slot,
			.how = hows[from->how],
			/* what nothing could be unwound from may be a leftover */
			.reliable = cpu->cpu >= 0 &&
				    (hows[from->how] != TRAIL_FRAME_CALL_SITE || i + 1 < u->n),
			.offset = from->offset
		};
		if (from->named) {
			f->function = trail_facts_copy(r->facts, from->symbol.name);
			f->module = trail_facts_copy(r->facts, from->symbol.module);
			if (!f->function || (from->symbol.module && !f->module))
				return &trail_error_nomem;
		}
		if (!describe_frame(r, f))
			return &trail_error_nomem;
		cpu->n_frames = i + 1;
	}
	return NULL;
}

/*
 * The oops path hands the registers of the exception to crash_kexec(), so the
 * note of the CPU that took the dump shows where the bug was, and the frames
 * that lead into the dump lie below it on the same stack.  They are live when
 * they unwind to just those registers.
 * Source: Linux arch/x86/kernel/dumpstack.c oops_end(), include/asm/kexec.h crash_setup_regs().
 */
static bool unwind_oops(struct reader *r, const struct trail_cpu_registers *registers,
			struct trail_unwind *ret)
{
	uint64_t from = registers->sp & ~(r->kernel->arch->stack_size - 1), slot;

	while (trail_unwind_find_call(r->kernel, from, registers->sp, r->crash_kexec, &slot)) {
		trail_unwind_from_slot(r->kernel, slot, registers->bp, ret);
		for (size_t i = 0; i < ret->n; i++)
			if (ret->frames[i].how == TRAIL_UNWIND_TRAP &&
			    ret->frames[i].address == registers->ip &&
			    ret->frames[i].sp == registers->sp)
				return true;
		from = slot + 8;
	}
	return false;
}

static struct trail_error *read_stack(struct reader *r, struct trail_cpu_facts *cpu,
				      const struct trail_cpu_registers *registers)
{
	struct trail_unwind u;
	bool took_dump = cpu->cpu == (int32_t)trail_facts_value(r->facts, "panic_cpu", UINT64_MAX);
	struct trail_symbol symbol;
	uint64_t offset;
	bool in_kexec = trail_kernel_name(r->kernel, registers->ip, &symbol, &offset) &&
			symbol.address == r->crash_kexec;

	if (cpu->registers == TRAIL_REGISTERS_NOTE && took_dump && r->crash_kexec && !in_kexec &&
	    unwind_oops(r, registers, &u))
		return keep_frames(r, cpu, &u);
	trail_unwind_from(r->kernel, registers, &u);
	return keep_frames(r, cpu, &u);
}

static void set_registers(struct trail_cpu_facts *cpu, const struct trail_cpu_registers *registers,
			  enum trail_registers from)
{
	cpu->registers = from;
	cpu->ip = registers->ip;
	cpu->sp = registers->sp;
	cpu->bp = registers->bp;
	memcpy(cpu->kept, registers->kept, sizeof(cpu->kept));
	cpu->flags = registers->flags;
}

/*
 * nmi_panic_self_stop() saves the registers of its own NMI when the crash NMI
 * comes, so the note does not tell; the CPU's NMI stack, on which it still
 * stands, does.
 * Source: Linux arch/x86/kernel/reboot.c nmi_panic_self_stop(), run_crash_ipi_callback();
 * arch/x86/include/asm/cpu_entry_area.h struct cea_exception_stacks.
 */
static enum trail_tristate lost_in_nmi(struct reader *r, unsigned cpu)
{
	struct trail_symbol function;
	struct trail_member stack;
	uint64_t base, address, words[NMI_STACK_MAX / 8];

	if (!trail_symbols_by_name(&r->kernel->symbols, NULL, "nmi_panic_self_stop", &function))
		return r->kernel->symbols.n && !trail_symbols_problem(&r->kernel->symbols)
			       ? TRAIL_NO
			       : TRAIL_MAYBE;
	struct trail_error *error = trail_kernel_find_member(r->kernel, "cea_exception_stacks",
							     "NMI_stack", &stack);
	if (!error && (!function.size || !stack.size || stack.size > sizeof(words)))
		return TRAIL_MAYBE;
	if (!error)
		error = trail_kernel_symbol(r->kernel, "cea_exception_stacks", &base);
	if (!error)
		error = trail_kernel_per_cpu(r->kernel, base, cpu, &address);
	if (!error)
		error = trail_kernel_pointer(r->kernel, address, &address);
	size_t n = error ? 0 : stack.size / sizeof(*words);
	if (!error)
		error = trail_kernel_words(r->kernel, address + stack.offset, words, n);
	if (error) {
		trail_error_free(error);
		return TRAIL_MAYBE;
	}
	for (size_t i = 0; i < n; i++)
		if (words[i] - function.address - 1 < function.size)
			return TRAIL_YES;
	return TRAIL_NO;
}

static struct trail_error *read_cpu(struct reader *r, struct trail_cpu_facts *cpu)
{
	struct trail_cpu_registers registers;
	int32_t pid = 0;
	struct trail_error *error = trail_gap_from(r->facts, read_note(r, cpu, &registers, &pid),
						   "CPU %d registers", cpu->cpu);

	if (!error)
		error = trail_gap_from(r->facts, read_task(r, cpu), "CPU %d task", cpu->cpu);
	if (error)
		return error;
	if (cpu->note == TRAIL_NOTE_CORRUPT &&
	    !trail_facts_add_gap(r->facts, "crash_notes", "a note cannot be right"))
		return &trail_error_nomem;
	if (cpu->note == TRAIL_NOTE_SAVED) {
		account_for(r, &registers, pid);
		cpu->lost_in_nmi = lost_in_nmi(r, cpu->cpu);
	}
	struct set *v = find_vcpu(r, cpu->cpu);
	if (v) { /* what the vCPU was doing when the dump was made is newer than the note */
		v->used = true;
		registers = v->registers;
		set_registers(cpu, &registers, TRAIL_REGISTERS_VCPU);
	} else if (cpu->note == TRAIL_NOTE_SAVED) {
		set_registers(cpu, &registers, TRAIL_REGISTERS_NOTE);
	}
	return cpu->registers ? read_stack(r, cpu, &registers) : NULL;
}

/* ---- all CPUs ------------------------------------------------------------ */

/* One bit of a mask; TRAIL_MAYBE when it cannot be read.  Source: Linux kernel/cpu.c
 * __cpu_present_mask and the like. */
static enum trail_tristate mask_bit(struct reader *r, const char *mask, unsigned cpu)
{
	uint64_t address, word;
	struct trail_error *error = trail_kernel_symbol(r->kernel, mask, &address);

	if (!error)
		error = trail_kernel_read(r->kernel, address + cpu / 64 * 8, 8, false, &word);
	if (error) {
		trail_error_free(error);
		return TRAIL_MAYBE;
	}
	return word >> cpu % 64 & 1 ? TRAIL_YES : TRAIL_NO;
}

static struct trail_cpu_facts *add_cpu(struct reader *r, int32_t number)
{
	struct trail_cpu_facts *all = trail_pool_grow(&r->facts->pool, r->facts->cpus,
						      r->facts->n_cpus, sizeof(*all));

	if (!all)
		return NULL;
	r->facts->cpus = all;
	struct trail_cpu_facts *cpu = &all[r->facts->n_cpus++];
	cpu->cpu = number;
	return cpu;
}

/* Registers that no CPU claims, as in a dump whose memory is cut off, are shown as what they are.
 */
static struct trail_error *add_untied(struct reader *r)
{
	for (size_t i = 0; i < r->n_sets; i++) {
		const struct set *s = &r->sets[i];
		if (s->used)
			continue;
		struct trail_cpu_facts *cpu = add_cpu(r, -1);
		if (!cpu)
			return &trail_error_nomem;
		set_registers(cpu, &s->registers,
			      r->vcpus ? TRAIL_REGISTERS_VCPU : TRAIL_REGISTERS_NOTE);
		struct trail_error *error = read_stack(r, cpu, &s->registers);
		if (error)
			return error;
	}
	return NULL;
}

static void find_calls(struct reader *r)
{
	struct trail_symbol symbol;

	if (trail_symbols_by_name(&r->kernel->symbols, NULL, "__crash_kexec", &symbol))
		r->crash_kexec = symbol.address;
	for (size_t i = 0; i < trail_n_panic_calls && r->n_calls < TRAIL_ARRAY_SIZE(r->calls); i++)
		if (trail_symbols_by_name(&r->kernel->symbols, NULL, trail_panic_calls[i],
					  &symbol)) {
			r->names[r->n_calls] = trail_panic_calls[i];
			r->calls[r->n_calls++] = symbol.address;
		}
	r->calls_whole = !trail_symbols_problem(&r->kernel->symbols);
}

static void reader_fini(struct reader *r)
{
	free(r->sets);
}

struct trail_error *trail_read_cpus(struct trail_kernel *kernel, struct trail_facts *facts)
{
	TRAIL_CLEANUP(reader_fini) struct reader r = { .kernel = kernel, .facts = facts };
	uint64_t n = trail_facts_value(facts, "nr_cpu_ids", 0);
	struct trail_error *error = read_file_notes(&r);

	if (error)
		return error;
	find_calls(&r);
	if (n > CPUS_MAX)
		error = trail_error_format(TRAIL_ERROR_LIMIT,
					   "nr_cpu_ids is %" PRIu64 ", the limit is %d", n,
					   CPUS_MAX);
	if (!n)
		error = trail_error_format(TRAIL_ERROR_ABSENT,
					   "nr_cpu_ids could not be read, so no CPU can be told");
	error = trail_gap_from(facts, error, "CPUs");
	for (unsigned i = 0; !error && i < n && n <= CPUS_MAX; i++) {
		enum trail_tristate present = mask_bit(&r, "__cpu_present_mask", i);
		if (present == TRAIL_NO)
			continue;
		struct trail_cpu_facts *cpu = add_cpu(&r, i);
		if (!cpu)
			return &trail_error_nomem;
		cpu->present = present;
		cpu->online = mask_bit(&r, "__cpu_online_mask", i);
		cpu->active = mask_bit(&r, "__cpu_active_mask", i);
		error = read_cpu(&r, cpu);
	}
	return error ? error : add_untied(&r);
}
