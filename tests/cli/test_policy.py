#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Policies from the command line. Usage: test_policy.py PANICTRAIL FIXTURES TREE

What --policy and the directories of configuration give, what is said of files that are wrong, and
that the files, the schema and the manual say the same. Prints one line for each case; exits with 1
if one fails.
"""
import copy
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import jsonschema

TIMEOUT = 120
FIXTURE = 'good-late'  # a dump at the point late; the others are made of it by policies


class Cases:
    """Runs the program below a root of its own, and keeps what was wrong."""

    def __init__(self, program, root):
        self.program, self.root, self.bad = program, root, 0
        self.environment = {**os.environ, 'PANICTRAIL_CONFIG_ROOT': str(root)}

    def run(self, *args, cwd=None, text=None):
        return subprocess.run([self.program, *map(str, args)], capture_output=True, text=True,
                              timeout=TIMEOUT, env=self.environment, cwd=cwd, input=text)

    def json(self, *args, cwd=None):
        done = self.run(*args, '--format', 'json', cwd=cwd)
        return json.loads(done.stdout)

    def check(self, name, good, what=''):
        if not good:
            self.bad += 1
        print(f'ok      {name}' if good else f'FAILED  {name}: {what}')

    def same(self, name, got, wanted):
        self.check(name, got == wanted, f'{got!r} instead of {wanted!r}')


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(text, bytes):
        path.write_bytes(text)
    else:
        path.write_text(text)


def plain(value):
    """What YAML in JSON's own form is for the schema: the program prints it."""
    return value['policy']


# ---- what is wrong ---------------------------------------------------------------------------

WRONG = {  # name: (content, what is said of FILE, its end left out where it is long)
    'typo': ('version: 1\ndupm:\n  point: late\n', '2:1: there is no key dupm (did you mean dump?)'),
    'duplicate': ('version: 1\ngoals: []\ngoals: []\n', '3:1: goals is there twice, first in line 2'),
    'anchor': ('version: 1\norder: &o []\n', '2:8: an anchor (&o), wanted each value written out'),
    'alias': ('version: 1\norder: *o\n', '2:8: an alias (*o), wanted each value written out; '),
    'tag': ('version: !!str 1\n', '1:10: a tag (tag:yaml.org,2002:str), wanted none: '),
    'documents': ('version: 1\n---\nversion: 1\n', '2:1: a second document, wanted one'),
    'type': ('version: 1\nstop-cpus:\n  may-fail: few\n',
             '3:13: stop-cpus.may-fail: wanted a whole number from 0 to 1000000000, found "few"'),
    'boolean': ('version: 1\nstop-cpus:\n  registers-required: yes\n',
                '3:23: stop-cpus.registers-required: wanted true or false, found "yes"'),
    'word': ('version: 1\ndump:\n  point: lat\n',
             '3:10: dump.point: wanted any, early or late, found "lat" (did you mean late?)'),
    'large value': ('version: 1\ndescription: "' + 'a' * 10_000_000 + '"\n',
                    '2:14: a value of more than 1024 bytes, wanted at most so many'),
    'large block': ('version: 1\ndescription: |\n' + '  text\n' * 1_000_000,
                    '2:14: a value of more than 1024 bytes, wanted at most so many'),
    'large file': ('version: 1\n' + '# text\n' * 1_000_000,
                   '9362:6: a file of more than 65536 bytes, wanted at most so many'),
    'deep': ('version: 1\ngoals: ' + '[' * 60000, '2:15: more than 8 lists and maps in each other'),
    'version': ('goals: []\n', '1:1: version is missing, wanted version: 1'),
    'NUL': ('version: 1\ngoals: []\0\n', '2:10: a NUL byte, wanted text'),
    'UTF-8': (b'version: 1\ndescription: \xc3\xa4\xc3\n',
              '2:15: byte 0xc3 is no UTF-8, wanted text in UTF-8'),
    'byte order mark': ('\ufeffversion: 1 \x01\n', '1:12: control character 0x01, wanted text'),
    'escape': ('version: 1\n"\\e[2J": 1\n', '2:1: there is no key \\x1b[2J'),
    'rule': ('version: 1\nrules:\n  cpu-not-stoped: off\n',
             '3:3: there is no rule cpu-not-stoped (did you mean cpu-not-stopped?)'),
    'extends nobody': ('version: 1\nextends: kdump-frist\n',
                       '2:10: extends: there is no policy kdump-frist (did you mean kdump-first?)'),
    'extends itself': ('version: 1\nextends: ./FILE\n', '2:10: extends: a cycle, FILE extends FILE'),
}


def test_wrong(cases, folder, vmcore):
    for name, (content, wanted) in WRONG.items():
        file = 'wrong.yaml'
        write(folder / file, content.replace('FILE', file) if isinstance(content, str) else content)
        wanted = f'panictrail: {file}:' + wanted.replace('FILE', file)
        for args in (('policy', 'check', file), ('policy', 'show', file),
                     ('report', '--policy', file, vmcore)):
            done = cases.run(*args, cwd=folder)
            good = (done.returncode == 2 and not done.stdout and done.stderr.count('\n') == 1
                    and done.stderr.startswith(wanted))
            cases.check(f'{name}: {" ".join(args[:2])}', good, f'{done.returncode} {done.stderr!r}')


def test_all_problems(cases, folder):
    write(folder / 'many.yaml', 'version: 1\ngoal: []\ndump: {point: lat}\ngoals: [x, kdump]\n')
    done = cases.run('policy', 'check', 'many.yaml', 'default', cwd=folder)
    cases.same('check names all', (done.returncode, done.stdout,
                                   [line.split(': ')[1] for line in done.stderr.splitlines()]),
               (2, 'default: good\n', ['many.yaml:2:1', 'many.yaml:3:15', 'many.yaml:4:9']))
    done = cases.run('--policy', 'many.yaml', 'no-vmcore', cwd=folder)
    cases.check('others name the first, and how many more',
                done.returncode == 2 and done.stderr.count('\n') == 1
                and '(and 2 more; panictrail policy check names them)' in done.stderr, done.stderr)


def test_not_there(cases, folder, vmcore):
    write(folder / 'plain', 'version: 1\n')
    for args, wanted in (
            (('--policy', 'defualt', vmcore), 'there is no policy defualt (did you mean default?)'),
            (('--policy', 'x.yaml', vmcore), 'x.yaml: there is no such policy file'),
            (('--policy', 'plain', vmcore),
             'there is no policy plain (did you mean the file ./plain?)'),
            (('--policy', '.', vmcore), 'there is no policy . (did you mean the file ./.?)'),
            (('--policy', './', vmcore), './: Is a directory'),
            (('--policy', '/dev/zero', vmcore), '/dev/zero: a device, wanted a file'),
            (('policy',), 'policy: wanted policy list, show or check'),
            (('policy', 'lits'), 'policy lits: wanted policy list, show or check (did you mean list?)'),
            (('policy', 'show', 'default', 'filter'),
             'policy show: filter is too much, wanted one policy at most'),
            (('policy', 'check', '--origin'), 'policy check takes no --origin; policy show does')):
        done = cases.run(*args, cwd=folder)
        cases.same(f'refused: {" ".join(args[:3])}', (done.returncode, done.stderr, done.stdout),
                   (2, f'panictrail: {wanted}\n', ''))


# ---- what is judged by -----------------------------------------------------------------------

def test_report(cases, folder, vmcore):
    write(folder / 'early.yaml', 'version: 1\ndump:\n  point: early\n')
    text = (folder / 'early.yaml').read_bytes()
    report = cases.json('--policy', 'early.yaml', vmcore, cwd=folder)
    cases.same('policy of the report', report['policy'],
               {'name': 'early', 'source': 'early.yaml', 'sha256': hashlib.sha256(text).hexdigest()})
    cases.check('a finding by it', 'PT101' in [f['rule'] for f in report['findings']],
                report['findings'])
    for extra, status in (((), 1), (('--fail-on', 'error'), 1), (('--fail-on', 'never'), 0)):
        done = cases.run('--policy', 'early.yaml', *extra, vmcore, cwd=folder)
        cases.same(f'exit status {" ".join(extra)}', done.returncode, status)
    for severity, statuses in (('note', (0, 0, 1)), ('warning', (0, 1, 1)), ('off', (0, 0, 0))):
        write(folder / 'rule.yaml', 'version: 1\ndump: {point: early}\nrules:\n'
              + ''.join(f'  {rule["id"]}: {severity if rule["id"] == "PT101" else "off"}\n'
                        for rule in report['rules']))
        for fail_on, status in zip(('error', 'warning', 'note'), statuses):
            done = cases.run('--policy', 'rule.yaml', '--fail-on', fail_on, vmcore, cwd=folder)
            cases.same(f'{severity}, --fail-on {fail_on}', done.returncode, status)
    write(folder / 'never.yaml', 'version: 1\nextends: early.yaml\nfail-on: never\n')
    cases.same('fail-on of the policy',
               cases.run('--policy', 'never.yaml', vmcore, cwd=folder).returncode, 0)
    cases.same('--fail-on goes before it',
               cases.run('--policy', 'never.yaml', '--fail-on', 'error', vmcore,
                         cwd=folder).returncode, 1)
    done = cases.run('--policy', '/dev/stdin', vmcore, text='version: 1\ndump: {point: early}\n')
    cases.check('from a pipe', done.returncode == 1 and 'by policy stdin' in done.stdout, done.stdout)


def in_force(cases):
    return cases.json('policy', 'show')['policies'][0]


def test_directories(cases, root, vmcore):
    etc, run, lib = (root / home / 'panictrail' for home in ('etc', 'run', 'usr/lib'))
    sources = {'built-in': in_force(cases)['source']}
    cases.same('no drop-ins', sources['built-in'], 'built-in')

    write(lib / 'policy.d/10-a.yaml', 'version: 1\ngoals: [reboot]\nfail-on: note\n')
    write(lib / 'policy.d/20-b.yaml', 'version: 1\ngoals: [hypervisor]\n')
    write(lib / 'policy.d/30-c.yaml', 'version: 1\nfail-on: warning\n')
    write(run / 'policy.d/20-b.yaml', 'version: 1\norder: [kdump]\n')
    write(etc / 'policy.d/15-d.yaml', 'version: 1\norder: [halt]\nrules: {PT101: note}\n')
    write(etc / 'policy.d/not-a-policy.txt', 'nothing\n')
    write(etc / 'policy.d/.hidden.yaml', 'nothing\n')
    names = [str(lib / 'policy.d/10-a.yaml'), str(etc / 'policy.d/15-d.yaml'),
             str(run / 'policy.d/20-b.yaml'), str(lib / 'policy.d/30-c.yaml')]
    shown = in_force(cases)
    cases.same('drop-ins by name, the first directory first', shown['files'],
               ['built-in/default.yaml', *names])
    cases.same('source', shown['source'], ', '.join(['built-in', *names]))
    cases.same('what they set', [shown['policy'][key] for key in ('goals', 'order', 'fail-on')],
               [['reboot'], ['kdump'], 'warning'])
    cases.same('rules', shown['policy']['rules'], {'PT101': 'note', 'PT102': 'note'})
    origins = {o['key']: (o['file'], o['line'], o['column']) for o in shown['origins']}
    cases.same('origins', [origins[key] for key in ('goals', 'order', 'rules.PT101', 'fail-on')],
               [(names[0], 2, 8), (names[2], 2, 8), (names[1], 3, 16), (names[3], 2, 10)])
    content = b''.join(pathlib.Path(name).read_bytes() for name in names)
    content = (TREE / 'policies/default.yaml').read_bytes() + content
    cases.same('digest of all', shown['sha256'], hashlib.sha256(content).hexdigest())
    report = cases.json(vmcore)
    cases.same('the report is by them', report['policy'],
               {'name': 'default', 'source': shown['source'], 'sha256': shown['sha256']})
    for name in ('default', 'kdump-first'):
        alone = cases.json('policy', 'show', name)['policies'][0]
        cases.same(f'{name} by name stands alone', [f for f in alone['files'] if f in names], [])

    (etc / 'policy.d/10-a.yaml').symlink_to('/dev/null')
    write(etc / 'policy.d/30-c.yaml', '')
    cases.same('masked', in_force(cases)['files'], ['built-in/default.yaml', *names[1:3]])
    write(etc / 'policy.d/20-b.yaml', 'version: 1\nextends: filter\n')
    done = cases.run(vmcore)
    cases.same('a drop-in extends nothing', (done.returncode, done.stderr), (
        2, f'panictrail: {etc}/policy.d/20-b.yaml:2:1: extends: a drop-in changes the policy default '
        'and extends none\n'))
    (etc / 'policy.d/20-b.yaml').unlink()
    (etc / 'policy.d/40-gone.yaml').symlink_to('nowhere')
    done = cases.run(vmcore)
    cases.same('a link that leads nowhere', (done.returncode, done.stderr),
               (2, f'panictrail: {etc}/policy.d/40-gone.yaml: the link leads nowhere\n'))
    (etc / 'policy.d/40-gone.yaml').unlink()

    write(lib / 'policies/site.yaml', 'version: 1\ndescription: of lib\nextends: kmsg-first\n')
    write(run / 'policies/site.yaml', 'version: 1\ndescription: of run\nextends: ../policies/x.yaml\n')
    write(run / 'policies/x.yaml', 'version: 1\ndump: {point: early}\n')
    site = cases.json('policy', 'show', 'site')['policies'][0]
    cases.same('by name, the first directory', (site['files'], site['policy']['dump']),
               ([f'{run}/policies/../policies/x.yaml', f'{run}/policies/site.yaml'],
                {'point': 'early'}))
    write(etc / 'policies/filter.yaml', 'version: 1\ndescription: our own\ngoals: [kdump]\n')
    write(etc / 'policies/broken.yaml', 'version: 1\ngoal: []\n')
    (etc / 'policies/piccoli-levels.yaml').symlink_to('/dev/null')
    done = cases.run('policy', 'list')
    rows = dict(re.findall(r'^  (\S+) +(.*)$', done.stdout, re.M))
    cases.check('list: names', list(rows)[1:] == sorted(
        [p.stem for p in (TREE / 'policies').glob('*.yaml')] + ['broken', 'site', 'x']),
        done.stdout)
    cases.check('list: one of the machine goes before a built-in one',
                'filter.yaml' in rows['filter'] and 'our own' in rows['filter'], rows['filter'])
    cases.check('list: a broken one says why', 'there is no key goal' in rows['broken'], rows)
    cases.check('list: a masked one', 'is masked by' in rows['piccoli-levels'], rows)
    cases.same('list: exit status', (done.returncode, done.stderr), (0, ''))
    cases.same('a built-in one extends built-in ones',
               [p for p in cases.json('policy', 'list')['policies']
                if p['name'] == 'kdump-first'][0]['files'],
               ['built-in/default.yaml', 'built-in/kdump-first.yaml'])
    jsonschema.validate(cases.json('policy', 'list'), SCHEMA)


# ---- the same in files, schema and manual ------------------------------------------------------

def without_head(text):
    return text.split('\n', 1)[1]


def test_built_in(cases, folder):
    for path in sorted((TREE / 'policies').glob('*.yaml')):
        name = path.stem
        done = cases.run('policy', 'show', name)
        cases.check(f'{name}: shown', done.returncode == 0 and not done.stderr, done.stderr)
        for args in ((), ('--origin',)):
            write(folder / 'again.yaml', cases.run('policy', 'show', *args, name).stdout)
            again = cases.run('policy', 'show', 'again.yaml', cwd=folder)
            cases.same(f'{name}: the same when read again {" ".join(args)}',
                       without_head(again.stdout), without_head(done.stdout))
        by_file = cases.run('policy', 'show', path)
        cases.same(f'{name}: the file is what is built in', without_head(by_file.stdout),
                   without_head(done.stdout))
        document = cases.json('policy', 'show', name)
        jsonschema.validate(document, SCHEMA)
        jsonschema.validate(plain(document['policies'][0]), SCHEMA)
        write(folder / 'as-json.yaml', json.dumps(plain(document['policies'][0])))
        cases.same(f'{name}: JSON is YAML',
                   without_head(cases.run('policy', 'show', folder / 'as-json.yaml').stdout),
                   without_head(done.stdout))
    done = cases.run('policy', 'check')
    cases.same('check of what is in force', (done.returncode, done.stdout), (0, 'default: good\n'))
    done = cases.run('policy', 'show', '--origin', 'kdump-first')
    lines = (TREE / 'policies/kdump-first.yaml').read_text().splitlines()
    at = 1 + next(i for i, line in enumerate(lines) if 'point: early' in line)
    cases.check('--origin', re.search(rf'^  point: early +# built-in/kdump-first\.yaml:{at}$',
                                      done.stdout, re.M), done.stdout)


def leaves(node, path=()):
    """(keys from the top, node) of what is no map in the schema of files."""
    for name, child in node['properties'].items():
        if 'properties' in child:
            yield from leaves(child, (*path, name))
        else:
            yield (*path, name), child


def test_schema(cases, folder):
    write(folder / 'nothing.yaml', 'version: 1\n')
    neutral = plain(cases.json('policy', 'show', folder / 'nothing.yaml')['policies'][0])
    file = SCHEMA['$defs']['file']
    manual = (TREE / 'docs/panictrail-policy.5.scd').read_text()
    keys = re.search(r'^# KEYS\n(.*?)^# ', manual, re.M | re.S)[1]
    named = re.findall(r'^(\t*)\*([a-z-]+)\*$', keys, re.M)
    paths, stack = [], []
    for tabs, name in named:
        stack = stack[:len(tabs)] + [name]
        paths.append(tuple(stack))
    wanted = []
    for path, node in leaves(file):
        wanted += [path[:n] for n in range(1, len(path) + 1) if path[:n] not in wanted]
        if 'default' in node:
            value = neutral
            for name in path:
                value = value[name]
            cases.same(f'unset: {".".join(path)}', value, node['default'])
    cases.same('keys of the manual', paths, wanted)

    good = {'version': 1, 'goals': ['kdump']}
    for change in ({'version': 2}, {'goal': []}, {'goals': ['kdump', 'kdump']}, {'goals': 'kdump'},
                   {'dump': {'point': 'sometime'}}, {'dump': {'points': 'any'}},
                   {'stop-cpus': {'may-fail': -1}}, {'stop-cpus': {'registers-required': 'yes'}},
                   {'kmsg-dump': {'longest': '0s'}}, {'reboot': {'within': '1500ms'}},
                   {'rules': {'PT101': 'never'}}, {'fail-on': 'off'}, {'order': ['dump']},
                   {'notifiers': {'require': ['a b']}}, {'console': {'unflushed-max': 'many'}}):
        document = {**copy.deepcopy(good), **change}
        write(folder / 'change.yaml', json.dumps(document))
        ours = cases.run('policy', 'check', folder / 'change.yaml').returncode
        theirs = [e.message for e in jsonschema.Draft202012Validator(SCHEMA).iter_errors(document)]
        cases.check(f'neither takes {json.dumps(change)}', ours == 2 and theirs, (ours, theirs))


def test_examples(cases, folder):
    manual = (TREE / 'docs/panictrail-policy.5.scd').read_text()
    examples = re.findall(r'^```\n(version: 1\n.*?)^```$', manual, re.M | re.S)
    cases.check('the manual has an example for each kind of user', len(examples) >= 5, len(examples))
    for i, text in enumerate(examples):
        write(folder / f'example{i}.yaml', text)
        document = cases.json('policy', 'check', folder / f'example{i}.yaml')
        cases.same(f'example {i} of the manual', document['policies'][0]['problems'], [])


def main():
    global TREE, SCHEMA
    program, fixtures = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
    TREE = pathlib.Path(sys.argv[3])
    SCHEMA = json.loads((TREE / 'docs/panictrail-policy-1.schema.json').read_text())
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    vmcore = str((fixtures / FIXTURE / 'vmcore').resolve())
    with tempfile.TemporaryDirectory() as temporary:
        folder, root = pathlib.Path(temporary) / 'folder', pathlib.Path(temporary) / 'root'
        folder.mkdir()
        root.mkdir()
        cases = Cases(program, root)
        test_wrong(cases, folder, vmcore)
        test_all_problems(cases, folder)
        test_not_there(cases, folder, vmcore)
        test_report(cases, folder, vmcore)
        test_built_in(cases, folder)
        test_schema(cases, folder)
        test_examples(cases, folder)
        test_directories(cases, root, vmcore)
    return cases.bad > 0


if __name__ == '__main__':
    sys.exit(main())
