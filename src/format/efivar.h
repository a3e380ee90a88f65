/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An EFI variable that holds a record of pstore, as efivarfs gives it: its name, and four bytes of
 * attributes before the record.
 *
 * Source: Linux drivers/firmware/efi/efi-pstore.c efi_pstore_write(), efi_pstore_read_func();
 * fs/efivarfs/file.c efivarfs_file_read().
 */
#ifndef TRAIL_FORMAT_EFIVAR_H
#define TRAIL_FORMAT_EFIVAR_H

#include "format/pstore.h"

/** The largest value of a variable that is read; Linux writes a few KiB at most. */
enum { TRAIL_EFIVAR_MAX = 64 << 10 };

/**
 * What a name says of its record: "dump-type0-1-1-1700000000-C-<guid>", in all forms that kernels
 * have used.
 *
 * @ret  type, id, time, packed, region and backend are set; name is @name; no bytes
 *
 * False when the name is of no such variable.
 */
bool trail_efivar_name(const char *name, struct trail_pstore_record *ret);

/** Put the bytes of the file behind the attributes into the record; borrowed. */
void trail_efivar_value(const uint8_t *bytes, size_t n, struct trail_pstore_record *record);

/** Does a file of @size bytes start as such a variable, whatever its name is? */
bool trail_efivar_is(const uint8_t *bytes, size_t n, uint64_t size);

#endif
