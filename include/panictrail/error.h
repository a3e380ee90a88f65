/* SPDX-License-Identifier: MIT */
/*
 * The one error type.  A function that can fail returns NULL on success and
 * an error that the caller owns otherwise; its results are written only on
 * success.
 */
#ifndef PANICTRAIL_ERROR_H
#define PANICTRAIL_ERROR_H

/** What kind of failure; a closed list, so that a caller can expect one. */
enum trail_error_code {
	TRAIL_ERROR_NOMEM,	 /* memory ran out */
	TRAIL_ERROR_OS,		 /* a system call failed */
	TRAIL_ERROR_USAGE,	 /* the command line or a policy is wrong */
	TRAIL_ERROR_ABSENT,	 /* this kernel has no such symbol, member or feature */
	TRAIL_ERROR_NODATA,	 /* it is not in the dump: excluded, truncated, unmapped */
	TRAIL_ERROR_BAD_DATA,	 /* it is there and cannot be right */
	TRAIL_ERROR_UNSUPPORTED, /* well-formed, but not read by this version */
	TRAIL_ERROR_LIMIT,	 /* a named limit was hit: count, loop, time */
};

struct trail_error;

#endif
