#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The completions of bash, zsh and fish, from the tables of verbs and options as --help prints them.

Usage: make.py PANICTRAIL FOLDER

Fills the templates beside it: FOLDER/panictrail, _panictrail and panictrail.fish. FILE and DIR
are what they say, POLICY a file or the name of a built-in policy; the values of another argument are
those that its help begins with ("text or json"), if any. The sub-verbs of a verb are its first argument.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
from typing import NamedTuple

TIMEOUT = 60
TEMPLATES = pathlib.Path(__file__).resolve().parent


class Option(NamedTuple):
    letter: str
    name: str
    argument: str
    optional: bool
    help: str
    values: tuple


def rows(page, title):
    """(left, right) of a section of two columns, of which the right one may go on below."""
    section = re.search(rf'^{title}:\n(.*?)(?:\n\n|\n?\Z)', page, re.M | re.S)[1]
    for line in re.sub(r'\n {20,}', '  ', section).splitlines():
        left, *right = re.split(r' {2,}', line.strip())
        yield left, ' '.join(right)


def read_options(page):
    for left, text in rows(page, 'Options'):
        letter, name, how, argument = re.fullmatch(
            r'(?:-(.), )?--([a-z-]+)(\[=| |)([A-Z]*)\]?', left).groups()
        listed = re.match(r'(?:[a-z-]+, )*[a-z-]+ or [a-z-]+\b', text) if argument else None
        yield Option(letter or '', name, argument, how == '[=', text,
                     tuple(re.findall(r'[a-z-]+(?=,| or |$)', listed[0])) if listed else ())


def indent(tabs, lines):
    return '\n'.join('\t' * tabs + line for line in lines)


class Tables(NamedTuple):
    verbs: dict     # verb: its help; the first is the default
    options: dict   # verb: [Option]
    subverbs: dict  # verb: [sub-verb], of those that have some
    policies: list  # names of the built-in ones

def bash_words(name, options, default):
    """The values of an option may differ from verb to verb."""
    lists = {}
    for verb, rows_of in options.items():
        for o in rows_of:
            if o.name == name:
                pattern = f"{verb} | ''" if verb == default else verb
                lists.setdefault(' '.join(o.values), []).append(pattern)
    if len(lists) == 1:
        return [f"\twords='{next(iter(lists))}'"]
    return ['\tcase $verb in',
            *(f"\t{' | '.join(its)}) words='{words}' ;;" for words, its in lists.items()),
            '\tesac']


def bash(tables):
    verbs, options = tables.verbs, tables.options
    default = next(iter(verbs))
    takes = [(f"{verb} | '')" if verb == default else f'{verb})') + " options='"
             + ' '.join('--' + o.name for o in options[verb]) + "'"
             + (f" subverbs='{' '.join(tables.subverbs[verb])}'" if verb in tables.subverbs else '')
             + ' ;;' for verb in verbs]
    values = []
    for o in {o.name: o for each in options.values() for o in each if o.argument}.values():
        ways = [f'--{o.name}='] if o.optional else [f'--{o.name}=', f'--{o.name}']
        ways += [f'-{o.letter}'] if o.letter else []
        offer = {'FILE': '-f', 'DIR': '-d', 'POLICY': '-f -W "$policies"'}.get(o.argument)
        values.append(' | '.join(ways) + ')')
        values += [] if offer else bash_words(o.name, options, default)
        values.append('\tmapfile -t COMPREPLY < <(compgen '
                      + (offer or '-W "$words"') + ' -- "$cur")')
        if offer:
            values.append('\tcompopt -o filenames 2>/dev/null')
        values.append('\treturn ;;')
    return {'verbs': ' '.join(verbs), 'options': indent(1, takes), 'values': indent(1, values),
            'policies': ' '.join(tables.policies)}


def zsh_text(words):
    return re.sub(r"([\\\[\]:])", r'\\\1', words).replace("'", r"'\''")


def zsh_option(o):
    value = action = ''
    if o.argument:
        value = '=-' if o.optional else '='
        listed = f"({' '.join(o.values)})" if o.values else ''
        offer = {'FILE': '_files', 'DIR': '_files -/',
                 'POLICY': '_panictrail_policies'}.get(o.argument, listed)
        action = f"{':' if o.optional else ''}:{o.argument.lower()}:{offer}"
    rest = f'[{zsh_text(o.help)}]{action}'
    if not o.letter:
        return f"'--{o.name}{value}{rest}'"
    letter = f"-{o.letter}{'+' if value else ''}"
    return f"'(-{o.letter} --{o.name})'{{{letter},--{o.name}{value}}}'{rest}'"


def zsh(tables):
    verbs, options = tables.verbs, tables.options
    default = next(iter(verbs))
    takes = []
    for verb in verbs:
        takes += [f"{verb}|'')" if verb == default else f'{verb})', '\toptions=(',
                  *(f'\t\t{zsh_option(o)}' for o in options[verb]), '\t) ;;']
    lines = [f"'{verb}:{zsh_text(verbs[verb])}'" for verb in verbs]
    subverbs = []
    for verb, words in tables.subverbs.items():
        subverbs += [f'{verb})', f"\t_arguments -S $options '1: :' '2:what:({' '.join(words)})' \\",
                     "\t\t'*:policy:_panictrail_policies'", '\treturn ;;']
    return {'alternatives': '|'.join(verbs) + '|help', 'options': indent(1, takes),
            'subverbs': indent(1, subverbs), 'policies': ' '.join(tables.policies),
            'verbs': indent(2, [*lines, "'help:the overview, or the help of a verb'"])}


def fish_text(words):
    return words[0].upper() + re.sub(r"([\\'])", r'\\\1', words[1:])


def fish_option(o, where, policies):
    line = f"complete -c panictrail -n '{where}'"
    if o.letter:
        line += f' -s {o.letter}'
    line += f' -l {o.name}'
    if o.argument == 'FILE':
        line += ' -r -F'
    elif o.argument == 'POLICY':
        line += f" -r -F -a '{' '.join(policies)}'"
    elif o.argument == 'DIR':
        line += " -x -a '(__fish_complete_directories)'"
    elif o.argument:
        line += f" {'-f' if o.optional else '-x'} -a '{' '.join(o.values)}'"
    return f"{line} -d '{fish_text(o.help)}'"


def fish(tables):
    verbs, options = tables.verbs, tables.options
    names, default = ' '.join(verbs), next(iter(verbs))
    start = f"complete -c panictrail -n 'not __fish_seen_subcommand_from {names} help'"
    lines = [f"{start} -a {verb} -d '{fish_text(words)}'" for verb, words in verbs.items()]
    lines.append(f"{start} -a help -d 'The overview, or the help of a verb'")
    takes = []
    for o in dict.fromkeys(o for each in options.values() for o in each):
        its = [verb for verb in verbs if o in options[verb]]
        others = [verb for verb in (*verbs, 'help') if verb not in its]
        takes.append(fish_option(o, f"not __fish_seen_subcommand_from {' '.join(others)}"
                                 if default in its else
                                 f"__fish_seen_subcommand_from {' '.join(its)}", tables.policies))
    for verb, words in tables.subverbs.items():
        which, seen = ' '.join(words), f'__fish_seen_subcommand_from {verb}'
        lines.append(f"complete -c panictrail -n '{seen}; and not __fish_seen_subcommand_from {which}'"
                     f" -f -a '{which}'")
        lines.append(f"complete -c panictrail -n '{seen}; and __fish_seen_subcommand_from {which}'"
                     f" -F -a '{' '.join(tables.policies)}'")
    return {'verbs': '\n'.join(lines), 'names': names, 'options': '\n'.join(takes)}


def main():
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2])

    def run(*words):
        return subprocess.run([program, *words], capture_output=True, text=True, check=True,
                              timeout=TIMEOUT, stdin=subprocess.DEVNULL,
                              env={**os.environ, 'PANICTRAIL_CONFIG_ROOT': '/nonexistent'}).stdout

    lines = {left.split()[0]: (left.split()[1:], text) for left, text in rows(run('--help'), 'Verbs')}
    del lines['help']
    tables = Tables(
        {verb: text for verb, (_, text) in lines.items()},
        {verb: list(read_options(run(verb, '--help'))) for verb in lines},
        {verb: words[0].split('|') for verb, (words, _) in lines.items()
         if words and '|' in words[0]},
        [policy['name'] for policy in json.loads(run('policy', 'list', '--format', 'json'))['policies']])
    for name, template, shell in (('panictrail', 'panictrail.bash.in', bash),
                                  ('_panictrail', '_panictrail.in', zsh),
                                  ('panictrail.fish', 'panictrail.fish.in', fish)):
        text = (TEMPLATES / template).read_text()
        for word, value in shell(tables).items():
            text = text.replace(f'@{word}@', value)
        (folder / name).write_text(text)


if __name__ == '__main__':
    main()
