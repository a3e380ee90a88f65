/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for unpack_lz4.c where liblz4 is missing. */
#include "source/unpack_codec.h"

const struct trail_codec trail_codec_lz4 = { .library = "liblz4" };
