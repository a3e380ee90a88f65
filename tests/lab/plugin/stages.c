// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * QEMU TCG plugin (API 1, QEMU 7.2): says which vCPU enters which kernel
 * function, in order, from outside the guest.
 *
 *   -plugin file=stages.so,syms=FILE,out=FILE[,dyn=FILE]
 *
 * syms: lines "hexaddr name", link-time addresses.  x86-64 and arm64 KASLR
 * move the kernel by a multiple of 2 MiB, so the low 21 bits tell a candidate;
 * the reader drops those which the kernel base does not confirm.
 * dyn: the same, but run-time addresses matched in full; the file is looked at
 * again every 0.1 s, so that the host can add functions of modules when the
 * guest has said where they are (before they run for the first time).
 * The structs and prototypes below are those of qemu-plugin.h 7.2, which
 * Debian does not ship.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <pthread.h>
#include <time.h>

typedef uint64_t qemu_plugin_id_t;
typedef struct qemu_info_t qemu_info_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum qemu_plugin_cb_flags { QEMU_PLUGIN_CB_NO_REGS };
typedef void (*qemu_plugin_vcpu_tb_trans_cb_t)(qemu_plugin_id_t, struct qemu_plugin_tb *);
typedef void (*qemu_plugin_vcpu_udata_cb_t)(unsigned int, void *);
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, qemu_plugin_vcpu_tb_trans_cb_t);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *, qemu_plugin_vcpu_udata_cb_t,
					    enum qemu_plugin_cb_flags, void *);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);

#define EXPORT __attribute__((visibility("default")))
EXPORT int qemu_plugin_version = 1;

#define LOW(x) ((x) & 0x1fffff)
#define MAXSYM 512
#define MAXSITE 65536
#define CAP 3000

struct sym { uint64_t addr; char name[64]; };
/* the cap is for each address: a hot loop that merely looks like a symbol must not eat it up */
struct site { struct sym *s; uint64_t vaddr; unsigned long n; };
static struct sym syms[MAXSYM];
static int nsyms;
static struct sym *tab[0x200000];
static struct site sites[MAXSITE];
static int nsites;
static FILE *out;
static pthread_mutex_t mu = PTHREAD_MUTEX_INITIALIZER;
static struct timespec t0;

static void hit(unsigned int vcpu, void *u)
{
	struct site *s = u;
	struct timespec t;

	pthread_mutex_lock(&mu);
	if (s->n++ < CAP) {
		clock_gettime(CLOCK_MONOTONIC, &t);
		fprintf(out, "%.6f %u %" PRIx64 " %s\n",
			(t.tv_sec - t0.tv_sec) + (t.tv_nsec - t0.tv_nsec) / 1e9, vcpu, s->vaddr, s->s->name);
		fflush(out);
	}
	pthread_mutex_unlock(&mu);
}

#define MAXDYN 128
static struct sym dyn[MAXDYN];
static volatile int ndyn;
static const char *dynf;
static struct timespec dynt;

static void dyn_read(void)
{
	struct timespec t;
	FILE *f;
	int n = 0;
	uint64_t a;
	char name[64];

	clock_gettime(CLOCK_MONOTONIC, &t);
	if ((t.tv_sec - dynt.tv_sec) * 1000 + (t.tv_nsec - dynt.tv_nsec) / 1000000 < 100)
		return;
	dynt = t;
	f = fopen(dynf, "r");
	if (!f)
		return;
	while (n < MAXDYN && fscanf(f, "%" SCNx64 " %63s", &a, name) == 2) {
		if (n >= ndyn) {
			dyn[n].addr = a;
			strcpy(dyn[n].name, name);
			ndyn = n + 1;
		}
		n++;
	}
	fclose(f);
}

static void trans(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	size_t n = qemu_plugin_tb_n_insns(tb), i;

	if (dynf) {
		pthread_mutex_lock(&mu);
		dyn_read();
		pthread_mutex_unlock(&mu);
	}
	for (i = 0; i < n; i++) {
		struct qemu_plugin_insn *in = qemu_plugin_tb_get_insn(tb, i);
		uint64_t v = qemu_plugin_insn_vaddr(in);
		struct sym *s;
		struct site *st = NULL;
		int k;

		if (v < 0xffff800000000000ull)
			continue;
		s = NULL;
		for (k = 0; k < ndyn; k++)
			if (dyn[k].addr == v)
				s = &dyn[k];
		if (!s)
			s = tab[LOW(v)];
		if (!s)
			continue;
		pthread_mutex_lock(&mu);
		for (k = 0; k < nsites; k++)
			if (sites[k].vaddr == v) {
				st = &sites[k];
				break;
			}
		if (!st && nsites < MAXSITE) {
			st = &sites[nsites++];
			st->s = s;
			st->vaddr = v;
		}
		pthread_mutex_unlock(&mu);
		if (st)
			qemu_plugin_register_vcpu_insn_exec_cb(in, hit, QEMU_PLUGIN_CB_NO_REGS, st);
	}
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
	const char *sf = NULL, *of = NULL;
	FILE *f;
	int i;

	for (i = 0; i < argc; i++) {
		if (!strncmp(argv[i], "syms=", 5))
			sf = argv[i] + 5;
		if (!strncmp(argv[i], "out=", 4))
			of = argv[i] + 4;
		if (!strncmp(argv[i], "dyn=", 4))
			dynf = strdup(argv[i] + 4);
	}
	if (!sf || !of || !(f = fopen(sf, "r")) || !(out = fopen(of, "w")))
		return -1;
	while (nsyms < MAXSYM && fscanf(f, "%" SCNx64 " %63s", &syms[nsyms].addr, syms[nsyms].name) == 2) {
		tab[LOW(syms[nsyms].addr)] = &syms[nsyms];
		nsyms++;
	}
	fclose(f);
	clock_gettime(CLOCK_MONOTONIC, &t0);
	qemu_plugin_register_vcpu_tb_trans_cb(id, trans);
	return 0;
}
