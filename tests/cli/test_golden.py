#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The reports of every fixture against those that were read and found right.

Usage: test_golden.py PANICTRAIL FIXTURES SCHEMA [--update]

FIXTURES/NAME/report.txt and report.json are what "panictrail vmcore" and "panictrail --format json
vmcore" print there, or, where there is no vmcore, of all records and logs; the JSON also holds what its
SCHEMA says. --update writes them anew from the program; whoever commits that reads the difference first. Prints one line for each report; exits
with 1 if one is not the same.
"""
import difflib
import pathlib
import sys

from test_cli import FINE, Tool, expect, run_cases

FORMATS = {'report.txt': 'text', 'report.json': 'json'}
SHOWN = 60


def inputs(folder):
    """The dump, or all texts but the other forms of the same."""
    if (folder / 'vmcore').exists():
        return ['vmcore']
    return sorted(path.name for path in folder.iterdir() if path.name not in {'truth.json', 'forms', *FORMATS})


def check(tool, golden, update):
    done = tool.run('--format', FORMATS[golden.name], *inputs(golden.parent), cwd=golden.parent, status=FINE)
    now = done.stdout
    if update:
        golden.write_bytes(now)
    before = golden.read_bytes() if golden.exists() else b''
    if golden.name == 'report.json':
        worst = {finding['severity'] for finding in tool.parse(before)['findings']}
        expect(done.returncode == ('error' in worst), f'status {done.returncode}, found {worst}')
    lines = list(difflib.unified_diff(before.decode(errors='replace').splitlines(),
                                      now.decode(errors='replace').splitlines(), str(golden), 'now',
                                      lineterm=''))
    more = ['…'] if len(lines) > SHOWN else []
    expect(now == before, '\n'.join(['not the same', *lines[:SHOWN], *more]))


def main():
    program, fixtures, schema, *more = sys.argv[1:]
    tool = Tool(pathlib.Path(program).absolute(), [schema])
    update = more == ['--update']
    folders = [path.parent for path in pathlib.Path(fixtures).glob('*/vmcore')
               if not path.parent.name.startswith('unsupported-')]
    if not folders:
        sys.exit(f'no */vmcore in {fixtures}')
    folders += [path.parent for path in pathlib.Path(fixtures).glob('*-text-*/truth.json')
                if update or (path.parent / 'report.json').exists()]
    return run_cases((f'{folder.name}/{name}', check, tool, folder / name, update)
                     for folder in sorted(folders) for name in FORMATS)


if __name__ == '__main__':
    sys.exit(main())
