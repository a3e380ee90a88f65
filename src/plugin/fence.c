/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a plugin's process may not ask of the system, as a seccomp filter.  It
 * is no jail: a plugin is code that the user chose.  It keeps the mistakes of
 * a plugin, and what is left of one that was overrun by a hostile dump, from
 * reaching other processes and files.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "plugin/child.h"

#if defined(__x86_64__)
#define MACHINE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define MACHINE AUDIT_ARCH_AARCH64
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
#define MACHINE AUDIT_ARCH_PPC64LE
#elif defined(__s390x__)
#define MACHINE AUDIT_ARCH_S390X
#elif defined(__riscv) && __riscv_xlen == 64
#define MACHINE AUDIT_ARCH_RISCV64
#endif

/* A row is a call that fails with EPERM.  Old names are not on every machine. */
static const int denied[] = {
#ifdef SYS_fork
	SYS_fork,
	SYS_vfork,
#endif
#ifdef SYS_unlink
	SYS_unlink,
	SYS_rename,
	SYS_rmdir,
	SYS_mkdir,
	SYS_symlink,
	SYS_link,
	SYS_chmod,
	SYS_chown,
	SYS_creat,
#endif
	SYS_clone,
	SYS_clone3,
	SYS_execve,
	SYS_execveat,
	SYS_kill,
	SYS_tkill,
	SYS_rt_sigqueueinfo,
	SYS_ptrace,
	SYS_setsid,
	SYS_setpgid,
	SYS_socket,
	SYS_connect,
	SYS_sendto,
	SYS_sendmsg,
	SYS_sendfile,
	SYS_splice,
	SYS_vmsplice,
	SYS_tee,
	SYS_pwrite64,
	SYS_pwritev,
	SYS_writev,
	SYS_ftruncate,
	SYS_truncate,
	SYS_fallocate,
	SYS_unlinkat,
	SYS_renameat2,
	SYS_mkdirat,
	SYS_symlinkat,
	SYS_linkat,
	SYS_fchmod,
	SYS_fchmodat,
	SYS_fchown,
	SYS_fchownat,
	SYS_mount,
	SYS_umount2,
	SYS_reboot,
	SYS_process_vm_writev,
	SYS_copy_file_range,
	SYS_bpf,
	SYS_io_uring_setup,
	SYS_openat2,
};

#ifdef MACHINE
static void add(struct sock_filter *rows, size_t *n, uint16_t code, uint32_t k, uint8_t yes,
		uint8_t no)
{
	rows[(*n)++] = (struct sock_filter){ code, yes, no, k };
}

/* A call that opens a file, with its flags at @flags: only for reading, and none is made. */
static void only_reading(struct sock_filter *rows, size_t *n, int call, uint32_t flags,
			 uint32_t refuse)
{
	add(rows, n, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call, 0, 4);
	add(rows, n, BPF_LD | BPF_W | BPF_ABS, flags, 0, 0);
	add(rows, n, BPF_JMP | BPF_JSET | BPF_K, O_WRONLY | O_RDWR | O_CREAT | O_TRUNC, 0, 1);
	add(rows, n, BPF_RET, refuse, 0, 0);
	add(rows, n, BPF_RET, SECCOMP_RET_ALLOW, 0, 0);
}

void trail_child_fence(int fd)
{
	enum { LOAD = BPF_LD | BPF_W | BPF_ABS, IS = BPF_JMP | BPF_JEQ | BPF_K, GIVE = BPF_RET };
	struct sock_filter rows[2 * TRAIL_ARRAY_SIZE(denied) + 32];
	uint32_t refuse = SECCOMP_RET_ERRNO | EPERM;
	size_t n = 0;

	/* another machine's numbers: nothing of this process uses them */
	add(rows, &n, LOAD, offsetof(struct seccomp_data, arch), 0, 0);
	add(rows, &n, IS, MACHINE, 1, 0);
	add(rows, &n, GIVE, SECCOMP_RET_KILL_PROCESS, 0, 0);
	add(rows, &n, LOAD, offsetof(struct seccomp_data, nr), 0, 0);
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(denied); i++) {
		add(rows, &n, IS, (uint32_t)denied[i], 0, 1);
		add(rows, &n, GIVE, refuse, 0, 0);
	}
	add(rows, &n, IS, SYS_write, 0, 4);
	add(rows, &n, LOAD, offsetof(struct seccomp_data, args[0]), 0, 0);
	add(rows, &n, IS, (uint32_t)fd, 1, 0);
	add(rows, &n, GIVE, refuse, 0, 0);
	add(rows, &n, GIVE, SECCOMP_RET_ALLOW, 0, 0);
#ifdef SYS_open
	only_reading(rows, &n, SYS_open, offsetof(struct seccomp_data, args[1]), refuse);
#endif
	only_reading(rows, &n, SYS_openat, offsetof(struct seccomp_data, args[2]), refuse);
	add(rows, &n, GIVE, SECCOMP_RET_ALLOW, 0, 0);
	struct sock_fprog program = { .len = (unsigned short)n, .filter = rows };
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}
#else
void trail_child_fence(int fd)
{
	(void)fd;
}
#endif
