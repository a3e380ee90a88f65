#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The report of every fixture against the one that was read and found right.

Usage: test_golden.py PANICTRAIL FIXTURES [--update]

FIXTURES/NAME/report.txt is what "panictrail vmcore" prints there. --update writes it anew from
the program; whoever commits that reads the difference first. Prints one line for each fixture;
exits with 1 if one is not the same.
"""
import difflib
import os
import pathlib
import subprocess
import sys

TIMEOUT = 120


def report(program, folder):
    env = {name: value for name, value in os.environ.items() if name not in ('COLUMNS', 'LINES')}
    return subprocess.run([program, 'vmcore'], cwd=folder, stdin=subprocess.DEVNULL,
                          capture_output=True, check=True, timeout=TIMEOUT,
                          env=env | {'LC_ALL': 'C', 'XDG_CACHE_HOME': '/dev/null'}).stdout


def main():
    program, fixtures = pathlib.Path(sys.argv[1]).absolute(), pathlib.Path(sys.argv[2])
    update = sys.argv[3:] == ['--update']
    folders = sorted(path.parent for path in fixtures.glob('*/vmcore')
                     if not path.parent.name.startswith('unsupported-'))
    if not folders:
        sys.exit(f'no */vmcore in {fixtures}')
    failed = 0
    for folder in folders:
        golden = folder / 'report.txt'
        now = report(program, folder)
        if update:
            golden.write_bytes(now)
        before = golden.read_bytes() if golden.exists() else b''
        if now == before:
            print(f'ok      {folder.name}')
            continue
        failed += 1
        print(f'FAILED  {folder.name}')
        sys.stdout.writelines(difflib.unified_diff(
            before.decode(errors='replace').splitlines(True),
            now.decode(errors='replace').splitlines(True), str(golden), 'now'))
    return failed > 0


if __name__ == '__main__':
    sys.exit(main())
