/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text → the standard input of $PAGER; see pager.h. */
#include "cli/pager.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/options.h"

extern char **environ;

enum { NOT_FOUND = 127 }; /* exit status of a shell, and of posix_spawnp() where it forks */

/* NULL when the user wants none. */
static const char *find_pager(void)
{
	const char *pager = getenv("PANICTRAIL_PAGER");

	if (!pager)
		pager = getenv("PAGER");
	if (!pager)
		return "less";
	return *pager && strcmp(pager, "cat") != 0 ? pager : NULL;
}

/* More lines than the terminal has; a line that is wrapped counts once. */
static bool is_long(const struct trail_text *text)
{
	struct winsize size;
	size_t lines = 0;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || !size.ws_row)
		return false;
	for (size_t i = 0; i < text->length; i++)
		lines += text->data[i] == '\n';
	return lines >= size.ws_row;
}

/* Run the command with @input as its standard input; the signals that are ignored here are not
 * ignored there. */
static bool run(const char *pager, int input, const sigset_t *signals, pid_t *ret)
{
	char *const by_shell[] = { "sh", "-c", (char *)pager, NULL };
	char *const plain[] = { (char *)pager, NULL };
	char *const *argv = strcmp(pager, "less") == 0 ? plain : by_shell;
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;

	if (posix_spawn_file_actions_init(&actions) != 0)
		return false;
	bool good = posix_spawnattr_init(&attributes) == 0;
	if (good) {
		good = posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO) == 0 &&
		       posix_spawnattr_setsigdefault(&attributes, signals) == 0 &&
		       posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF) == 0 &&
		       posix_spawnp(ret, argv[0], &actions, &attributes, argv, environ) == 0;
		posix_spawnattr_destroy(&attributes);
	}
	posix_spawn_file_actions_destroy(&actions);
	return good;
}

/* A pager that was left early wants no more: that is no failure. */
static void feed(int fd, const struct trail_text *text)
{
	for (size_t done = 0; done < text->length;) {
		ssize_t n = write(fd, text->data + done, text->length - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return;
		done += n;
	}
}

/* Ctrl-C in a pager stops a search there: it is not for us. */
static bool page(const char *pager, const struct trail_text *text)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, old_pipe, old_int;
	int ends[2], status = 0;
	sigset_t signals;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return false;
	sigemptyset(&signals);
	sigaddset(&signals, SIGPIPE);
	sigaddset(&signals, SIGINT);
	sigaction(SIGPIPE, &ignore, &old_pipe);
	sigaction(SIGINT, &ignore, &old_int);
	bool good = run(pager, ends[0], &signals, &pid);
	close(ends[0]);
	if (good)
		feed(ends[1], text);
	close(ends[1]);
	while (good && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	sigaction(SIGPIPE, &old_pipe, NULL);
	sigaction(SIGINT, &old_int, NULL);
	return good && !(WIFEXITED(status) && WEXITSTATUS(status) == NOT_FOUND);
}

bool trail_cli_page(const struct trail_options *options, const struct trail_text *text)
{
	const char *pager = find_pager();

	if (!pager || options->no_pager || options->output ||
	    strcmp(options->format, "text") != 0 || !isatty(STDOUT_FILENO) || !is_long(text))
		return false;
	setenv("LESS", "FRX", 0);
	return page(pager, text);
}
