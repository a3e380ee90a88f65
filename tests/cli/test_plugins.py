#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Plugins, good and hostile, on dumps of the lab.

Usage: test_plugins.py PANICTRAIL FIXTURES BUILT_PLUGINS PLUGIN_SOURCES SCHEMA...

A plugin of tests/plugin is copied into a directory of its own and asked there, the hostile ones
beside the good one: the report must be the one without the hostile one, but for the line that names
it. Prints one line for each case; exits with 1 if one fails.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

from test_cli import FINE, USAGE, Tool, expect, run_cases

CORE = 'good-late/vmcore'
HUNG = 'bad-hang-in-notifier/vmcore'
SAVED = 'facts-6.1-hang-in-notifier/facts.json'

# How a plugin does wrong -> its outcome, and what the reason says.
HOSTILE = {
    'segfault_open': ('failed', 'signal 11.* while it was loaded'),
    'segfault_collect': ('failed', r'signal 11.* in collect\(\)'),
    'segfault_check': ('failed', r'signal 11.* in check\(\)'),
    'loop_open': ('failed', 'longer than 2 s while it was loaded'),
    'loop_collect': ('failed', r'longer than 2 s in collect\(\)'),
    'loop_check': ('failed', r'longer than 2 s in check\(\)'),
    'memory': ('failed', r'in collect\(\)'),
    'memory_touched': ('failed', r'in collect\(\)'),
    'no_end': ('refused', 'notifiers: more than 256 rows'),
    'bad_strings': ('refused', r'rules\[0\].statement: wanted at most 500 bytes'),
    'overrun': ('failed', r'in collect\(\)|cannot be read'),
    'wrong_abi': ('refused', 'its ABI is 2.0, wanted 1'),
    'small_size': ('refused', '4 bytes'),
    'duplicate_ids': ('refused', r'rules\[1\].id'),
    'escapes': ('refused', r'rules\[0\].statement: .*control'),
    'escape_finding': ('failed', r'results\[0\].message: .*control'),
    'other_id': ('refused', r'rules\[0\].id: .*"PT101"'),
    'other_finding': ('used', None),
    'bad_enumerator': ('refused', r'notifiers\[0\].class_: 77'),
    'known_notifier': ('refused', r'notifiers\[0\].function: .*rcu_panic'),
    'unknown_fact': ('refused', r'rules\[0\].fails\[0\]: .*"nobody"'),
    'unknown_stage': ('refused', r'rules\[0\]: .*"nowhere"'),
    'forks': ('used', None),
    'leaves_child': ('used', None),
    'kills_parent': ('used', None),
    'writes_fds': ('failed', 'cannot be read'),
    'closes_fds': ('failed', 'status'),
    'exits': ('failed', 'status'),
    'aborts': ('failed', r'signal 6.* in collect\(\)'),
    'floods': ('used', None),
    'says_failed': ('failed', 'nothing to be said'),
    'writes_file': ('used', None),
}


class Plugins:
    """Directories with copies of what was built."""

    def __init__(self, built, folder):
        self.built, self.folder, self.n = pathlib.Path(built), folder, 0

    def directory(self, *names):
        self.n += 1
        made = self.folder / f'plugins-{self.n}'
        made.mkdir()
        made.chmod(0o755)
        for name in names:
            shutil.copyfile(self.built / f'{name}.so', made / f'{name}.so')
            (made / f'{name}.so').chmod(0o755)
        return made


def report(tool, directory, source, *more, status=FINE):
    return tool.run_json('--plugin-dir', directory, *more, source, status=status)


def by_name(document):
    return {plugin['name']: plugin for plugin in document['plugins']}


# The good one

def check_shows(tool, plugins, core):
    """A class, a witness, a rule, facts and fields, in JSON and in text."""
    directory = plugins.directory('lab')
    seen = report(tool, directory, core)
    expect(by_name(seen)['lab']['outcome'] == 'used', seen['plugins'])
    rows = [n for n in seen['notifiers'] if n['function'] == 'lab_nb_print']
    expect(rows and all(n['class'] == 'info' and n['risk'] == 'low' and n['catalogued']
                        for n in rows), rows)
    pieces = {e['id']: e for e in seen['evidence']}
    said = [[e for e in map(pieces.get, n['evidence']) if e['source'] == 'plugin'] for n in rows]
    expect(len(said[0]) == 1 and not any(said[1:]),
           f'its line tells only of the first of {len(rows)}: {said}')
    setvar = next(n for n in seen['notifiers'] if n['function'] == 'lab_nb_setvar')
    expect(any('lab-var is 0x1ab' in pieces[e]['statement'] for e in setvar['evidence']), setvar)
    own = seen['extensions']['lab']
    expect(own['facts']['callbacks'] == 5 and own['facts']['timeout'] == 0, own)
    expect(own['first-letter'] == 'p' and own['notifiers-stage'] == 1, own)
    results = {rule['id']: rule['result'] for rule in seen['rules']}
    expect(results['lab:hang-returned'] == 'pass', results)
    expect(results['lab:reboots'] == 'fail' and results['lab:first'] == 'pass', results)
    found = [f for f in seen['findings'] if f['rule'] == 'lab:reboots']
    expect(len(found) == 1 and 'panic_timeout' in pieces[found[0]['evidence'][0]]['where'], found)
    text = tool.run('--plugin-dir', directory, core, status=FINE).stdout.decode()
    for words in ('Plugin lab\n', 'lab-var', 'info, risk low', 'lab:reboots'):
        expect(words in text, f'{words} is not in the text')


def check_changes_nothing(tool, plugins, core):
    """Where it is not asked the report is the one without it."""
    bare = tool.run(core, status=FINE).stdout
    directory = plugins.directory('lab')
    done = tool.run('--plugin-dir', directory, '--no-plugins', core, status=FINE).stdout
    expect(done == bare, 'another report with --no-plugins')


def check_rule_of_hang(tool, plugins, core):
    seen = report(tool, plugins.directory('lab'), core)
    found = [f for f in seen['findings'] if f['rule'] == 'lab:hang-returned']
    expect(len(found) == 1 and found[0]['severity'] == 'warning' and found[0]['evidence'], found)
    risky = [f for f in seen['findings'] if f['rule'] == 'PT204']
    expect(any('lab_nb_hang' in f['message'] for f in risky), 'its risk is not judged')


def check_policy(tool, plugins, core, folder):
    """A policy names its rules; what is no such id is an error."""
    directory = plugins.directory('lab')
    policy = folder / 'rules.yaml'
    policy.write_text('version: 1\nextends: default\nrules:\n  lab:hang-returned: error\n'
                      '  lab:reboots: "off"\n')
    seen = report(tool, directory, core, '--policy', policy)
    severities = {f['rule']: f['severity'] for f in seen['findings']}
    expect(severities['lab:hang-returned'] == 'error', severities)
    expect('lab:reboots' not in severities, severities)
    policy.write_text('version: 1\nextends: default\nrules:\n  Lab:hang: error\n')
    tool.run('--policy', policy, core, status=USAGE)


def check_formats(tool, plugins, core):
    """Every format names what the plugin finds."""
    directory = plugins.directory('lab')
    for name in ('text', 'json', 'sarif', 'junit', 'markdown'):
        out = tool.run('--plugin-dir', directory, '--format', name, core, status=FINE).stdout
        expect(b'lab:hang-returned' in out, name)
    sarif = json.loads(tool.run('--plugin-dir', directory, '--format', 'sarif', core,
                                status=FINE).stdout)['runs'][0]
    rules = sarif['tool']['driver']['rules']
    for result in sarif['results']:
        expect(rules[result['ruleIndex']]['id'] == result['ruleId'], result['ruleId'])


def check_needs(tool, plugins, core):
    """What it needs is not there: it is named with that, and all else is as without it."""
    seen = report(tool, plugins.directory('lab'), core)
    bare = tool.run_json(core, status=FINE)
    plugin = by_name(seen)['lab']
    expect(plugin['outcome'] == 'not-applicable' and 'needs notifier' in plugin['reason'], plugin)
    expect({**seen, 'plugins': []} == bare, 'another report')


def check_replay(tool, plugins, core, folder):
    """Saved facts hold what the plugin said: the same report without it, and beside it."""
    directory, saved = plugins.directory('lab'), folder / 'saved.json'
    seen = report(tool, directory, core)
    tool.run('facts', '--plugin-dir', directory, core, '-o', saved, status=FINE)
    for more in ((), ('--plugin-dir', directory)):
        again = tool.run_json(*more, saved, status=FINE)
        for key in ('plugins', 'extensions', 'findings', 'notifiers', 'evidence', 'rules'):
            expect(again[key] == seen[key], f'{key} differs, {more}')


def check_saved_without(tool, plugins, saved):
    """Facts that were saved without the plugin: its rows are judged, memory is not there."""
    seen = report(tool, plugins.directory('lab'), saved)
    expect(by_name(seen)['lab']['outcome'] == 'used', seen['plugins'])
    expect(seen['extensions']['lab']['facts'] == {'lab-var': None, 'timeout': None,
                                                  'callbacks': 4}, seen['extensions'])
    expect(any(f['rule'] == 'lab:hang-returned' for f in seen['findings']), 'no finding')


def check_redacted(tool, plugins, core):
    directory = plugins.directory('lab')
    out = tool.run('facts', '--redact', '--plugin-dir', directory, core, status=FINE).stdout
    expect(str(directory).encode() not in out, 'the path of the plugin is there')


# Whose files

def check_refused_files(tool, plugins, core):
    directory = plugins.directory('lab', 'floods', 'says_failed')
    (directory / 'lab.so').chmod(0o666)
    (directory / 'floods.so').unlink()
    (directory / 'floods.so').mkdir()
    (directory / 'empty.so').touch(0o644)
    (directory / 'text.so').write_text('no shared object')
    (directory / 'none.so').symlink_to('nowhere')
    os.mkfifo(directory / 'pipe.so', 0o644)
    (directory / 'other.txt').write_text('not asked')
    listed = tool.run_json('--plugin-dir', directory, status=FINE, verb='plugins')
    reasons = {plugin['name']: plugin['reason'] for plugin in listed['plugins']}
    for name, words in {'lab': 'others can write to it', 'floods': 'no regular file',
                        'empty': 'empty', 'text': '', 'none': 'No such file',
                        'pipe': 'no regular file'}.items():
        expect(reasons.get(name) and words in reasons[name], f'{name}: {reasons.get(name)}')
    expect(reasons['hostile'] is None and len(reasons) == 7, reasons)
    report(tool, directory, core)
    directory.chmod(0o777)
    listed = tool.run_json('--plugin-dir', directory, status=FINE, verb='plugins')
    expect(all('others can write' in plugin['reason'] or plugin['reason'] in
               ('it is no regular file', 'No such file or directory')
               for plugin in listed['plugins']), listed['plugins'])


def check_directories(tool, plugins, core, folder):
    tool.run('--plugin-dir', folder / 'nowhere', core, status=USAGE)
    tool.run('--plugin-dir', '', core, status=USAGE)
    two = [plugins.directory('lab'), plugins.directory('lab')]
    seen = tool.run_json('--plugin-dir', two[0], '--plugin-dir', two[1], core, status=FINE)
    expect([p['outcome'] for p in seen['plugins']] == ['used', 'refused'], seen['plugins'])
    # what lies in the working directory is not taken
    done = tool.run('plugins', status=FINE, cwd=two[0])
    expect(b'none' in done.stdout and b'lab' not in done.stdout, done.stdout)


def check_verb(tool, plugins):
    directory = plugins.directory('lab', 'wrong_abi', 'segfault_open')
    listed = tool.run_json('--plugin-dir', directory, status=FINE, verb='plugins')
    rows = {plugin['name']: plugin for plugin in listed['plugins']}
    expect(rows['lab']['rows'] == {'notifiers': 2, 'facts': 3, 'witnesses': 2, 'rules': 3},
           rows['lab'])
    expect(rows['lab']['abi'] == listed['abi'] and rows['lab']['outcome'] == 'found', rows['lab'])
    expect(rows['wrong_abi']['abi'] == {'major': 2, 'minor': 0}, rows['wrong_abi'])
    expect(rows['segfault_open']['outcome'] == 'failed', rows['segfault_open'])
    text = tool.run('plugins', '--plugin-dir', directory, status=FINE).stdout.decode()
    for words in ('lab 1.0: found', 'wrong_abi: refused, its ABI is 2.0', rows['lab']['sha256']):
        expect(words in text, words)


# The hostile ones

def check_hostile(tool, plugins, core, how, good):
    """The report of the good one beside it, and a line that names it."""
    directory = plugins.directory('lab', how)
    work = plugins.directory()
    outcome, reason = HOSTILE[how]
    slow = how.startswith(('loop', 'memory'))  # seconds
    for strict in ((),) if slow else (('--strict',), ()):
        done = tool.run('--plugin-dir', directory, *strict, '--format', 'json', core, cwd=work)
        expect(done.returncode == good['status'], f'status {done.returncode}, {done.stderr}')
    expect(done.stderr == b'', done.stderr)
    seen = tool.parse(done.stdout)
    plugin = [p for p in seen['plugins'] if p['name'] != 'lab']
    expect(len(plugin) == 1 and plugin[0]['outcome'] == outcome, seen['plugins'])
    expect(plugin[0]['name'] in ('hostile', how), plugin)
    expect(reason is None or re.search(reason, plugin[0]['reason']), plugin[0]['reason'])
    expect(not list(work.iterdir()), 'a file was left')
    if outcome == 'used':
        expect(seen['complete'], 'not complete')
        return
    ours = {key: value for key, value in seen.items()
            if key not in ('plugins', 'extensions', 'rules')}
    for key, value in ours.items():
        expect(value == good['report'][key], f'{key} is another')
    expect(seen['extensions']['lab'] == good['report']['extensions']['lab'], seen['extensions'])
    expect([r for r in seen['rules'] if not r['id'].startswith('hostile:')] ==
           good['report']['rules'], 'other results')
    if slow:
        return
    text = tool.run('--plugin-dir', directory, core, status=good['status']).stdout
    expect(plugin[0]['name'].encode() in text and b'\x1b' not in text, 'text')


def children_of_nobody(name):
    """Processes that were left of a program: they belong to init, or to a reaper."""
    listed = subprocess.run(['ps', '-eo', 'pid,ppid,comm,args'], capture_output=True, text=True,
                            check=True).stdout
    return [line for line in listed.splitlines() if name in line]


def check_leaves_nothing(tool, plugins, core):
    for how in ('forks', 'leaves_child', 'loop_collect'):
        directory = plugins.directory(how)
        tool.run('--plugin-dir', directory, core, status=FINE)
        time.sleep(0.2)
        left = children_of_nobody(str(directory))
        expect(not left, f'{how}: {left}')


# What a plugin may show

def check_exports(built):
    """Nothing but the descriptor is exported."""
    nm = shutil.which('nm')
    if not nm:
        return
    for plugin in sorted(pathlib.Path(built).glob('*.so')):
        out = subprocess.run([nm, '-D', '--defined-only', plugin], capture_output=True, text=True,
                             check=True).stdout
        names = [line.split()[-1] for line in out.splitlines()]
        expect(names == ['panictrail_plugin'], f'{plugin.name} exports {names}')


def check_list(sources):
    """Every way of hostile.c is asked for here."""
    text = (pathlib.Path(sources) / 'hostile.c').read_text()
    ways = re.findall(r'^\t(\w+),$', re.search(r'enum how \{(.*?)\};', text, re.S)[1], re.M)
    expect(set(ways) == set(HOSTILE), set(ways) ^ set(HOSTILE))


def cases(tool, fixtures, built, sources, folder):
    core, hung, saved = fixtures / CORE, fixtures / HUNG, fixtures / SAVED
    plugins = Plugins(built, folder)
    other = fixtures / 'good-sysrq-early/vmcore'
    yield 'a class, a witness, a rule', check_shows, tool, plugins, core
    yield '--no-plugins', check_changes_nothing, tool, plugins, core
    yield 'a rule of a hang', check_rule_of_hang, tool, plugins, hung
    yield 'policies', check_policy, tool, plugins, hung, folder
    yield 'formats', check_formats, tool, plugins, hung
    yield 'needs', check_needs, tool, plugins, other
    yield 'saved and replayed', check_replay, tool, plugins, core, folder
    yield 'facts saved without it', check_saved_without, tool, plugins, saved
    yield 'redacted', check_redacted, tool, plugins, core
    yield 'files', check_refused_files, tool, plugins, core
    yield 'directories', check_directories, tool, plugins, core, folder
    yield 'the verb', check_verb, tool, plugins
    yield 'exports', check_exports, built
    yield 'ways', check_list, sources
    directory = plugins.directory('lab')
    done = tool.run('--plugin-dir', directory, '--format', 'json', core)
    good = {'report': tool.parse(done.stdout), 'status': done.returncode}
    for how in HOSTILE:
        yield f'hostile: {how}', check_hostile, tool, plugins, core, how, good
    yield 'nothing is left', check_leaves_nothing, tool, plugins, core


def main():
    program, fixtures, built, sources, *schema_files = sys.argv[1:]
    tool = Tool(pathlib.Path(program).resolve(), schema_files)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder)
        path.chmod(0o755)
        return run_cases(cases(tool, pathlib.Path(fixtures), built, sources, path))


if __name__ == '__main__':
    sys.exit(main())
