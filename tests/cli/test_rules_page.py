#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""docs/rules.md against the table of the rules. Usage: test_rules_page.py PANICTRAIL PAGE [--update]

The page is made from "panictrail rules --format json"; --update writes it anew. Prints what differs;
exits with 1 if something does.
"""
import difflib
import json
import pathlib
import subprocess
import sys

TITLES = {'dump': 'The dump and the order', 'notifiers': 'Notifiers', 'cpus': 'CPUs',
          'messages': 'Messages', 'configuration': 'Configuration', 'evidence': 'Evidence'}
HEAD = """# The rules

What a crash is judged by. This page is made from the table of the program, by

    python3 tests/cli/test_rules_page.py BUILD/src/panictrail docs/rules.md --update

Each rule has an id that is never used for another one, and gives `pass`, `fail`, `unknown` when what it
reads is not known, or `not-applicable`. A rule that informs finds no fault: `fail` says that it has
something to tell. The severity is that of the default policy, where the rule does not say when it is
another one; a policy may give each rule another severity or switch it off.
"""


def page_of(rules):
    lines = [HEAD]
    for category, title in TITLES.items():
        group = [rule for rule in rules if rule['category'] == category]
        if not group:
            continue
        lines += [f'## {title}', '', '| id | name | severity |', '|---|---|---|']
        lines += [f'| [{rule["id"]}](#{rule["id"].lower()}) | {rule["name"]} | '
                  f'{"note, informs" if rule["informs"] else rule["severity"]} |' for rule in group]
        lines.append('')
        for rule in group:
            lines += [f'### <a id="{rule["id"].lower()}"></a>{rule["id"]} {rule["name"]}', '',
                      rule['statement'], '',
                      f'* Reads: {rule["reads"]}.',
                      *([f'* Remedy: {rule["remedy"]}'] if rule['remedy'] else []),
                      f'* Source: {rule["source"]}.',
                      *([f'* Proposals: {", ".join(rule["proposals"])}.'] if rule['proposals']
                        else []), '']
    return '\n'.join(lines).rstrip('\n') + '\n'


def main():
    program, page, *more = sys.argv[1:]
    page = pathlib.Path(page)
    out = subprocess.run([program, 'rules', '--format', 'json'], capture_output=True, check=True,
                         stdin=subprocess.DEVNULL, timeout=60).stdout
    wanted = page_of(json.loads(out)['rules'])
    if more == ['--update']:
        page.write_text(wanted)
    differ = list(difflib.unified_diff(page.read_text().splitlines(), wanted.splitlines(),
                                       str(page), 'the table', lineterm=''))
    print('\n'.join(differ) if differ else f'ok      {page.name}')
    return bool(differ)


if __name__ == '__main__':
    sys.exit(main())
