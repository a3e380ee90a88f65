/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Log text → lines: what stands before the message — level, time, caller,
 * date, host, what a vendor's kernel adds — is taken off and understood.
 *
 * Each form is told by its look, line by line: in one file there may be several.
 */
#ifndef TRAIL_FORMAT_KLOG_H
#define TRAIL_FORMAT_KLOG_H

#include "base/base.h"

enum { TRAIL_KLOG_NO_LEVEL = 255 };

/** What was found before the message. */
enum trail_klog_mark {
	TRAIL_KLOG_LEVEL = 1 << 0,    /* <N> */
	TRAIL_KLOG_TIME = 1 << 1,     /* [    1.234567] */
	TRAIL_KLOG_CALLER = 1 << 2,   /* [   T1], [    C0] */
	TRAIL_KLOG_DATE = 1 << 3,     /* a date in place of the time: dmesg -T, -H, --time-format */
	TRAIL_KLOG_WORDS = 1 << 4,    /* kern  :emerg : */
	TRAIL_KLOG_TAG = 1 << 5,      /* date, host and program, as syslog and the journal do */
	TRAIL_KLOG_EXTENDED = 1 << 6, /* level,seq,usec,flags; */
	TRAIL_KLOG_VENDOR = 1 << 7,   /* [3:  init:    1] and the like */
	TRAIL_KLOG_QUOTED = 1 << 8,   /* > */
	TRAIL_KLOG_WALL = 1 << 10,    /* with DATE: as only dmesg writes it */
	TRAIL_KLOG_KEY = 1 << 9,      /* the whole line: " KEY=value" of the extended form */
};

/** One line; pointers are into the bytes it was made of. */
struct trail_klog_line {
	unsigned marks;
	const char *text; /* the message */
	size_t length;
	uint64_t ts_nsec; /* with TRAIL_KLOG_TIME, _EXTENDED: of the kernel log clock */
	bool has_time, has_date;
	uint64_t date_s;  /* UTC, seconds since 1970; a zone that is not said is taken for UTC */
	uint8_t level;	  /* 0 to 7, or TRAIL_KLOG_NO_LEVEL */
	uint8_t facility; /* 0: the kernel, or not said; a program's line of syslog has another */
	int32_t cpu, pid; /* -1: not said */
	const char *comm; /* NULL: not said */
	size_t comm_length;
	const char *host; /* NULL: not said */
	size_t host_length;
	uint64_t seq;		/* EXTENDED: of the record */
	bool escaped;		/* EXTENDED: text has \xNN for what is not printable */
	uint32_t piece, pieces; /* EXTENDED: the text is a piece from byte @piece of @pieces; 0 of
				   0: all of it */
};

/** What holds for a whole file, told from its start; zeroed: nothing. */
struct trail_klog_style {
	bool quoted;	  /* each line begins with > */
	bool printable;	  /* quoted-printable: =20, = at a line's end */
	bool hosts;	  /* journalctl -o short-monotonic: [    1.234567] host kernel: */
	bool wrapped;	  /* by a mail program: hardly a line is longer than 80 */
	unsigned indent;  /* spaces before each line */
	unsigned samples; /* lines that were looked at */
	unsigned timed;	  /* of them: with [    1.234567] */
};

/** What @n bytes, the first ones of a file, say of all of it. */
struct trail_klog_style trail_klog_style_of(const char *bytes, size_t n);

/**
 * Take the prefixes off a line.
 *
 * @bytes  of it, without its newline; a CR at its end is left out
 * @style  may be NULL
 *
 * Source: Linux kernel/printk/printk.c print_syslog(), print_time(), print_caller(),
 * info_print_ext_header(); drivers/net/netconsole.c; util-linux dmesg; systemd journalctl.
 */
void trail_klog_line(const char *bytes, size_t n, const struct trail_klog_style *style,
		     struct trail_klog_line *ret);

/**
 * Where a line really ends: before the next [    1.234567] in it, which a newline
 * that was lost or another program's text has put there; @n when there is none.
 */
size_t trail_klog_split(const char *bytes, size_t n);

/**
 * Make a line clean in place: escape sequences of terminals, NULs and what a
 * backspace takes back are left out, a space of HTML is one.  Gives the new length.
 */
size_t trail_klog_clean(char *bytes, size_t n);

/** \xNN of the extended form → bytes, in place.  Gives the new length. */
size_t trail_klog_unescape(char *bytes, size_t n);

/** =NN of quoted-printable → bytes, in place.  Gives the new length. */
size_t trail_klog_unprintable(char *bytes, size_t n);

#endif
