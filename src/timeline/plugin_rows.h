/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What plugins know, as rows beside the tables: callbacks, witnesses, evidence.
 * A plugin whose rows do not pass trail_plugin_check() is passed over, so that
 * a saved file can say what it likes.
 */
#ifndef TRAIL_TIMELINE_PLUGIN_ROWS_H
#define TRAIL_TIMELINE_PLUGIN_ROWS_H

#include "timeline/evidence.h"

/** A plugin that is in force. */
struct trail_plugin_trail {
	const struct trail_plugin_facts *facts;
	long *evidence; /* ids of its pieces, by their index there; TRAIL_NO_EVIDENCE for none */
};

/** Find the plugins that are in force; before anything else is asked of them. */
void trail_plugins_start(struct trail_builder *b);

/** What is known of callback @i, into its verdict: by the catalogue, else by a plugin. */
void trail_callback_know(struct trail_builder *b, size_t i);

/**
 * Ask the witnesses of plugins of callback @i: each that matches becomes
 * evidence; the surest decides where nothing else has, and one that denies what
 * is decided makes a contradiction.
 */
void trail_plugins_ask(struct trail_builder *b, size_t i);

/** Add what plugins said of other things than callbacks. */
void trail_plugins_finish(struct trail_builder *b);

/** The condition of a plugin's row as one of the tables'; names are the plugin's or the facts'. */
void trail_plugin_condition(struct trail_builder *b, const struct trail_plugin_facts *plugin,
			    const struct trail_plugin_condition *from, struct trail_condition *ret);

/** The fact that a condition names, "plugin.fact"; NULL when there is none. */
const struct trail_plugin_fact *trail_plugins_fact(const struct trail_facts *facts,
						   const char *name);

#endif
