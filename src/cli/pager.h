/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Long text on a terminal goes through a pager. */
#ifndef TRAIL_CLI_PAGER_H
#define TRAIL_CLI_PAGER_H

#include "base/base.h"

struct trail_options;
struct trail_text;

/**
 * Show a text in the pager of the user: $PANICTRAIL_PAGER, else $PAGER, else less, which goes by
 * FRX unless $LESS is set.
 *
 * False when it was not shown: it fits the screen, stdout is no terminal, it is no text for
 * people (--format, -o), none is wanted (--no-pager, a variable that is empty or "cat"), or the
 * pager cannot be run.
 */
bool trail_cli_page(const struct trail_options *options, const struct trail_text *text);

#endif
