#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Who may include whom. Usage: layers.py TREE

Prints each #include that breaks the rules below, as file:line; exits with 1 if there is one.
"""
import pathlib
import re
import sys

# A folder of src/ -> the other folders it may include. Public headers may be included anywhere.
LAYERS = {
    'base': [],
    'format': ['base'],
    'facts': ['base'],
    'source': ['base', 'format'],
    'kernel': ['base', 'format', 'source'],
    'collect': ['base', 'format', 'source', 'kernel', 'facts'],
    'timeline': ['base', 'facts'],
    'policy': ['base', 'facts', 'timeline'],
    'report': ['base', 'facts', 'timeline', 'policy'],
    'plugin': ['base', 'facts', 'kernel', 'collect', 'timeline', 'policy'],
    'cli': ['base', 'facts', 'source', 'kernel', 'collect', 'timeline', 'policy', 'report',
            'plugin'],
}

# A library's header -> where alone it may be included; anywhere, if it is not listed.
LIBRARIES = [
    (r'libkdumpfile/|elfutils/|libelf|gelf|dwarf|zlib|lzo|zstd|lz4|lzma|snappy|dirent',
     'src/source/'),
    (r'jansson', 'src/base/json.'),
    (r'yaml', 'src/policy/'),
]

INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')


def complaint(path, bracket, name):
    """What is wrong with an #include in the file at path, or None."""
    if bracket == '<':
        for pattern, home in LIBRARIES:
            if re.match(pattern, name) and not path.startswith(home):
                return f'<{name}> may be included only in {home}*'
        return None

    folder = name.split('/')[0]
    if folder == 'panictrail':
        return None
    if not path.startswith('src/'):
        return f'"{name}" is not public'
    layer = path.split('/')[1]
    if folder not in LAYERS:
        return f'"{name}" is in no folder of src; write "folder/file.h"'
    if folder != layer and folder not in LAYERS.get(layer, []):
        return f'{layer} may not include {folder}: "{name}"'
    return None


def main():
    tree = pathlib.Path(sys.argv[1])
    files = sorted(path for top in ('src', 'include', 'plugins')
                   for path in (tree / top).rglob('*.[ch]'))
    bad = 0
    for file in files:
        path = file.relative_to(tree).as_posix()
        for number, line in enumerate(file.read_text(errors='replace').splitlines(), 1):
            match = INCLUDE.match(line)
            problem = match and complaint(path, *match.groups())
            if problem:
                print(f'{path}:{number}: {problem}')
                bad += 1
    print(f'{len(files)} files, {bad} includes against the rules')
    return bad > 0 or not files


if __name__ == '__main__':
    sys.exit(main())
