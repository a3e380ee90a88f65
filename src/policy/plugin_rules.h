/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules of plugins: rows as data, judged by one loop. */
#ifndef TRAIL_POLICY_PLUGIN_RULES_H
#define TRAIL_POLICY_PLUGIN_RULES_H

#include "policy/judge.h"

/** Rules of the plugins that are in force. */
size_t trail_plugin_rules_count(const struct trail_timeline *timeline);

/** Judge them, behind the rules of the table; the judgement has room for them. */
void trail_plugin_rules_check(struct trail_judge *judge);

#endif
