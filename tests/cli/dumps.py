# SPDX-License-Identifier: GPL-2.0-or-later
"""A kdump-compressed dump in other forms: split as makedumpfile --split writes it, flattened.

Source: makedumpfile diskdump_mod.h (struct disk_dump_header, kdump_sub_header, page_desc),
makedumpfile.h (struct makedumpfile_header, makedumpfile_data_header), makedumpfile.c
write_kdump_pages_and_bitmap_cyclic().
"""
import bisect
import struct
import zlib

BLOCK, PAGE, ZLIB = 4096, 24, 1
SPLIT_AT, START_AT, START64_AT, MAX_PFN_AT = BLOCK + 12, BLOCK + 16, BLOCK + 80, BLOCK + 96


class Kdump:
    """The parts of a dump: version 6, 64 bit, little endian, pages of 4 KiB."""

    def __init__(self, content):
        _, block, sub, bitmap = struct.unpack_from('<4I', content, 424)
        if content[:8] != b'KDUMP   ' or block != BLOCK:
            raise ValueError('not a kdump-compressed dump with blocks of 4096')
        bitmap2 = BLOCK * (1 + sub + bitmap // 2)
        self.descriptors_at = BLOCK * (1 + sub + bitmap)
        self.head = content[:self.descriptors_at]
        self.max_pfn, = struct.unpack_from('<Q', content, MAX_PFN_AT)
        bits = content[bitmap2:self.descriptors_at]
        self.pfns = [8 * i + bit for i, byte in enumerate(bits) if byte for bit in range(8)
                     if byte >> bit & 1]
        self.pages = []     # size, flags, page flags, data
        self.bitmap1, self.bitmap2 = BLOCK * (1 + sub), bitmap2
        for i in range(len(self.pfns)):
            at, size, flags, page_flags = struct.unpack_from('<QIIQ', content,
                                                             self.descriptors_at + PAGE * i)
            self.pages.append((size, flags, page_flags, content[at:at + size]))

    def page(self, i):
        """The i-th page that is in the dump; those that zlib packed only."""
        _, flags, _, data = self.pages[i]
        return zlib.decompress(data) if flags & ZLIB else data

    def filtered(self, lost):
        """The dump without those pages, and in its first bitmap as makedumpfile writes it: they and
        all others are memory, what is in no dump is none."""
        content, kept = bytearray(self.part(0, self.max_pfn)), []
        content[self.bitmap1:self.bitmap2] = content[self.bitmap2:self.descriptors_at]
        struct.pack_into('<I', content, SPLIT_AT, 0)
        for i, pfn in enumerate(self.pfns):
            at = self.descriptors_at + PAGE * i
            if pfn in lost:
                content[self.bitmap2 + pfn // 8] &= ~(1 << pfn % 8)
            else:
                offset, rest = struct.unpack_from('<Q16s', content, at)
                kept.append(struct.pack('<Q16s', offset - PAGE * len(lost), rest))
        content[self.descriptors_at:self.descriptors_at + PAGE * len(self.pfns)] = b''.join(kept)
        return bytes(content)

    def part(self, start, end):
        """The file of the pages from start to end - 1: headers and bitmaps of the whole, room for
        all descriptors, a block that all pages of zeros share."""
        head = bytearray(self.head)
        struct.pack_into('<I', head, SPLIT_AT, 1)
        for at in START_AT, START64_AT:
            struct.pack_into('<2Q', head, at, start, end)
        zeros_at = self.descriptors_at + PAGE * len(self.pfns)
        descriptors, data, at = b'', [bytes(BLOCK)], zeros_at + BLOCK
        first, last = (bisect.bisect_left(self.pfns, pfn) for pfn in (start, end))
        for size, flags, page_flags, page in self.pages[first:last]:
            if page == bytes(BLOCK):
                descriptors += struct.pack('<QIIQ', zeros_at, size, flags, page_flags)
                continue
            descriptors += struct.pack('<QIIQ', at, size, flags, page_flags)
            data.append(page)
            at += size
        return bytes(head) + descriptors.ljust(zeros_at - len(head), b'\0') + b''.join(data)


def split(content, n):
    """The files of a split dump, with about as many pages each."""
    dump = Kdump(content)
    ends = [dump.pfns[i * len(dump.pfns) // n] for i in range(1, n)] + [dump.max_pfn]
    return [dump.part(start, end) for start, end in zip([0] + ends, ends)]


def ranges(parts):
    """The first page frame and one past the last, of each file."""
    return [struct.unpack_from('<2Q', part, START64_AT) for part in parts]


def flatten(content, piece=100000):
    """As makedumpfile -F writes it, the last block first."""
    blocks = [struct.pack('>2q', at, len(content[at:at + piece])) + content[at:at + piece]
              for at in range(0, len(content), piece)]
    head = b'makedumpfile'.ljust(16, b'\0') + struct.pack('>2q', 1, 1)
    return head.ljust(4096, b'\0') + b''.join(reversed(blocks)) + struct.pack('>2q', -1, -1)
