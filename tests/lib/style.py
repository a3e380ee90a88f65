#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tree promises about its files. Usage: style.py TREE

Every source file opens with its licence, stays below a length (tables aside) and names nothing
that exists on one machine only; the fixtures together stay below a size. Prints what does not
hold; exits with 1 if there is something.
"""
import pathlib
import re
import subprocess
import sys

MAX_LINES = 600
MAX_FIXTURES = 40 << 20

# Files that are mostly one table grow with what is known.
TABLES = {'src/collect/needs.c', 'src/kernel/features.c', 'src/policy/orders.c',
          'src/policy/rules.c', 'src/timeline/notifiers.c', 'src/timeline/stages.c',
          'src/timeline/witnesses.c', 'tests/lab/scenarios.py', 'tests/lab/labmod/labmod.c'}

FORBIDDEN = [
    (r'\.\./shared', 'a path outside of the tree'),
    (r'(^|[^\w.])/(root|home|tmp)/[a-z]', 'a path of one machine'),
    (r'deb\.debian\.org', 'a fixed mirror; take it from the system'),
]

# What others wrote, or a kernel: its words are its own. The notes beside it are ours.
DATA = ('tests/fixtures/', 'tests/golden/', 'tests/fuzz/corpus/', 'COPYING')


def listed(tree):
    """Files of the tree, without what is built: git's, or all where there is no git."""
    try:
        names = subprocess.run(
            ['git', '-c', 'safe.directory=*', '-C', tree, 'ls-files', '-z', '--cached', '--others',
             '--exclude-standard'], capture_output=True, check=True).stdout.decode().split('\0')
        return sorted(name for name in set(names) if (tree / name).is_file())
    except (OSError, subprocess.CalledProcessError):
        names = (path.relative_to(tree).as_posix() for path in tree.rglob('*') if path.is_file())
        return sorted(name for name in names if not name.startswith(('build/', '.git/')))


def is_source(name, text):
    return (name.endswith(('.c', '.h', '.S', '.py', '.sh', 'meson.build'))
            or text.startswith('#!'))


def complaints(name, text):
    """(line, what is wrong) of one text file."""
    lines = text.splitlines()
    if is_source(name, text):
        opening = lines[:2] if text.startswith('#!') else lines[:1]
        if not any('SPDX-License-Identifier: ' in line for line in opening):
            yield 1, 'does not open with SPDX-License-Identifier'
        if len(lines) > MAX_LINES and name not in TABLES:
            yield len(lines), f'more than {MAX_LINES} lines; split it'
    for number, line in enumerate(lines, 1):
        for pattern, why in FORBIDDEN:
            if re.search(pattern, line):
                yield number, f'{why}: {line.strip()[:80]}'


def main():
    tree = pathlib.Path(sys.argv[1])
    names = listed(tree)
    bad = 0
    for name in names:
        if name.startswith(DATA) and not name.endswith(('.json', '.md', 'README')):
            continue
        content = (tree / name).read_bytes()
        if b'\0' in content:
            continue
        for number, what in complaints(name, content.decode(errors='replace')):
            print(f'{name}:{number}: {what}')
            bad += 1

    size = sum((tree / name).stat().st_size for name in names if name.startswith('tests/fixtures/'))
    if size > MAX_FIXTURES:
        print(f'tests/fixtures: {size} bytes, more than {MAX_FIXTURES}')
        bad += 1
    print(f'{len(names)} files, {bad} complaints')
    return bad > 0 or not names


if __name__ == '__main__':
    sys.exit(main())
