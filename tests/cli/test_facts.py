#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Saved facts from outside. Usage: test_facts.py PANICTRAIL FIXTURES SCHEMA...

That they give the report of the dump, hold what their schema says, hold no secret with --redact,
and are refused where they are damaged. Prints one line for each case; exits with 1 if one fails.
"""
import json
import pathlib
import sys
import tempfile

from test_cli import FINE, FIRST_SCREEN, UNREADABLE, Tool, expect, run_cases, short


def lines_but_input(out):
    """A report's lines, but those that say which file was read and what it is."""
    names = (b'next  ', b'      "path": ', b'      "kind": ')
    return [line for line in out.split(b'\n') if not line.startswith(names)]


def check_facts(tool, core, folder):
    saved = folder / 'saved'
    done = tool.run('facts', core, '-o', saved, status=FINE)
    expect(done.stdout == b'' and done.stderr == b'', 'something was printed')
    expect(tool.run('facts', core, status=FINE).stdout == saved.read_bytes(), 'two runs differ')
    expect(tool.run('facts', saved, status=FINE).stdout == saved.read_bytes(),
           'saved again they differ')
    for style in ('text', 'json'):
        ours, theirs = (lines_but_input(tool.run('--format', style, path, status=FINE).stdout)
                        for path in (core, saved))
        expect(len(ours) > FIRST_SCREEN and ours == theirs, f'another report, --format {style}')
    report = tool.run_json(saved, status=FINE)['inputs'][0]
    expect((report['path'], report['kind']) == (str(saved), 'facts'), f'input {report}')
    tool.parse(saved.read_bytes())
    tool.parse(tool.run('facts', '--redact', saved, status=FINE).stdout)


def broken(value):
    """(what was done, the value) with one thing wrong in it; of a list the first entry."""
    if isinstance(value, dict):
        yield 'a key more', value | {'more': None}
        for key, inner in value.items():
            yield f'{key} missing', {k: v for k, v in value.items() if k != key}
            for what, wrong in broken(inner):
                yield f'{key}: {what}', value | {key: wrong}
    elif isinstance(value, list):
        for what, wrong in broken(value[0]):
            yield what, [wrong, *value[1:]]
    yield 'another type', 'a word' if isinstance(value, (bool, int, list)) else []


def check_facts_types(tool, full, folder):
    """What the schema does not permit the program refuses; in @full no member has its default."""
    validator = tool.validators['panictrail-facts/1']
    bad = folder / 'bad-type'
    for what, document in broken(tool.parse(full.read_bytes())):
        expect(not validator.is_valid(document), f'{what}: the schema permits it')
        bad.write_text(json.dumps(document))
        tool.refuse(bad)


def check_redact(tool, core, folder):
    """Secrets that are planted in real facts are in no output."""
    saved, planted = folder / 'real', folder / 'planted'
    tool.run('facts', core, '-o', saved, status=FINE)
    facts = json.loads(saved.read_bytes())
    facts['cmdline'] += ' key=SECRETkey netconsole=@192.0.2.1/,@192.0.2.2/52:54:00:12:34:56'
    facts['path'] = '/case/SECRETcustomer/vmcore'
    texts = ('DMI: SECRETbox', 'eth0: 2001:db8::7 52:54:00:ab:cd:ef', 'given key=SECRETkey',
             'root 1b4e28ba-2fa1-11d2-883f-0016d3cca427', 'Hostname set to <SECREThost>.')
    for record, text in zip(facts['log']['records'], texts):
        record['text'] = text
    facts['log']['records'][len(texts)] |= {'text': 'SECRET of user space', 'facility': 3}
    planted.write_text(json.dumps(facts))
    for verb in ('facts', 'report'):
        done = tool.run(verb, '--redact', planted, status=FINE)
        for secret in (b'SECRET', b'192.0.2.', b'2001:db8', b'52:54:00', b'1b4e28ba'):
            expect(secret not in done.stdout, f'{verb}: {secret} is left')
        for kind in (b'kernel parameters', b'user space', b'IP', b'MAC', b'UUID', b'host names'):
            expect(kind in done.stderr, f'{verb}: {kind} is not told: {short(done.stderr)}')


def check_bad_facts(tool, core, folder):
    saved, bad = folder / 'whole', folder / 'bad'
    tool.run('facts', core, '-o', saved, status=FINE)
    good = saved.read_text()
    for old, new, place in (
            ('"presence": "present"', '"presence": "perhaps"', 'scalars[0].presence: wanted'),
            ('facts/1"', 'facts/2"', 'schema: wanted'),
            ('"cpus": [', '"cpus": [[[[[[[[[[[[', 'nested deeper'),
            ('"cpus": [', '"cpus": ', 'line '),
            ('"complete"', '"path": null, "complete"', 'line 8, column')):
        expect(old in good, f'no {old}')
        bad.write_text(good.replace(old, new, 1))
        tool.refuse(bad)
        done = tool.run(bad, status=UNREADABLE)
        expect(place.encode() in done.stderr, f'wanted {place}: {short(done.stderr)}')
    with bad.open('wb') as file:
        file.write(good[:300].encode())
        file.truncate((256 << 20) + 1)
    tool.refuse(bad)


def cases(tool, cores, saved, full, folder):
    """(name, function, arguments) of every case."""
    for core in cores + saved:
        yield f'{core.parent.name}: facts', check_facts, tool, core, folder
    smallest = min(cores, key=lambda core: core.stat().st_size)
    content = smallest.read_bytes()
    cut = folder / 'cut'
    cut.write_bytes(content[:len(content) * 6 // 10])
    yield 'cut short', check_facts, tool, cut, folder
    yield '--redact', check_redact, tool, smallest, folder
    yield 'bad facts', check_bad_facts, tool, smallest, folder
    yield 'bad facts: types', check_facts_types, tool, full, folder


def main():
    program, fixtures, *schema_files = sys.argv[1:]
    fixtures = pathlib.Path(fixtures)
    cores = sorted(path for path in fixtures.glob('*/vmcore')
                   if not path.parent.name.startswith('unsupported-'))
    if not cores:
        sys.exit(f'no */vmcore in {fixtures}')
    saved = sorted(fixtures.glob('*/facts.json'))
    full = fixtures.parent / 'fuzz' / 'corpus' / 'facts' / 'good-full'
    with tempfile.TemporaryDirectory() as folder:
        tool = Tool(program, schema_files)
        return run_cases(cases(tool, cores, saved, full, pathlib.Path(folder)))


if __name__ == '__main__':
    sys.exit(main())
