#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The built-in policies as C. Usage: embed.py POLICY.yaml... (C on stdout)"""
import pathlib
import sys


def literal(line):
    """A line of a file as a string literal."""
    text = ''.join(chr(byte) if 0x20 <= byte < 0x7f and byte not in b'"\\?' else f'\\{byte:03o}'
                   for byte in line)
    return f'\t\t"{text}"'


def main():
    print('/* Made by policies/embed.py. */\n#include "policy/policy_load.h"\n\n'
          'const struct trail_policy_file trail_policy_built_in[] = {')
    paths = sorted(map(pathlib.Path, sys.argv[1:]), key=lambda path: path.stem)
    for path in paths:
        content = path.read_bytes()
        lines = '\n'.join(map(literal, content.splitlines(keepends=True)))
        print(f'\t{{ .name = "{path.stem}", .built_in = true,\n'
              f'\t  .bytes = {{ .path = "built-in/{path.name}", .n = {len(content)}, .bytes =\n'
              f'{lines} }} }},')
    print(f'}};\nconst size_t trail_n_policy_built_in = {len(paths)};')


if __name__ == '__main__':
    sys.exit(main())
