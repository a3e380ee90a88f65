/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A function in a process of its own; see child.h. */
#include "plugin/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"

enum {
	MEMORY_MAX = 256 << 20, /* bytes more than this process has */
	FILES_MAX = 256,
	SLICE_MS = 20, /* how long an end that nobody tells may go unseen */
	CHILD_NOMEM = 3,
	CHILD_WRITE = 4,
};

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

/* ---- in the child --------------------------------------------------------- */

static void limit(int what, rlim_t most)
{
	struct rlimit now, wanted = { most, most };

	if (getrlimit(what, &now) == 0 && now.rlim_max < most)
		wanted = (struct rlimit){ now.rlim_max, now.rlim_max };
	setrlimit(what, &wanted);
}

/* Bytes of address space in use; 0 when that is not told. */
static rlim_t address_space(void)
{
	unsigned long pages = 0;
	FILE *file = fopen("/proc/self/statm", "re");

	if (!file)
		return 0;
	if (fscanf(file, "%lu", &pages) != 1)
		pages = 0;
	fclose(file);
	return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

static void restrain(pid_t parent, unsigned ms, int pipe_fd)
{
	static const int signals[] = { SIGSEGV, SIGBUS,	 SIGILL,  SIGFPE, SIGABRT,
				       SIGTRAP, SIGSYS,	 SIGTERM, SIGINT, SIGPIPE,
				       SIGALRM, SIGXCPU, SIGXFSZ, SIGHUP, SIGCHLD };
	int nothing = open("/dev/null", O_RDWR);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(CHILD_WRITE);
	setpgid(0, 0);
	for (size_t i = 0; i < TRAIL_ARRAY_SIZE(signals); i++)
		signal(signals[i], SIG_DFL);
	for (int fd = STDIN_FILENO; nothing >= 0 && fd <= STDERR_FILENO; fd++)
		dup2(nothing, fd);
	rlim_t used = address_space();
	if (used)
		limit(RLIMIT_AS, used + MEMORY_MAX);
	limit(RLIMIT_CPU, ms / 1000 + 2);
	limit(RLIMIT_NOFILE, FILES_MAX);
	limit(RLIMIT_FSIZE, 0);
	limit(RLIMIT_CORE, 0);
	trail_child_fence(pipe_fd);
}

static void write_all(int fd, const struct trail_text *text)
{
	size_t at = 0;

	while (at < text->length) {
		ssize_t n = write(fd, text->data + at, text->length - at);
		if (n < 0 && errno != EINTR)
			_exit(CHILD_WRITE);
		at += n > 0 ? (size_t)n : 0;
	}
}

static void be_child(trail_child_fn *fn, void *data, unsigned ms, pid_t parent, int fd)
{
	struct trail_text out = { 0 };

	restrain(parent, ms, fd);
	if (!fn(data, &out) || out.failed)
		_exit(CHILD_NOMEM);
	write_all(fd, &out);
	_exit(0);
}

/* ---- in the parent -------------------------------------------------------- */

/* What is read of a child. */
struct reading {
	pid_t child;
	int fd;
	double deadline;
	struct trail_text *out;
	bool late, large, ended;
};

static bool has_ended(struct reading *r)
{
	siginfo_t info = { 0 };

	/* it stays to be waited for: until then its group cannot be anybody else's */
	if (waitid(P_PID, (id_t)r->child, &info, WEXITED | WNOHANG | WNOWAIT) < 0)
		return errno != EINTR;
	return info.si_pid == r->child;
}

/* What is there now; false at the end. */
static bool take(struct reading *r)
{
	char bytes[16 * 1024];
	ssize_t n = read(r->fd, bytes, sizeof(bytes));

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	trail_text_add(r->out, bytes, (size_t)n);
	r->large = r->out->length > TRAIL_CHILD_BYTES_MAX;
	return n > 0 && !r->large && !r->out->failed;
}

/* To the end of the pipe, of the child, or of the time. */
static void read_all(struct reading *r)
{
	struct pollfd poll_fd = { .fd = r->fd, .events = POLLIN };

	for (;;) {
		double left = r->deadline - now_ms();
		if (left <= 0) {
			r->late = true;
			return;
		}
		int n = poll(&poll_fd, 1, (int)TRAIL_MIN(left + 1, (double)SLICE_MS));
		if (n > 0 && !take(r))
			return;
		/* a process that it left behind may hold the pipe open */
		if (n == 0 && has_ended(r))
			return;
	}
}

/* The pipe is at its end, so the child is, or as good as. */
static void await_end(struct reading *r)
{
	const struct timespec pause = { .tv_nsec = 200 * 1000 };

	while (!r->large && !(r->ended = has_ended(r)) && now_ms() < r->deadline)
		nanosleep(&pause, NULL);
	r->late |= !r->large && !r->ended;
}

/* What the child wrote before it ended; others may still hold the pipe. */
static void drain(struct reading *r)
{
	struct pollfd poll_fd = { .fd = r->fd, .events = POLLIN };

	while (r->ended && now_ms() < r->deadline && poll(&poll_fd, 1, 0) > 0 && take(r))
		;
}

static void tell(const struct reading *r, int status, unsigned ms, char *why, size_t size)
{
	why[0] = 0;
	if (r->late || (r->ended && WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU))
		snprintf(why, size, "it took longer than %g s", ms / 1e3);
	else if (r->large)
		snprintf(why, size, "it says more than %d KiB", TRAIL_CHILD_BYTES_MAX >> 10);
	else if (WIFSIGNALED(status))
		snprintf(why, size, "it was killed by signal %d (%s)", WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status) == CHILD_NOMEM)
		snprintf(why, size, "it used up its memory, %d MiB", MEMORY_MAX >> 20);
	else if (WEXITSTATUS(status) || !r->out->length)
		snprintf(why, size, "it ended its process with status %d", WEXITSTATUS(status));
}

struct trail_error *trail_child_run(trail_child_fn *fn, void *data, unsigned ms,
				    struct trail_text *out, char *why, size_t size)
{
	int fds[2], status = 0;
	pid_t parent = getpid();

	out->length = 0;
	if (pipe2(fds, O_CLOEXEC) < 0)
		return trail_error_os(errno, "pipe of a plugin");
	fflush(NULL); /* or the child might write it again */
	pid_t child = fork();
	if (child < 0) {
		int saved = errno;
		close(fds[0]);
		close(fds[1]);
		return trail_error_os(saved, "process of a plugin");
	}
	if (child == 0) {
		close(fds[0]);
		be_child(fn, data, ms, parent, fds[1]);
	}
	setpgid(child, child); /* whoever comes first */
	close(fds[1]);
	struct reading r = { .child = child, .fd = fds[0], .deadline = now_ms() + ms, .out = out };
	fcntl(r.fd, F_SETFL, O_NONBLOCK);
	read_all(&r);
	if (!r.late)
		await_end(&r);
	drain(&r);
	kill(-child, SIGKILL);
	kill(child, SIGKILL);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	close(r.fd);
	tell(&r, status, ms, why, size);
	return out->failed ? &trail_error_nomem : NULL;
}
