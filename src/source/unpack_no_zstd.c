/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for unpack_zstd.c where libzstd is missing. */
#include "source/unpack_codec.h"

const struct trail_codec trail_codec_zstd = { .library = "libzstd" };
