/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words of an enumeration: enum ⇄ name, for tables, files and reports. */
#ifndef TRAIL_BASE_TABLE_H
#define TRAIL_BASE_TABLE_H

#include "base/base.h"

/** Name of @value in an array indexed by the enumerators; "unknown" past its end. */
static inline const char *trail_name_of(const char *const *names, size_t n, size_t value)
{
	return value < n && names[value] ? names[value] : "unknown";
}

#endif
