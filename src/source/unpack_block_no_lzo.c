/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for unpack_block_lzo.c where liblzo2 is missing. */
#include "source/unpack_block.h"

const struct trail_unpack_block trail_unpack_block_lzo = { .packing = "lzo", .library = "liblzo2" };
