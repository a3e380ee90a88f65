/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An image whose pages were kept → the dump that holds those and no others. */
#ifndef TRAIL_SOURCE_DISTILL_H
#define TRAIL_SOURCE_DISTILL_H

#include "base/base.h"

struct trail_error;
struct trail_image;

/**
 * Write a dump of the pages, or of the bytes, that were kept since trail_image_keep_pages().
 *
 * @path  made anew beside its final place and then renamed, so that it is whole or not there;
 *        only its owner may read it, as it is with makedumpfile's
 *
 * The notes are the image's own, and VMCOREINFO stands where the image has it:
 * among them, or in a page.  An image that is incomplete gives a dump that is marked so.  Where
 * only bytes are kept, the header names no host, of the notes only the registers and VMCOREINFO
 * stay, and the dump is marked as redacted: the texts in its pages must have been, too.
 *
 * Errors: USAGE (@path is there and no regular file), OS (writing), NOMEM, LIMIT, and those of
 * trail_image_read_physical().
 */
struct trail_error *trail_distill(struct trail_image *image, const char *path) TRAIL_MUST_CHECK;

#endif
