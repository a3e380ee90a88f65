#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The walk of docs/plugin.md, as its reader does it.

Usage: test_plugin_walk.py PANICTRAIL BUILD PAGE VMCORE

Installs the headers and panictrail.pc of BUILD below a new directory, writes each code block of the
page that has a name, and runs each that is for a shell, in the order of the page. Exits with 77, to
be skipped, where there is no meson or pkg-config, with 1 if a block fails.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

BLOCK = re.compile(r'^```(\w+)(?: (\S+))?\n(.*?)^```$', re.M | re.S)
TIMEOUT = 300


def environment(program, root):
    """The program first on the path; pkg-config sees what was installed."""
    files = list(root.rglob('panictrail.pc'))
    if len(files) != 1:
        sys.exit(f'panictrail.pc was installed {len(files)} times')
    return {**os.environ, 'PATH': f'{program.parent}:{os.environ["PATH"]}', 'LC_ALL': 'C',
            'PKG_CONFIG_PATH': str(files[0].parent), 'PKG_CONFIG_SYSROOT_DIR': str(root),
            'XDG_CACHE_HOME': str(root / 'cache')}


def main():
    program, build, page, vmcore = map(pathlib.Path, sys.argv[1:])
    if not (shutil.which('meson') and shutil.which('pkg-config')):
        print('there is no meson or no pkg-config')
        return 77
    with tempfile.TemporaryDirectory() as folder:
        root, work = pathlib.Path(folder) / 'root', pathlib.Path(folder) / 'work'
        work.mkdir(mode=0o755)
        subprocess.run(['meson', 'install', '-C', build, '--no-rebuild', '--quiet'], check=True,
                       env={**os.environ, 'DESTDIR': str(root)}, timeout=TIMEOUT)
        shutil.copyfile(vmcore, work / 'vmcore')
        env = environment(program.resolve(), root)
        blocks = BLOCK.findall(page.read_text())
        for number, (kind, name, text) in enumerate(blocks, 1):
            if name:
                (work / name).write_text(text)
                continue
            if kind != 'sh':
                continue
            done = subprocess.run(['sh', '-e', '-c', text], cwd=work, env=env, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                                  timeout=TIMEOUT)
            if done.returncode:
                print(f'FAILED  block {number}, status {done.returncode}:\n{text}\n{done.stdout}')
                return 1
            print(f'ok      block {number}: {text.splitlines()[0]}')
        installed = list((work / 'root').rglob('example.so'))
        if len(installed) != 1 or not str(installed[0].parent).endswith('panictrail/plugins'):
            print(f'FAILED  installed: {installed}')
            return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
