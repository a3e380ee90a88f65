/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flattened streams made by hand, from files and pipes, whole, cut and damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "source/flatten.h"
#include "source/stream.h"

#define NONE (-1)

static int make_fd(const void *bytes, size_t n)
{
	int fd = memfd_create("core", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, n), n);
	return fd;
}

#define STREAM_SIZE (128 * 1024)
#define END_MARKER UINT64_MAX, UINT64_MAX, ""

struct block {
	uint64_t offset, size;
	const char *data; /* repeated to fill the size; NULL ends the list */
};

static size_t make_stream(uint8_t *file, const struct block *blocks)
{
	static const char name[] = "makedumpfile";
	size_t n = 4096;

	memset(file, 0, STREAM_SIZE);
	memcpy(file, name, sizeof(name));
	file[23] = 1;
	file[31] = 1;
	for (const struct block *b = blocks; b->data; b++) {
		for (int i = 0; i < 8; i++) {
			file[n + i] = b->offset >> (56 - 8 * i) & 0xff;
			file[n + 8 + i] = b->size >> (56 - 8 * i) & 0xff;
		}
		n += 16;
		for (size_t i = 0; b->data[0] && i < b->size; i++)
			file[n++] = b->data[0] == '0' ? 0 : b->data[i % strlen(b->data)];
	}
	return n;
}

/* Give @n bytes to a pipe from a child, so that a full pipe does not stop us. */
static int make_pipe(const void *bytes, size_t n)
{
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		for (size_t done = 0; done < n;) {
			ssize_t put_n = write(fds[1], (const char *)bytes + done,
					      TRAIL_MIN(n - done, (size_t)3001));
			if (put_n < 0)
				break;
			done += put_n;
		}
		_exit(0);
	}
	close(fds[1]);
	return fds[0];
}

/* Rearrange what a file or pipe has. */
static struct trail_error *flatten(int fd, const char *tmpdir, int *made_ret, char **why_ret)
{
	static const struct trail_stream_options options = { 0 };
	struct trail_stream *stream;

	assert_null(trail_stream_open(fd, &options, &stream));
	struct trail_error *err = trail_flatten(stream, tmpdir, made_ret, why_ret);
	trail_stream_close(stream);
	return err;
}

static const struct block whole_stream[] = {
	{ 0, 10, "abcdefghij" }, { 100000, 5, "vwxyz" }, { 20000, 9000, "0" },
	{ 4, 2, "EF" },		 { 60000, 20000, "pq" }, { 100002, 2, "0" },
	{ 120000, 30000, "0" },	 { END_MARKER },	 { 0 },
};

static void check_whole(int fd)
{
	static uint8_t got[150001], want[150000];
	struct stat st;

	memset(want, 0, sizeof(want));
	memcpy(want, "abcdEFghij", 10);
	memcpy(want + 100000, "vw\0\0z", 5);
	for (size_t i = 0; i < 20000; i++)
		want[60000 + i] = "pq"[i % 2];
	assert_int_equal(pread(fd, got, sizeof(got), 0), sizeof(want));
	assert_memory_equal(got, want, sizeof(want));
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_nlink, 0);
	/* 30 KiB and a bit were not zero; file systems round up. */
	assert_true(st.st_blocks * 512 < 100000);
}

static void test_flatten(void **state)
{
	uint8_t *file = calloc(1, STREAM_SIZE);

	(void)state;
	assert_non_null(file);
	size_t n = make_stream(file, whole_stream);
	for (int piped = 0; piped < 2; piped++) {
		int fd = piped ? make_pipe(file, n) : make_fd(file, n), made;
		char *why = (char *)"unset";
		assert_null(flatten(fd, "/tmp", &made, &why));
		assert_null(why);
		check_whole(made);
		assert_true(fcntl(made, F_GETFD) & FD_CLOEXEC);
		close(made);
		close(fd);
		if (piped)
			wait(NULL);
	}
	free(file);
}

static void test_flatten_damaged(void **state)
{
	static const struct {
		const char *name;
		struct block blocks[5];
		size_t cut; /* bytes off the stream's end */
		int code;
		off_t size; /* of what is kept */
	} rows[] = {
		{ "no end marker", { { 0, 10, "a" }, { 50, 10, "b" } }, 0, NONE, 60 },
		{ "half an end marker", { { 0, 10, "a" }, { END_MARKER } }, 7, NONE, 10 },
		{ "cut in a block", { { 0, 10, "a" }, { 50, 10, "b" } }, 4, NONE, 56 },
		{ "cut in zeros", { { 0, 10, "a" }, { 50, 10, "0" } }, 4, NONE, 56 },
		{ "cut in the first block", { { 7, 10, "a" } }, 4, NONE, 13 },
		{ "bad later", { { 0, 10, "a" }, { 0, 0, "b" }, { END_MARKER } }, 0, NONE, 10 },
		{ "far later", { { 0, 10, "a" }, { INT64_MAX, 1, "b" } }, 0, NONE, 10 },
		{ "bad first", { { 0, 0, "b" }, { END_MARKER } }, 0, TRAIL_ERROR_BAD_DATA, 0 },
		{ "far first", { { INT64_MAX, 1, "b" } }, 0, TRAIL_ERROR_LIMIT, 0 },
		{ "no block", { { 0 } }, 0, TRAIL_ERROR_BAD_DATA, 0 },
		{ "cut in the header", { { 0 } }, 1, TRAIL_ERROR_BAD_DATA, 0 },
	};
	uint8_t *file = calloc(1, STREAM_SIZE);

	(void)state;
	assert_non_null(file);
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(rows); i++) {
		size_t n = make_stream(file, rows[i].blocks) - rows[i].cut;
		int fd = make_fd(file, n), made = -7;
		char *why = NULL;
		struct trail_error *err = flatten(fd, "/tmp", &made, &why);
		int code = err ? (int)err->code : NONE;
		trail_error_free(err);
		if (code != rows[i].code)
			fail_msg("%s: outcome %d instead of %d", rows[i].name, code, rows[i].code);
		close(fd);
		if (code != NONE) {
			assert_null(why);
			assert_int_equal(made, -7);
			continue;
		}
		assert_string_equal(why, "the flattened stream ends before its end mark");
		free(why);
		assert_int_equal(lseek(made, 0, SEEK_END), rows[i].size);
		close(made);
	}
	free(file);
}

static void test_flatten_nowhere(void **state)
{
	int made, fd = make_fd("makedumpfile", 12);
	char *why;

	(void)state;
	struct trail_error *err = flatten(fd, "/nowhere/at/all", &made, &why);
	assert_non_null(err);
	assert_int_equal(err->code, TRAIL_ERROR_OS);
	assert_non_null(strstr(err->message, "/nowhere/at/all"));
	trail_error_free(err);
	close(fd);
	assert_true(trail_flatten_is("makedumpfile\0\0\0\0", 16));
	assert_false(trail_flatten_is("KDUMP   \0\0\0\0\0\0\0\0", 16));
}

/* The room is held against the size of the stream before anything is read. */
static void test_flatten_room(void **state)
{
	int made, fd = memfd_create("core", MFD_CLOEXEC);
	char *why;

	(void)state;
	assert_int_equal(ftruncate(fd, INT64_C(1) << 60), 0);
	struct trail_error *err = flatten(fd, "/tmp", &made, &why);
	assert_non_null(err);
	assert_int_equal(err->code, TRAIL_ERROR_OS);
	assert_non_null(strstr(err->message, "bytes in /tmp, which has"));
	trail_error_free(err);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flatten),
		cmocka_unit_test(test_flatten_damaged),
		cmocka_unit_test(test_flatten_nowhere),
		cmocka_unit_test(test_flatten_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
