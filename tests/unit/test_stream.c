/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files and pipes read forward, packed and not, and what ends them early. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "packed.h"
#include "source/progress.h"
#include "source/stream.h"

#define TEXT_SIZE (sizeof(packed_text) - 1)

static int make_fd(const void *bytes, size_t n)
{
	int fd = memfd_create("core", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, n), n);
	return fd;
}

/* What is written here fits a pipe's buffer. */
static int make_pipe(const void *bytes, size_t n)
{
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], bytes, n), n);
	close(fds[1]);
	return fds[0];
}

static struct trail_stream *open_stream(int fd, struct trail_stream_options options)
{
	struct trail_stream *stream = NULL;

	assert_null(trail_stream_open(fd, &options, &stream));
	return stream;
}

static bool is_missing(enum trail_unpack_wrapper wrapper)
{
	struct trail_unpack *unpack = NULL;
	struct trail_error *error = trail_unpack_new(wrapper, &unpack);

	trail_unpack_free(unpack);
	return trail_error_catch(&error, TRAIL_ERROR_UNSUPPORTED);
}

/* Look and skip in steps that do not fit the text. */
static void check_text(struct trail_stream *stream)
{
	size_t n, done = 0;

	for (;;) {
		const uint8_t *bytes = trail_stream_look(stream, 7, &n);
		if (!n)
			break;
		n = TRAIL_MIN(n, (size_t)5);
		assert_int_equal(trail_stream_offset(stream), done);
		assert_true(done + n <= TEXT_SIZE);
		assert_memory_equal(bytes, packed_text + done, n);
		trail_stream_skip(stream, n);
		done += n;
	}
	assert_int_equal(done, TEXT_SIZE);
	assert_null(trail_stream_broken(stream));
}

static void test_text(void **state)
{
	(void)state;
	for (size_t i = 0; i <= TRAIL_ARRAY_SIZE(packed); i++) {
		bool plain = i == TRAIL_ARRAY_SIZE(packed);
		const void *bytes = plain ? (const void *)packed_text : packed[i].bytes;
		size_t n = plain ? TEXT_SIZE : packed[i].n;
		enum trail_unpack_wrapper wrapper = plain ? TRAIL_UNPACK_NONE : packed[i].wrapper;

		if (!plain && is_missing(wrapper))
			continue;
		for (int piped = 0; piped < 2; piped++) {
			int fd = piped ? make_pipe(bytes, n) : make_fd(bytes, n);
			struct trail_stream *stream = open_stream(
				fd, (struct trail_stream_options){ 0 });
			assert_int_equal(trail_stream_wrapper(stream), wrapper);
			assert_int_equal(trail_stream_size(stream), piped ? 0 : n);
			check_text(stream);
			trail_stream_close(stream);
			close(fd);
		}
	}
}

static void test_broken(void **state)
{
	static const struct trail_stream_options options = { 0 };
	int fd = make_fd(packed[0].bytes, packed[0].n - 1);
	struct trail_stream *stream = open_stream(fd, options);
	size_t n;

	(void)state;
	const uint8_t *bytes = trail_stream_look(stream, 4096, &n);
	assert_int_equal(n, TEXT_SIZE);
	assert_memory_equal(bytes, packed_text, n);
	assert_string_equal(trail_stream_broken(stream),
			    "unpacked only up to byte 64 of its gzip stream, 85 bytes of dump: the "
			    "file ends there");
	trail_stream_close(stream);
	close(fd);
	stream = NULL;
	struct trail_error *error = trail_stream_open(-1, &options, &stream);
	assert_true(trail_error_catch(&error, TRAIL_ERROR_OS));
	assert_null(stream);
}

/* A file that is larger than all that can be looked ahead, with its own number every 8 bytes. */
static int make_large(size_t n)
{
	int fd = memfd_create("core", MFD_CLOEXEC);
	uint64_t numbers[512];

	assert_true(fd >= 0);
	for (size_t i = 0; i < n / 8; i++) {
		numbers[i % 512] = i;
		if (i % 512 == 511)
			assert_int_equal(write(fd, numbers, sizeof(numbers)), sizeof(numbers));
	}
	return fd;
}

static void tell(void *data, const char *what, uint64_t done, uint64_t total)
{
	uint64_t *last = data;

	assert_string_equal(what, "testing");
	assert_true(done >= *last && done <= total);
	*last = done;
}

static void test_large(void **state)
{
	const size_t size = 3 * TRAIL_STREAM_LOOK + 4096;
	uint64_t last = 0, number;
	struct trail_progress progress = { tell, &last };
	int fd = make_large(size);
	struct trail_stream *stream = open_stream(
		fd, (struct trail_stream_options){ .progress = &progress });
	size_t n, done = 0;

	(void)state;
	trail_stream_doing(stream, "testing");
	for (size_t step = 8;; step = step * 3 % 99991 & ~(size_t)7) {
		const uint8_t *bytes = trail_stream_look(stream, TRAIL_STREAM_LOOK, &n);
		assert_int_equal(n<TRAIL_STREAM_LOOK, done + TRAIL_STREAM_LOOK> size);
		if (!n)
			break;
		memcpy(&number, bytes, sizeof(number));
		assert_int_equal(number, done / 8);
		n = TRAIL_MIN(n, step);
		trail_stream_skip(stream, n);
		done += n;
	}
	assert_int_equal(done, size);
	assert_int_equal(last, size);
	trail_stream_close(stream);
	close(fd);
}

/* When its time is over only the start comes, which says what it is. */
static void test_late(void **state)
{
	int fd = make_large(4 * TRAIL_STREAM_LOOK);
	struct trail_stream *stream = open_stream(fd,
						  (struct trail_stream_options){ .deadline = 1 });
	size_t n;

	(void)state;
	trail_stream_look(stream, TRAIL_STREAM_LOOK, &n);
	assert_int_equal(n, TRAIL_STREAM_LOOK);
	assert_null(trail_stream_broken(stream));
	trail_stream_skip(stream, n);
	trail_stream_look(stream, 1, &n);
	assert_int_equal(n, 0);
	assert_non_null(strstr(trail_stream_broken(stream), "the time limit was reached"));
	trail_stream_close(stream);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_late),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
