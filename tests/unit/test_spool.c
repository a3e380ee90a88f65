/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes put in any order, holes, and no room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "packed.h"
#include "source/spool.h"
#include "source/stream.h"

#define PAGE 4096

static void test_put(void **state)
{
	static uint8_t zeros[40 * PAGE], got[80 * PAGE + 3];
	struct trail_spool spool;
	struct stat st;
	int fd;

	(void)state;
	assert_null(trail_spool_init("/tmp", &spool));
	assert_null(trail_spool_put(&spool, 5, "abc", 3));
	assert_null(trail_spool_put(&spool, 8, zeros, sizeof(zeros)));
	assert_null(trail_spool_put(&spool, 39 * PAGE, "def", 3));
	/* zeros over what was written are written */
	assert_null(trail_spool_put(&spool, 6, zeros, 1));
	assert_null(trail_spool_put(&spool, 40 * PAGE, zeros, sizeof(zeros)));
	assert_true(spool.written < 3 * PAGE);
	assert_null(trail_spool_finish(&spool, &fd));
	assert_int_equal(spool.fd, -1);
	trail_spool_fini(&spool);

	assert_int_equal(pread(fd, got, sizeof(got), 0), 80 * PAGE);
	assert_memory_equal(got, "\0\0\0\0\0a\0c\0", 9);
	assert_memory_equal(got + 39 * PAGE, "def\0", 4);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_nlink, 0);
	assert_true(st.st_blocks * 512 < 10 * PAGE);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
}

static void test_room(void **state)
{
	struct trail_spool spool;
	uint8_t bytes[3 * PAGE];

	(void)state;
	memset(bytes, 1, sizeof(bytes));
	assert_null(trail_spool_init("/tmp", &spool));
	struct trail_error *error = trail_spool_check_room(&spool, UINT64_MAX);
	assert_non_null(strstr(error->message, "bytes in /tmp, which has"));
	assert_true(trail_error_catch(&error, TRAIL_ERROR_OS));
	spool.room = 2 * PAGE;
	assert_null(trail_spool_check_room(&spool, 2 * PAGE));
	assert_null(trail_spool_put(&spool, 0, bytes, PAGE));
	assert_false(spool.full);
	error = trail_spool_put(&spool, PAGE, bytes, sizeof(bytes));
	assert_non_null(strstr(error->message, "/tmp has no room for more than 4096 bytes"));
	assert_true(trail_error_catch(&error, TRAIL_ERROR_LIMIT));
	assert_true(spool.full);
	/* holes need none */
	memset(bytes, 0, sizeof(bytes));
	assert_null(trail_spool_put(&spool, PAGE, bytes, sizeof(bytes)));
	assert_int_equal(spool.end, 4 * PAGE);
	trail_spool_fini(&spool);
	trail_spool_fini(&spool);
	error = trail_spool_init("/nowhere/at/all", &spool);
	assert_non_null(strstr(error->message, "/nowhere/at/all"));
	assert_true(trail_error_catch(&error, TRAIL_ERROR_OS));
	trail_spool_fini(&spool);
}

/* The text of a gzip stream, whole and without its end. */
static void test_stream(void **state)
{
	static const struct trail_stream_options options = { 0 };
	char got[sizeof(packed_text)], *why;

	(void)state;
	for (int cut = 0; cut < 2; cut++) {
		int made, fd = memfd_create("core", MFD_CLOEXEC);
		struct trail_stream *stream;
		assert_int_equal(write(fd, packed[0].bytes, packed[0].n - cut), packed[0].n - cut);
		assert_null(trail_stream_open(fd, &options, &stream));
		assert_null(trail_spool_stream(stream, "/tmp", &made, &why));
		trail_stream_close(stream);
		assert_int_equal(read(made, got, sizeof(got)), sizeof(got) - 1);
		assert_memory_equal(got, packed_text, sizeof(got) - 1);
		assert_int_equal(why != NULL, cut);
		assert_true(!cut || strstr(why, "the file ends there"));
		free(why);
		close(made);
		close(fd);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_put),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_stream),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
