# SPDX-License-Identifier: GPL-2.0-or-later
"""Other forms of the records of a core, made by the programs that make them: what systemd-pstore leaves, what dmesg prints.

    forms/systemd-252, forms/systemd-sid     /var/lib/systemd/pstore, by Debian 12's and by sid's systemd-pstore
    forms/dmesg-x.txt -T.txt ...   the newest dump as dmesg -F prints it (not as JSON, which 2.38.1 does wrong)
"""
import glob
import os
import re
import shutil
import subprocess

from paths import LAB, LOADER, die
import prepare

DMESG = {'dmesg.txt': [], 'dmesg-x.txt': ['-x'], 'dmesg-T.txt': ['-T'], 'dmesg-iso.txt': ['--time-format=iso'],
         'dmesg-color.txt': ['-L', '--color=always']}
PROGRAM = 'lib/systemd/systemd-pstore'
# systemd-pstore knows one place to read and one to write
BIND = 'mount --bind "$1" /sys/fs/pstore && mount --bind "$2" /var/lib/systemd/pstore && shift 2 && exec "$@"'


def sid_program():
    """sid's systemd-pstore, unpacked, with its own loader and libraries."""
    root = os.path.join(LAB, 'tools', 'systemd-sid')
    if not os.path.isdir(root):
        prepare.say('systemd-pstore of sid')
        shutil.rmtree(root + '.new', ignore_errors=True)
        prepare.Apt('sid', 'amd64').unpack(['systemd'], root + '.new')
        os.rename(root + '.new', root)
    libs = [root + '/usr/lib/x86_64-linux-gnu', root + '/usr/lib/x86_64-linux-gnu/systemd']
    loader = next(p for p in (root + '/usr/lib/x86_64-linux-gnu/' + LOADER['amd64'], root + '/usr/lib64/' + LOADER['amd64'])
                  if os.path.exists(p))
    return [loader, '--library-path', ':'.join(libs), '%s/usr/%s' % (root, PROGRAM)]


def archive(core, to, program):
    """Runs systemd-pstore on a copy of the records, which it removes."""
    records = to + '.in'
    for d in (records, to):
        shutil.rmtree(d, ignore_errors=True)
    shutil.copytree(core + '/pstore', records)
    os.makedirs(to)
    os.makedirs('/var/lib/systemd/pstore', exist_ok=True)
    subprocess.run(['unshare', '-m', 'sh', '-ec', BIND, 'sh', records, to] + program, check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(records)


def newest(core):
    """The newest dump: its parts in the order of their lines, without their first lines."""
    parts = []
    for path in glob.glob(core + '/pstore/dmesg-*'):
        with open(path, 'rb') as f:
            head, _, text = f.read().partition(b'\n')
        m = re.fullmatch(rb'\w+#(\d+) Part(\d+)', head)
        if m:
            parts.append((int(m.group(1)), -int(m.group(2)), re.sub(rb'\n(ECC: )?(No errors detected|\d+ Corrected bytes.*)\n$', b'\n', text)))
    return b''.join(text for count, _, text in sorted(parts) if count == max(parts)[0])


def make(core):
    if not os.path.isdir(core + '/pstore') or not os.listdir(core + '/pstore'):
        die('%s: no records' % core)
    out = core + '/forms'
    shutil.rmtree(out, ignore_errors=True)
    os.makedirs(out)
    archive(core, out + '/systemd-252', ['/usr/' + PROGRAM])
    archive(core, out + '/systemd-sid', sid_program())
    text = newest(core)
    if text:
        with open(out + '/in', 'wb') as f:
            f.write(text)
        for name, words in DMESG.items():
            with open(out + '/' + name, 'wb') as f:
                done = subprocess.run(['dmesg', '-F', out + '/in'] + words, check=False, stdout=f)
            if done.returncode:         # it does not stand damaged text
                os.unlink(out + '/' + name)
        os.unlink(out + '/in')
    print('%s: %s' % (out, ' '.join(sorted(os.listdir(out)))))
