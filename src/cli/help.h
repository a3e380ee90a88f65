/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --help, made from the tables of verbs and options. */
#ifndef TRAIL_CLI_HELP_H
#define TRAIL_CLI_HELP_H

#include "cli/options.h"

/** Print the overview, or what there is to know of one verb, on stdout in 80 columns. */
void trail_help_print(const struct trail_verb *verb);

#endif
