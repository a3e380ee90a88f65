/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why a machine went down, in a closed list of words. */
#ifndef TRAIL_REPORT_REASONS_H
#define TRAIL_REPORT_REASONS_H

/** The reason of a class of panics; the table ends with a row without a class. */
struct trail_reason {
	const char *class; /* of trail_timeline.trigger; a * stands for the rest */
	const char *reason;
};
extern const struct trail_reason trail_reasons[];

/** The reason of a class; "panic" when it has no row, "unknown" for NULL. */
const char *trail_reason_of(const char *class);

#endif
