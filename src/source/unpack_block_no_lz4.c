/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for unpack_block_lz4.c where liblz4 is missing. */
#include "source/unpack_block.h"

const struct trail_unpack_block trail_unpack_block_lz4 = { .packing = "lz4", .library = "liblz4" };
