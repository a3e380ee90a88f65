/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for unpack_xz.c where liblzma is missing. */
#include "source/unpack_codec.h"

const struct trail_codec trail_codec_xz = { .library = "liblzma" };
