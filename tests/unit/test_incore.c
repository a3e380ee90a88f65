/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A made-up memory of a few pages: VMCOREINFO by a pointer to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "source/image.h"
#include "source/incore.h"
#include "source/page_set.h"
#include "source/write_core.h"

/* All memory is mapped at DIRECT; each kernel's image is one piece of 2 MiB. */
#define START UINT64_C(0xffffffff80000000)
#define END UINT64_C(0xffffffffc0000000)
#define DIRECT UINT64_C(0xffff888000000000)

enum { PRESENT = 1, LARGE = 0x80, PIECE = 20, PIECE_PAGES = 512 };

/* What each page is, by its number. */
enum {
	TEXT = 1,     /* something else that is pointed to */
	INFO,	      /* what is looked for, found by its pointer only: */
	OTHER,	      /* a search from above finds this one first */
	NOTE,	      /* the same behind a note's header */
	DIRECT_GIGS,  /* the table of DIRECT */
	ROOT_OF_FIVE, /* above the tables of the first kernel */
	NOWHERE,      /* tables that map nothing */
	TABLES,	      /* from here on the tables of each kernel, */
	ROOT = 0,
	GIGS,
	PIECES,
	N_TABLES,
	POINTERS = 4 * PIECE_PAGES + 500 /* and from here on, in each image, a page of pointers */
};

static const struct {
	uint64_t pointer, root;
	const char *text; /* NULL: none is found */
} rows[] = {
	{ DIRECT + INFO * TRAIL_PAGE_SIZE, TABLES, "OSRELEASE=pointed to\n" },
	{ DIRECT + NOTE * TRAIL_PAGE_SIZE, TABLES + N_TABLES, "OSRELEASE=in a note\n" },
	{ 0, TABLES + 2 * N_TABLES, NULL },
	{ DIRECT + TEXT * TRAIL_PAGE_SIZE, TABLES + 3 * N_TABLES, NULL },
	/* no kernel's tables, or not in the dump */
	{ 0, NOWHERE, NULL },
	{ 0, 0xfff, NULL },
	/* five levels: the same address through one table more */
	{ 0, ROOT_OF_FIVE, "OSRELEASE=pointed to\n" },
};
enum { KERNELS = 4 };

/* A page of a kernel's own. */
static void make_kernel(size_t kernel, int table, uint64_t *words)
{
	uint64_t tables = TABLES + kernel * N_TABLES;

	switch (table) {
	case ROOT:
		words[511] = (tables + GIGS) * TRAIL_PAGE_SIZE | PRESENT;
		words[273] = DIRECT_GIGS * TRAIL_PAGE_SIZE | PRESENT;
		break;
	case GIGS:
		words[510] = (tables + PIECES) * TRAIL_PAGE_SIZE | PRESENT;
		break;
	case PIECES:
		words[PIECE] = (4 + kernel) * PIECE_PAGES * TRAIL_PAGE_SIZE | PRESENT | LARGE;
		break;
	default:
		words[3] = 42 * TRAIL_PAGE_SIZE;		    /* no address of the kernel */
		words[5] = START + TRAIL_PAGE_SIZE;		    /* in the image */
		words[200] = rows[kernel].pointer;		    /* the one */
		words[300] = DIRECT + TEXT * TRAIL_PAGE_SIZE;	    /* looked at before */
		words[400] = DIRECT + OTHER * TRAIL_PAGE_SIZE + 16; /* not of a page */
		words[500] = DIRECT + 99 * TRAIL_PAGE_SIZE;	    /* not in the dump */
		words[511] = UINT64_C(0xffffc90000000000);	    /* not mapped */
		break;
	}
}

static struct trail_error *make_page(void *data, uint64_t page, void *ret)
{
	uint64_t *words = ret;
	char *text = ret;

	(void)data;
	memset(ret, 0, TRAIL_PAGE_SIZE);
	if (page == DIRECT_GIGS) {
		words[0] = PRESENT | LARGE;
	} else if (page == ROOT_OF_FIVE) {
		words[511] = TABLES * TRAIL_PAGE_SIZE | PRESENT;
	} else if (page == INFO) {
		strcpy(text, "OSRELEASE=pointed to\n");
	} else if (page == OTHER) {
		strcpy(text, "OSRELEASE=not pointed to\n");
	} else if (page == NOTE) {
		strcpy(text + 12, "VMCOREINFO");
		strcpy(text + 24, "OSRELEASE=in a note\n");
	} else if (page == TEXT) {
		strcpy(text, "something else");
	} else if (page >= POINTERS) {
		make_kernel((page - POINTERS) / PIECE_PAGES, N_TABLES, words);
	} else if (page >= TABLES) {
		make_kernel((page - TABLES) / N_TABLES, (int)((page - TABLES) % N_TABLES), words);
	}
	return NULL;
}

static void test_follow(void **state)
{
	struct trail_page_set set = { 0 };
	struct trail_image_options options = { .tmpdir = "/tmp" };
	struct trail_image *image;
	char path[64], page[TRAIL_PAGE_SIZE];
	int fd = memfd_create("core", MFD_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	for (uint64_t k = TEXT; k < TABLES + KERNELS * N_TABLES; k++)
		assert_true(trail_page_set_add(&set, k));
	for (uint64_t k = 0; k < KERNELS; k++)
		assert_true(trail_page_set_add(&set, POINTERS + k * PIECE_PAGES));
	struct trail_write_core core = { .header = { .machine = "x86_64", .max_pfn = 0x2000 },
					 .pages = &set,
					 .read = make_page };
	assert_null(trail_write_core(fd, &core));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	assert_null(trail_image_open((const char *const[]){ path }, 1, &options, &image));
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		struct trail_error *error = trail_incore_follow_vmcoreinfo(
			image, rows[i].root << TRAIL_PAGE_SHIFT, START, END, page);
		if (rows[i].text) {
			assert_null(error);
			assert_string_equal(page, rows[i].text);
		} else {
			assert_true(trail_error_catch(&error, TRAIL_ERROR_ABSENT));
		}
	}
	trail_image_close(image);
	close(fd);
	trail_page_set_fini(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_follow) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
