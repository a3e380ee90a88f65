# SPDX-License-Identifier: GPL-2.0-or-later
"""Where things lie under $LAB, and which kernels the lab knows."""
import collections
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
LAB = os.path.abspath(os.environ.get('LAB') or os.path.join(
    os.environ.get('XDG_CACHE_HOME') or os.path.expanduser('~/.cache'), 'panictrail-lab'))

Kernel = collections.namedtuple('Kernel', 'series arch flavour suites tools level')
# series: what the release begins with.  flavour: what it ends with.  suites:
# where its packages are looked for, the first that has the series wins.
# tools: the suite whose kexec and makedumpfile its guests run.  level:
# makedumpfile -d.
# At -d 8 (user data, a part of 31) bookworm's makedumpfile 1.7.2 takes some
# slab pages of 6.12 and later for user data, sid's 1.7.8 still those of 7.2:
# they are missing in the dump and makedumpfile exits 0.  Hence 23 for 7.2.
# bookworm's kexec and makedumpfile fail on arm64.
# 6.1-rt (another configuration) and 6.12-deb12 (another compiler) are other
# builds of nearly the same sources as 6.1 and 6.12.
KERNELS = {
    '5.10': Kernel('5.10', 'amd64', 'amd64', ('bullseye',), 'bookworm', 31),
    '6.1': Kernel('6.1', 'amd64', 'amd64', ('bookworm',), 'bookworm', 31),
    '6.1-rt': Kernel('6.1', 'amd64', 'rt-amd64', ('bookworm',), 'bookworm', 31),
    '6.12': Kernel('6.12', 'amd64', 'amd64', ('trixie',), 'sid', 31),
    '6.12-deb12': Kernel('6.12', 'amd64', 'amd64', ('bookworm',), 'sid', 31),
    '7.2': Kernel('7.2', 'amd64', 'amd64', ('sid', 'forky', 'trixie-backports'), 'sid', 23),
    '6.1-arm64': Kernel('6.1', 'arm64', 'arm64', ('bookworm',), 'sid', 31),
}
LOADER = {'amd64': 'ld-linux-x86-64.so.2', 'arm64': 'ld-linux-aarch64.so.1'}
PLUGIN = os.path.join(LAB, 'stages.so')


def die(message):
    sys.exit('lab: ' + message)


def kernel_dir(ver):
    """release.json root/ labmod.ko initramfs functions: see prepare.py."""
    return os.path.join(LAB, 'kernels', ver)


def tools_dir(suite, arch):
    """busybox, kexec, makedumpfile and their own loader and libraries."""
    return os.path.join(LAB, 'tools', '%s-%s' % (suite, arch))


def release(ver):
    """What setup wrote about an unpacked kernel, with absolute paths; None before that."""
    root = os.path.join(kernel_dir(ver), 'root')
    try:
        with open(os.path.join(kernel_dir(ver), 'release.json')) as f:
            r = json.load(f)
    except OSError:
        return None
    for k in ('vmlinux', 'vmlinuz', 'modroot'):
        r[k] = os.path.normpath(os.path.join(root, r[k]))
    return r


def kernel(ver):
    """A kernel that is ready to run, or a clear end."""
    if ver not in KERNELS:
        die('no kernel %s; there are %s' % (ver, ' '.join(KERNELS)))
    d, k = kernel_dir(ver), release(ver)
    if k:
        k.update(ver=ver, arch=KERNELS[ver].arch, initrd=d + '/initramfs', labmod=d + '/labmod.ko',
                 functions=d + '/functions')
    if not k or not all(os.path.exists(p) for p in (k['initrd'], k['labmod'], k['functions'], PLUGIN)):
        die('kernel %s is not set up: lab setup %s' % (ver, ver))
    return k
