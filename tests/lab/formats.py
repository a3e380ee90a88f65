# SPDX-License-Identifier: GPL-2.0-or-later
"""The dump of a scenario in other formats, beside it.

From vmcore.elf of fmt-kdump (/proc/vmcore copied whole), by sid's makedumpfile:

    vmcore.E.dN             ELF, dump level N: 0, 1 and the kernel's (31; 7.2: 23)
    vmcore.HOW.dN           kdump-compressed; HOW: none, c (zlib), l (lzo), p (snappy), z (zstd)
    vmcore.flat.HOW.dN      flattened, as makedumpfile -F writes to a pipe
    vmcore.splitN.1 ...     makedumpfile --split into N; split9: by blocks of 1 GiB, most are empty
    *.gz *.xz *.zst *.lz4   compressed as a whole
    *.trunc60 *.trunc2000   only the first 60%, the first 2000 bytes
    *.enospc                the disk was full: makedumpfile marks the dump incomplete

From a vmcore that QEMU wrote (flattened kdump-zlib):

    vmcore.raw-HOW          rearranged, and its pages compressed by zlib, lzo, snappy, zstd: what
                            dump-guest-memory makes of them in its raw formats
    vmcore.flat-HOW         the same flattened, as it writes by default
"""
import ctypes
import os
import shutil
import struct
import subprocess
import sys
import zlib

from paths import KERNELS, LAB, die, tools_dir
from prepare import system_packages

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'cli'))
from dumps import flatten       # noqa: E402

WRAPPERS = {'gz': ['gzip', '-1'], 'xz': ['xz', '-1'], 'zst': ['zstd', '-q'], 'lz4': ['lz4', '-q']}
FLAG = {'zlib': 1, 'lzo': 2, 'snappy': 4, 'zstd': 0x20}     # makedumpfile diskdump_mod.h: DUMP_DH_COMPRESSED_*


def compressor(how):
    """page -> compressed bytes."""
    out, n, work = ctypes.create_string_buffer(16384), ctypes.c_size_t(), ctypes.create_string_buffer(1 << 20)
    lib = ctypes.CDLL({'lzo': 'liblzo2.so.2', 'snappy': 'libsnappy.so.1', 'zstd': 'libzstd.so.1'}[how])
    if how == 'zstd':
        lib.ZSTD_compress.restype = ctypes.c_size_t

    def pack(page):
        n.value, size = len(out), ctypes.c_size_t(len(page))
        if how == 'lzo':
            lib.lzo1x_1_compress(page, size, out, ctypes.byref(n), work)
        elif how == 'snappy':
            lib.snappy_compress(page, size, out, ctypes.byref(n))
        else:
            n.value = lib.ZSTD_compress(out, n, page, size, 1)
        return out.raw[:n.value]
    return pack


def recompress(src, dst, how):
    """A kdump-compressed file (rearranged, zlib) with its pages compressed otherwise.

    The formats differ in the pages' bytes and flags and in the header's status
    (struct disk_dump_header and page_desc of makedumpfile's diskdump_mod.h).
    """
    pack, flag, status_at = compressor(how), FLAG[how], 424
    with open(src, 'rb') as f, open(dst, 'wb') as o:
        head = bytearray(f.read(4096))
        _, block, sub, bitmap = struct.unpack_from('<Iiii', head, status_at)
        if head[:8] != b'KDUMP   ' or block != 4096:
            die('%s is not kdump-compressed with pages of 4096' % src)
        struct.pack_into('<I', head, status_at, flag)
        desc_at = block * (1 + sub + bitmap)
        o.write(head + f.read(desc_at - 4096))
        f.seek(block * (1 + sub) + block * bitmap // 2)     # the second half: the pages that were dumped
        n = sum(bin(b).count('1') for b in f.read(block * bitmap // 2))
        f.seek(desc_at)
        desc = f.read(24 * n)
        at, descs, seen = desc_at + 24 * n, [], {}
        o.seek(at)
        for i in range(n):
            off, size, flags, page_flags = struct.unpack_from('<QIIQ', desc, 24 * i)
            if off not in seen:         # all zero pages share one place
                f.seek(off)
                page = f.read(size)
                if flags & FLAG['zlib']:
                    page = zlib.decompress(page)
                c = pack(page)
                small = len(c) < len(page)
                seen[off] = struct.pack('<QIIQ', at, min(len(c), len(page)), flag if small else 0, page_flags)
                at += o.write(c if small else page)
            descs.append(seen[off])
        o.seek(desc_at)
        o.write(b''.join(descs))


def make(d):
    tools = tools_dir('sid', 'amd64')
    if not os.path.isdir(tools):
        die('no makedumpfile of sid: lab setup a kernel of amd64 first')
    system_packages('liblzo2-2', 'libsnappy1v5', 'libzstd1', 'gzip', 'xz-utils', 'zstd', 'lz4')
    elf, qemu = os.path.join(d, 'vmcore.elf'), os.path.join(d, 'vmcore')

    def makedumpfile(*args, fails=False, **kw):
        r = subprocess.run([tools + '/ld.so', '--library-path', tools, tools + '/makedumpfile', *args], cwd=d,
                           stderr=subprocess.PIPE, **{'stdout': subprocess.DEVNULL, **kw})
        if bool(r.returncode) != fails:
            print('makedumpfile %s: %s' % (' '.join(args), r.stderr.decode(errors='replace')[-300:]))

    def fresh(name):
        path = os.path.join(d, name)
        if os.path.exists(path):
            os.unlink(path)
        print(name, flush=True)
        return path

    def head(name, suffix, size):
        with open(os.path.join(d, name), 'rb') as f, open(fresh(name + suffix), 'wb') as o:
            o.write(f.read(size))

    def wrap(name, how):
        with open(os.path.join(d, name), 'rb') as f, open(fresh('%s.%s' % (name, how)), 'wb') as o:
            subprocess.run(WRAPPERS[how] + ['-c'], stdin=f, stdout=o, check=True)

    def split(n, *args):
        parts = ['vmcore.split%d.%d' % (n, i) for i in range(1, min(n, 4) + 1)]
        makedumpfile('--split', *args, 'vmcore.elf', *map(fresh, parts))
        return parts

    if not os.path.exists(qemu):
        die('no vmcore in ' + d)
    with open(qemu, 'rb') as f:
        flattened = f.read(12) == b'makedumpfile'
    if flattened:
        with open(qemu, 'rb') as f:
            makedumpfile('-R', fresh('vmcore.raw-zlib'), stdin=f)
        for how in ('lzo', 'snappy', 'zstd'):
            recompress(d + '/vmcore.raw-zlib', fresh('vmcore.raw-' + how), how)
        for how in ('lzo', 'snappy'):
            with open(d + '/vmcore.raw-' + how, 'rb') as f, open(fresh('vmcore.flat-' + how), 'wb') as o:
                o.write(flatten(f.read()))
        for how in WRAPPERS:
            wrap('vmcore', how)
        return
    if not os.path.exists(elf):
        die('%s has neither a vmcore that QEMU wrote nor a vmcore.elf; take fmt-kdump or fmt-qemu' % d)
    ver = os.path.basename(os.path.dirname(d))
    top = str(KERNELS[ver].level if ver in KERNELS else 31)
    for level, hows in (('0', ('E', 'c', 'z', 'l', 'none')), ('1', ('E', 'c', 'z', 'l', 'none')), (top, ('E', 'c', 'z', 'l', 'none'))):
        for how in hows:
            makedumpfile('-d', level, *(['-' + how] if how != 'none' else []), 'vmcore.elf', fresh('vmcore.%s.d%s' % (how, level)))
    zlib_top, elf_top = 'vmcore.c.d' + top, 'vmcore.E.d' + top
    recompress(os.path.join(d, zlib_top), fresh('vmcore.p.d' + top), 'snappy')       # Debian builds without snappy
    for how in ('c', 'E', 'z', 'l'):
        with open(fresh('vmcore.flat.%s.d%s' % (how, top)), 'wb') as o:
            makedumpfile('-F', '-' + how, '-d', top, 'vmcore.elf', stdout=o)
    # the split goes by blocks of 1 GiB unless told: a small guest would land in the first file
    split(2, '-z', '-d', '1', '--splitblock-size', '16')
    four = split(4, '-c', '-d', top, '--splitblock-size', '16')
    split(9, '-l', '-d', top)
    for how in WRAPPERS:
        for name in (zlib_top, elf_top, 'vmcore.flat.c.d' + top, 'vmcore.none.d0'):
            wrap(name, how)
        head('%s.%s' % (zlib_top, how), '.trunc60', os.path.getsize(os.path.join(d, '%s.%s' % (zlib_top, how))) * 60 // 100)
    for name in four:
        wrap(name, 'zst')
    for name in (zlib_top, elf_top, 'vmcore.elf', 'vmcore.flat.c.d' + top):
        head(name, '.trunc60', os.path.getsize(os.path.join(d, name)) * 60 // 100)
    head(zlib_top, '.trunc2000', 2000)
    small = os.path.join(LAB, 'full')
    os.makedirs(small, exist_ok=True)
    for how in ('c', 'E'):
        subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=10m', 'none', small], check=True)
        try:
            makedumpfile('-' + how, '-d', top, 'vmcore.elf', small + '/vmcore', fails=True)
            shutil.copyfile(small + '/vmcore', fresh('vmcore.%s.d%s.enospc' % (how, top)))
        finally:
            subprocess.run(['umount', small], check=True)
