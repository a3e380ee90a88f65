/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The message of a line → what it is a sign of, as far as boots and crashes are told apart by it.
 */
#ifndef TRAIL_FORMAT_KLOG_EVENT_H
#define TRAIL_FORMAT_KLOG_EVENT_H

#include "base/base.h"

/** In the order of their weight from _TROUBLE to _PANIC. */
enum trail_klog_event {
	TRAIL_KLOG_NOTHING,
	TRAIL_KLOG_BANNER,	 /* Linux version 6.1.0 … */
	TRAIL_KLOG_EARLY,	 /* what stands before it */
	TRAIL_KLOG_BOUNDARY,	 /* the journal's line between two boots */
	TRAIL_KLOG_FIRMWARE,	 /* of firmware or a boot loader */
	TRAIL_KLOG_REBOOT,	 /* an orderly end */
	TRAIL_KLOG_CRASH_START,	 /* the crash kernel is about to be entered */
	TRAIL_KLOG_CRASH_KERNEL, /* only a crash kernel says so */
	TRAIL_KLOG_PANIC_END,	 /* panic() has come to its end */
	TRAIL_KLOG_TROUBLE,	 /* a lockup, a stall, a machine check: a machine can live on */
	TRAIL_KLOG_OOPS,
	TRAIL_KLOG_PANIC,
};

/**
 * What the message of @n bytes is a sign of.
 *
 * Source: the rows of its table.
 */
enum trail_klog_event trail_klog_event(const char *text, size_t n);

/** Does a boot say by it why the machine started, or what it found of the crash before? */
bool trail_klog_tells_reset(const char *text, size_t n);

#endif
