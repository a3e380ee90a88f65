/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel log → the oops in which panic() itself ended: the task that panics was
 * killed, and panic() is on no stack any more.
 */
#ifndef TRAIL_TIMELINE_LOG_OOPS_H
#define TRAIL_TIMELINE_LOG_OOPS_H

#include "base/base.h"

struct trail_builder;
struct trail_stack;

/**
 * The stack of the oops that the task of the panic line made behind that line,
 * below panic(), and was killed for; the panic line must be found.
 *
 * @panic_ret   index of the step in panic() or vpanic(); there is one before it
 * @record_ret  index of the record with which the oops begins
 *
 * Source: Linux kernel/panic.c oops_exit(), arch/x86/kernel/dumpstack.c
 * __die_header(), oops_end(), arch/arm64/kernel/traps.c __die().
 */
bool trail_log_oops(struct trail_builder *b, struct trail_stack *ret, size_t *panic_ret,
		    size_t *record_ret);

#endif
