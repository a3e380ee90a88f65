#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The manual names what --help names. Usage: test_docs.py PANICTRAIL TREE

Every verb and option of the program stands in docs/panictrail.1.scd, and no other does; the first
screen in README.md is that of a dump of tests/fixtures. Prints one line for each case; exits with 1
if one fails.
"""
import pathlib
import re
import subprocess
import sys
import textwrap

TIMEOUT = 60


class Help:
    """What the program says of itself."""

    def __init__(self, program):
        def text(*args):
            return subprocess.run([program, *args], capture_output=True, text=True, check=True,
                                  timeout=TIMEOUT, stdin=subprocess.DEVNULL).stdout

        overview = text('--help')
        section = re.search(r'^Verbs:\n(.*?)\n\n', overview, re.M | re.S)[1]
        self.verbs = re.findall(r'^  (\S+)', section, re.M)
        self.texts = {verb: text(verb, '--help') for verb in self.verbs if verb != 'help'}
        self.rows = {verb: re.findall(r'^  (?:-(.),|   ) --([a-z-]+)(.*?)(?:  +\S.*)?$', page, re.M)
                     for verb, page in self.texts.items()}

    def options(self, verb=None):
        """Long names of the options of a verb, or of all."""
        return {name for each, rows in self.rows.items() if verb in (None, each)
                for _, name, _ in rows}

    def letters(self):
        return {(letter, name) for rows in self.rows.values() for letter, name, _ in rows if letter}


def compare(what, ours, theirs):
    """What is wrong when the program has @ours and a file @theirs."""
    missing, other = sorted(set(ours) - set(theirs)), sorted(set(theirs) - set(ours))
    return [f'{what} missing: {" ".join(map(str, missing))}'] * bool(missing) + \
           [f'{what} of no verb: {" ".join(map(str, other))}'] * bool(other)


def check_help(program):
    wrong = []
    for verb, page in program.texts.items():
        wide = [line for line in page.splitlines() if len(line) > 80]
        if wide:
            wrong.append(f'{verb}: wider than 80 columns: {wide[0]}')
        for part in ('\nOptions:\n', '\nExample:\n'):
            if part not in page:
                wrong.append(f'{verb} --help lacks "{part.strip()}"')
    return wrong


def check_manual(program, text):
    """A verb opens a paragraph of VERBS, an option one of OPTIONS."""
    def section(name):
        return re.search(rf'^# {name}\n(.*?)^# ', text, re.M | re.S)[1]

    verbs = re.findall(r'^\*([a-z-]+)\*', section('VERBS'), re.M)
    lines = re.findall(r'^(?:\*-(.)\*, )?\*--([a-z-]+)\*', section('OPTIONS'), re.M)
    return compare('verbs', program.verbs, verbs) + \
        compare('options', program.options(), [name for _, name in lines]) + \
        compare('letters', program.letters(), {line for line in lines if line[0]})


def check_sample(program, tree):
    """The first screen of the README is that of a fixture."""
    vmcore = tree / 'tests/fixtures/bad-notify-stop/vmcore'
    done = subprocess.run([program, '--no-cache', vmcore], capture_output=True, text=True,
                          check=False, timeout=TIMEOUT)
    screen = textwrap.indent(done.stdout.split('\n\n')[0], '    ')
    text = (tree / 'README.md').read_text()
    return [line for line in screen.splitlines() if line not in text.splitlines()] or \
        ([] if screen in text else ['in another order'])


def main():
    program, tree = Help(sys.argv[1]), pathlib.Path(sys.argv[2])
    cases = [('--help of each verb', check_help(program)),
             ('docs/panictrail.1.scd',
              check_manual(program, (tree / 'docs/panictrail.1.scd').read_text())),
             ('README.md', check_sample(sys.argv[1], tree))]

    for name, wrong in cases:
        print(f'FAILED  {name}: {"; ".join(wrong)}' if wrong else f'ok      {name}')
    return any(wrong for _, wrong in cases)


if __name__ == '__main__':
    sys.exit(main())
