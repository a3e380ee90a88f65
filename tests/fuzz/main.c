/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Replays seeds through a fuzz harness without a fuzzer: every file of the directories and files
 * named, then prefixes and mutations of each, always the same ones.
 *
 * With clang each harness is also built with libFuzzer, for as long a run as one likes:
 *
 *   CC=clang meson setup --native-file build-dev.ini -Dc_args=-fsanitize=fuzzer-no-link build/fuzz
 *   ninja -C build/fuzz tests/libfuzzer_NAME
 *   build/fuzz/tests/libfuzzer_NAME NEW-SEEDS tests/fuzz/corpus/NAME
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Of each seed; large seeds get fewer, so that a harness takes a second or so. */
#define MAX_PREFIXES 256
#define MAX_MUTATIONS 2000
#define MAX_BYTES (64u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void die(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(1);
}

/** In memory of exactly this size, so that a sanitizer sees one byte too many. */
static void run(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	if (!copy)
		die("malloc");
	if (size)
		memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

/** Xorshift: the same numbers everywhere. */
static uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/** Change one to eight places: a bit, a byte, or a 32-bit field to a value at some edge. */
static void mutate(uint8_t *data, size_t size, uint32_t *state)
{
	static const uint32_t edges[] = {
		0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0xffffffff
	};

	for (uint32_t n = 1 + next_random(state) % 8; n; n--) {
		size_t at = next_random(state) % size;
		uint32_t edge = edges[next_random(state) % 8];

		switch (next_random(state) % 3) {
		case 0:
			data[at] ^= 1u << (next_random(state) % 8);
			break;
		case 1:
			data[at] = next_random(state);
			break;
		default:
			memcpy(data + at, &edge, size - at < 4 ? size - at : 4);
		}
	}
}

static void replay(const uint8_t *seed, size_t size)
{
	uint32_t state = 0x9e3779b9;
	size_t budget, step;
	uint8_t *copy;

	run(seed, size);
	if (!size)
		return;

	budget = MAX_BYTES / size;
	step = size / (budget < MAX_PREFIXES ? budget + 1 : MAX_PREFIXES) + 1;
	for (size_t length = 0; length < size; length += step)
		run(seed, length);

	copy = malloc(size);
	if (!copy)
		die("malloc");
	for (size_t i = 0; i < MAX_MUTATIONS && i < budget; i++) {
		memcpy(copy, seed, size);
		mutate(copy, size, &state);
		run(copy, size);
	}
	free(copy);
}

static void replay_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data;
	struct stat st;

	if (!file || fstat(fileno(file), &st))
		die(path);
	data = malloc(st.st_size + 1);
	if (!data || fread(data, 1, st.st_size, file) != (size_t)st.st_size)
		die(path);
	fclose(file);
	replay(data, st.st_size);
	free(data);
}

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/** Returns how many files there were. */
static int replay_dir(const char *path)
{
	struct dirent **entries;
	int n = scandir(path, &entries, visible, alphasort);

	if (n < 0)
		die(path);
	for (int i = 0; i < n; i++) {
		char *name;

		if (asprintf(&name, "%s/%s", path, entries[i]->d_name) < 0)
			die("asprintf");
		replay_file(name);
		free(name);
		free(entries[i]);
	}
	free(entries);
	return n;
}

int main(int argc, char **argv)
{
	int files = 0;

	for (int i = 1; i < argc; i++) {
		struct stat st;

		if (stat(argv[i], &st))
			die(argv[i]);
		if (S_ISDIR(st.st_mode)) {
			files += replay_dir(argv[i]);
		} else {
			replay_file(argv[i]);
			files++;
		}
	}
	if (!files) {
		fprintf(stderr, "usage: %s SEED-FILE-OR-DIRECTORY..., with at least one seed\n",
			argv[0]);
		return 1;
	}
	printf("%d seeds, their prefixes and mutations\n", files);
	return 0;
}
