#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line from outside. Usage: test_cli.py PANICTRAIL FIXTURES SCHEMA...

Exit statuses, what goes to stdout and what to stderr, damaged and foreign input, and that a
report is the same each time. Prints one line for each case; exits with 1 if one fails.
"""
import bz2
import fcntl
import json
import os
import pathlib
import pty
import struct
import subprocess
import sys
import tempfile
import termios

import jsonschema

FINE = (0, 1)   # an answer, without and with findings
USAGE, UNREADABLE, INCOMPLETE, OWN_ERROR = 2, 3, 4, 5
FIRST_SCREEN = 20
TIMEOUT = 120
ESC = b'\x1b'

EM_S390, EM_AARCH64 = 22, 183
ET_CORE, PT_LOAD, PT_NOTE = 4, 1, 4


class Failure(Exception):
    """A case that did not hold, with the reason."""


def expect(condition, why):
    if not condition:
        raise Failure(why)


def short(data, limit=300):
    return repr(data[:limit].decode(errors='replace'))


def environment(**more):
    """That of the caller (a sanitizer's options are there), without what changes a report, and
    without his cache."""
    env = {name: value for name, value in os.environ.items()
           if name not in ('NO_COLOR', 'COLUMNS', 'LINES')}
    return env | {'LC_ALL': 'C', 'TERM': 'xterm-256color', 'XDG_CACHE_HOME': '/dev/null'} | more


class Tool:
    def __init__(self, path, schema_files=()):
        self.path = path
        self.validators = {}
        schemas = [json.loads(pathlib.Path(file).read_text()) for file in schema_files]
        known = {schema['$id']: schema for schema in schemas}   # one may refer to another
        for schema in schemas:
            kind = jsonschema.validators.validator_for(schema)
            kind.check_schema(schema)
            resolver = jsonschema.RefResolver(schema['$id'], schema, store=known)
            self.validators[schema['properties']['schema']['const']] = kind(schema, resolver=resolver)

    def run(self, *args, status=None, **more):
        done = subprocess.run([self.path, *map(str, args)], stdin=subprocess.DEVNULL,
                              capture_output=True, env=environment(), timeout=TIMEOUT, check=False,
                              **more)
        if status is not None:
            wanted = status if isinstance(status, tuple) else (status,)
            expect(done.returncode in wanted, f'status {done.returncode} instead of {status}, '
                   f'stderr {short(done.stderr, 2000)}')
        return done

    def parse(self, out):
        """A document that holds what its schema says."""
        try:
            document = json.loads(out)
        except ValueError as error:
            raise Failure(f'not JSON ({error}): {short(out)}') from error
        schema = document.get('schema')
        expect(schema in self.validators, f'no schema for {schema}')
        for error in self.validators[schema].iter_errors(document):
            where = '/'.join(map(str, error.absolute_path))
            raise Failure(f'against the schema at "{where}": {error.message[:300]}')
        return document

    def run_json(self, *args, status, verb=None):
        words = (verb, *args) if verb else args
        return self.parse(self.run(*words, '--format', 'json', status=status).stdout)

    def run_on_terminal(self, *args, columns=0, **env):
        """The output where stdout is a terminal."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack('4H', 0, columns, 0, 0))
        with subprocess.Popen([self.path, *map(str, args)], stdin=subprocess.DEVNULL, stdout=theirs,
                              stderr=subprocess.DEVNULL, env=environment(**env)) as process:
            os.close(theirs)
            output = b''
            try:
                while chunk := os.read(ours, 65536):
                    output += chunk
            except OSError:  # how Linux says that the other side was closed
                pass
            os.close(ours)
            process.wait(TIMEOUT)
        return output

    def refuse(self, path, status=UNREADABLE):
        """One clear line that names the file, and nothing else."""
        done = self.run(path, status=status)
        expect(done.stdout == b'', f'stdout: {short(done.stdout)}')
        expect(done.stderr.count(b'\n') == 1 and done.stderr.endswith(b'\n'),
               f'not one line on stderr: {short(done.stderr)}')
        expect(str(path).encode() in done.stderr, f'file not named: {short(done.stderr)}')


# Usage

def check_help(tool, *args):
    done = tool.run(*args, status=FINE)
    lines = done.stdout.decode().splitlines()
    expect(lines, 'no help')
    expect(done.stderr == b'', f'stderr: {short(done.stderr)}')
    wide = [line for line in lines if len(line.expandtabs()) > 80]
    expect(not wide, f'wider than 80 columns: {wide[:1]}')


def check_version(tool):
    done = tool.run('--version', status=FINE)
    expect(done.stdout.startswith(b'panictrail '), f'stdout: {short(done.stdout)}')


def check_usage_error(tool, *args):
    done = tool.run(*args, status=USAGE)
    expect(done.stdout == b'', f'stdout: {short(done.stdout)}')
    expect(done.stderr.startswith(b'panictrail: '), f'stderr: {short(done.stderr)}')


def check_hint(tool, words, *args):
    """A usage error that names what was meant."""
    done = tool.run(*args, status=USAGE)
    expect(words.encode() in done.stderr, f'no "{words}": {short(done.stderr)}')


def check_same_help(tool):
    texts = {tool.run(*args, status=FINE).stdout
             for args in (('help', 'report'), ('report', '--help'), ('--help', 'report'))}
    expect(len(texts) == 1, 'the help of a verb has several texts')
    expect(tool.run('help').stdout == tool.run('--help').stdout, 'help is not --help')
    expect(tool.run('help').stdout not in texts, 'the help of a verb is the overview')


# Input that is none

def elf_core(machine):
    """An ELF core of another architecture: one empty note, one page."""
    big = machine == EM_S390
    order = '>' if big else '<'
    page = 4096
    note = struct.pack(order + '3I8s', 5, 0, 0, b'CORE')
    head = 64 + 2 * 56
    ident = b'\x7fELF' + bytes([2, 2 if big else 1, 1]) + bytes(9)
    header = ident + struct.pack(order + '2HI3QI6H', ET_CORE, machine, 1, 0, 64, 0, 0, 64, 56, 2,
                                 0, 0, 0)
    notes = struct.pack(order + '2I6Q', PT_NOTE, 0, head, 0, 0, len(note), len(note), 4)
    load = struct.pack(order + '2I6Q', PT_LOAD, 7, page, 0, 0, page, page, page)
    return (header + notes + load + note).ljust(page, b'\0') + bytes(page)


def bad_inputs(folder, core):
    """Name of the case and the file, which is made here."""
    contents = {
        'an empty file': b'',
        'a script': b'#!/bin/sh\necho this is no dump\n',
        'zero bytes': bytes(4096),
        'the first 100 bytes of a dump': core.read_bytes()[:100],
        'a core of s390': elf_core(EM_S390),
        'a core of arm64': elf_core(EM_AARCH64),
    }
    for number, (name, content) in enumerate(contents.items()):
        path = folder / f'bad-{number}'
        path.write_bytes(content)
        yield name, path

    yield 'a missing file', folder / 'missing'
    yield 'a program', pathlib.Path('/bin/true')
    empty = folder / 'empty'
    empty.mkdir()
    yield 'an empty directory', empty
    other = folder / 'other'
    other.mkdir()
    (other / 'notes').write_text('nothing of a crash\n')
    yield 'a directory without a dump', other


def elf_file(kind):
    """An ELF header of x86_64: 1 for an object, 2 for an executable, 3 for one that moves."""
    ident = b'\x7fELF' + bytes([2, 1, 1]) + bytes(9)
    return (ident + struct.pack('<2HI3QI6H', kind, 62, 1, 0, 64, 0, 0, 64, 56, 0, 0, 0, 0)
            ).ljust(4096, b'\0')


# What a file holds -> the words that say what to do with it.
NOT_DUMPS = {
    'vmlinux': (elf_file(2), 'an ELF executable', 'name the vmcore'),
    'vmlinux-pie': (elf_file(3), 'an ELF executable', 'name the vmcore'),
    'module.ko': (elf_file(1), 'an ELF object', 'name the vmcore'),
    'vmcore.bz2': (bz2.compress(bytes(99)), 'bzip2 -dc FILE'),
    'crash.zip': (b'PK\x03\x04' + bytes(99), 'a zip archive'),
    'crash.tar': ((b'vmcore'.ljust(257, b'\0') + b'ustar').ljust(512, b'\0'), 'a tar archive'),
    'vmlinuz': ((b'MZ'.ljust(0x202, b'\0') + b'HdrS').ljust(4096, b'\0'), 'a kernel to boot'),
    'letter.txt': (b'Dear all, it does not work.\n' * 30, 'a text', 'kernel log'),
}


def check_words(tool, path, *words):
    tool.refuse(path)
    said = tool.run(path).stderr.decode()
    for word in words:
        expect(word in said, f'no "{word}": {said}')


def check_beside(tool, core):
    """What is no input of the crash is a gap beside one."""
    report = tool.run_json('/bin/true', core, status=FINE)
    expect(any(gap['what'] == '/bin/true' and 'no vmlinux is needed' in gap['why']
               for gap in report['gaps']), f'gaps: {report["gaps"]}')
    expect(not report['complete'], 'complete')


def check_twice(tool, core):
    expect(len(tool.run_json(core, core, status=FINE)['inputs']) == 1, 'it was read twice')


def check_denied(tool, core, folder):
    """A dump of root's, for somebody else; root needs somebody else for that."""
    locked = folder / 'locked'
    locked.mkdir()
    (locked / 'vmcore').write_bytes(core.read_bytes()[:4096])
    (locked / 'vmcore').chmod(0)
    for path in (folder, locked):
        path.chmod(0o755)
    user = {'user': 65534} if os.geteuid() == 0 else {}
    for path in (locked / 'vmcore', locked):
        try:
            done = subprocess.run([os.path.abspath(tool.path), path], capture_output=True, cwd='/',
                                  env=environment(), timeout=TIMEOUT, check=False, **user)
        except PermissionError:
            print('        the program is out of reach for others: not tried')
            return
        expect(done.returncode == UNREADABLE, f'status {done.returncode}')
        expect(b'vmcore: most dumps are for root only, try sudo: Permission denied' in done.stderr,
               f'stderr: {short(done.stderr)}')


def messages(folder, core):
    """(name, path, words): what is often given for a dump."""
    folder = folder / 'messages'
    folder.mkdir()
    for name, (content, *words) in NOT_DUMPS.items():
        (folder / name).write_bytes(content)
        yield name, folder / name, *words
    yield 'an empty pipe by the name -', '-', 'the file is empty'

    packed = folder / 'packed'
    packed.mkdir()
    (packed / 'vmcore.bz2').write_bytes(NOT_DUMPS['vmcore.bz2'][0])
    (packed / 'letter.txt').write_bytes(NOT_DUMPS['letter.txt'][0])
    yield 'a directory with a compressed dump', packed, 'vmcore.bz2', 'bzip2 -dc FILE'

    above = folder / 'above'
    for name in ('127.0.0.1-2026-01-01', '127.0.0.1-2026-01-02', 'zzz'):
        (above / name).mkdir(parents=True)
        if name != 'zzz':
            (above / name / 'vmcore').write_bytes(core.read_bytes())
    yield 'a directory above', above, 'its directory 127.0.0.1-2026-01-02 does'

    several = folder / 'several'
    several.mkdir()
    for name in ('vmcore.3', 'vmcore.1', 'vmcore.2'):
        (several / name).write_bytes(core.read_bytes()[:4096])
    yield ('a directory with several dumps', several, 'vmcore.1 and vmcore.2', 'name one',
           'the files of a split dump')


# Real cores

def check_json(tool, core):
    report = tool.run_json(core, status=FINE)
    expect(report['schema'] == 'panictrail-report/1', f'schema {report["schema"]}')


def check_same_bytes(tool, core):
    for args in (['--format', 'text'], ['--format', 'json'], ['--explain'], ['log'],
                 ['log', '--format', 'json']):
        first, second = (tool.run(*args, core, status=FINE).stdout for _ in range(2))
        expect(first == second, f'two runs with {" ".join(args)} differ')


def check_text(tool, core):
    out = tool.run(core, status=FINE).stdout
    expect(ESC not in out, 'colours, and stdout is no terminal')
    lines = out.decode().split('\n')
    screen = lines.index('') if '' in lines else len(lines)
    expect(0 < screen <= FIRST_SCREEN, f'the first screen has {screen} lines')


def check_explain(tool, core):
    plain = tool.run(core, status=FINE).stdout.decode().splitlines()
    lines = tool.run('--explain', core, status=FINE).stdout.decode().splitlines()
    rest = [line for line in lines if not line.lstrip().startswith(('crash> ', 'drgn>>> '))]
    expect(rest == plain, '--explain changes more than it adds')
    checks = [piece['check'] for piece in tool.run_json(core, status=FINE)['evidence']]
    for tool_name, prompt in (('crash', 'crash> '), ('drgn', 'drgn>>> ')):
        wanted = [prompt + command for check in checks if check for command in check[tool_name]]
        got = [line.strip() for line in lines if line.lstrip().startswith(prompt)]
        expect(wanted and got == wanted, f'{tool_name}: text and JSON differ')


def check_signatures(tool, core):
    ids = tool.run_json(core, status=FINE)['signatures']
    expect(ids['cause'] and ids['path'], f'signatures {ids}')
    line = next((line for line in tool.run(core, status=FINE).stdout.decode().splitlines()
                 if line.startswith('ids ')), '')
    expect(ids['cause'] in line and ids['path'] in line, f'"{line}" has not {ids}')


def check_log(tool, core):
    """Every record once, and what follows the panic line as the end of it."""
    log = tool.run_json(core, verb='log', status=FINE)
    report = tool.run_json(core, status=FINE)
    expect(log['complete'] and len(log['records']) == report['log']['records'],
           f'{len(log["records"])} records')
    after = tool.run_json('--after-panic', core, verb='log', status=FINE)['records']
    if not any(r['text'].startswith('Kernel panic') for r in log['records']):
        expect(not after, f'{len(after)} records after no panic line')
        return
    expect(after[0]['text'].startswith('Kernel panic - not syncing: '), f'begins with {after[0]}')
    expect(after == log['records'][-len(after):], '--after-panic is not the end of the log')
    expect([r['after_panic'] for r in after] == [False] + [True] * report['log']['after_panic'],
           'after_panic')
    whole, end = (tool.run('log', *args, core, status=FINE).stdout.decode()
                  for args in ([], ['--after-panic']))
    expect(end and whole.endswith(end), '--after-panic is not the end of the text')
    starts = [line for line in whole.splitlines() if line.startswith('[')]
    expect(len(starts) == len(log['records']), f'{len(starts)} records in the text')


def check_cut_log(tool, cut):
    log = tool.run_json(cut, verb='log', status=FINE)
    expect(log['complete'] is False, 'complete, though 40% of the file are missing')
    expect(tool.run('log', '--strict', cut, status=INCOMPLETE).stdout, 'no log')


def check_colour(tool, core):
    expect(ESC in tool.run('--color=always', core, status=FINE).stdout, '--color=always: none')
    expect(ESC in tool.run_on_terminal(core), 'on a terminal: none')
    expect(ESC not in tool.run_on_terminal(core, NO_COLOR='1'), 'with NO_COLOR: some')


def check_output_file(tool, core, folder):
    path = folder / 'report'
    done = tool.run('-o', path, core, status=FINE)
    expect(done.stdout == b'', f'stdout: {short(done.stdout)}')
    expect(path.read_bytes() == tool.run(core).stdout, 'not the bytes of stdout')


def check_failed_write(tool, core, path):
    done = tool.run('-o', path, core, status=OWN_ERROR)
    expect(path.encode() in done.stderr, f'file not named: {short(done.stderr)}')


# Cut short: by a full disk, by the clock

def check_strict(tool, cut):
    expect(tool.run('--strict', cut, status=INCOMPLETE).stdout, 'no report')


def check_cut_json(tool, cut):
    report = tool.run_json(cut, status=FINE)
    expect(report['complete'] is False, 'complete, though 40% of the file are missing')
    expect(report['gaps'], 'no gap is named')


def check_time_limit(tool, core):
    report = tool.run_json('--time-limit', '0.001', core, status=OWN_ERROR)
    expect(report['complete'] is False, 'complete')


# The rules

def check_rules(tool):
    rules = tool.run_json(verb='rules', status=FINE)['rules']
    expect(rules and rules == sorted(rules, key=lambda rule: rule['id']), 'not ascending by id')
    table = tool.run('rules', status=FINE).stdout.decode()
    explained = tool.run('rules', '--explain', status=FINE).stdout.decode()
    wide = [line for line in explained.splitlines() if len(line) > 80]
    expect(not wide, f'wider than 80 columns: {wide[:1]}')
    for rule in rules:
        expect(f'{rule["id"]}  {rule["name"]} ' in table, f'{rule["id"]} is not in the table')
        expect(f'{rule["id"]} {rule["name"]}\n' in explained, f'{rule["id"]} is not explained')


def check_one_rule(tool):
    by_id, by_name = (tool.run('rules', '--explain', word, status=FINE).stdout
                      for word in ('PT201', 'notifier-in-progress'))
    expect(by_id == by_name and by_id.startswith(b'PT201 notifier-in-progress\n'), short(by_id))
    rules = tool.run_json('PT201', 'PT101', verb='rules', status=FINE)['rules']
    expect([rule['id'] for rule in rules] == ['PT101', 'PT201'], 'not the two that were named')
    check_hint(tool, 'did you mean dump-point?', 'rules', 'dump-ponit')


# The catalogue of callbacks, and a dump's chain joined with it

def check_catalogue(tool):
    catalogue = tool.run_json('notifiers', status=FINE)['catalogue']
    text = tool.run('notifiers', status=FINE).stdout.decode()
    missing = [row['function'] for row in catalogue if f"\n  {row['function']}" not in text]
    expect(catalogue and not missing, f'not in the text: {missing}')


def check_chain(tool, core):
    chain = tool.run_json('notifiers', core, status=FINE)['notifiers']
    report = tool.run_json(core, status=FINE)['notifiers']
    shared = ('position', 'function', 'module', 'priority', 'address', 'outcome')
    expect([[n[key] for key in shared] for n in chain] ==
           [[n[key] for key in shared] for n in report], 'not the chain of the report')
    for ours, theirs in zip(chain, report):
        row = ours['catalogue']
        expect((row is not None) == theirs['catalogued'], f'{ours["function"]}: catalogued or not')
        expect(row is None or row['risk'] == theirs['risk'], f'{ours["function"]}: another risk')
        expect(ours['module'] != 'labmod' or (ours['out_of_tree'] is True and row is None),
               f'{ours["function"]} is out of tree')


def check_notifiers_twice(tool, *inputs):
    for style in ('text', 'json'):
        first, second = (tool.run('notifiers', '--format', style, *inputs, status=FINE).stdout
                         for _ in range(2))
        expect(first == second, f'two runs with --format {style} differ')


def check_notifiers_width(tool, *inputs):
    out = tool.run_on_terminal('notifiers', '--no-pager', *inputs, columns=80,
                               NO_COLOR='1').decode()
    wide = [line for line in out.splitlines() if len(line) > 80]
    expect(out and not wide, f'wider than 80 columns: {wide[:1]}')


def cases(tool, cores, folder):
    """(name, function, arguments) of every case."""
    smallest = min(cores, key=lambda core: core.stat().st_size)
    cut = folder / 'cut'
    content = smallest.read_bytes()
    cut.write_bytes(content[:len(content) * 6 // 10])

    yield '--help', check_help, tool, '--help'
    yield 'report --help', check_help, tool, 'report', '--help'
    yield 'help of a verb', check_same_help, tool
    yield '--version', check_version, tool
    yield 'no argument', check_usage_error, tool
    yield 'an unknown option', check_usage_error, tool, '--no-such-option', smallest
    yield 'an unknown format', check_usage_error, tool, '--format', 'no-such-format', smallest
    yield 'a mistyped option', check_hint, tool, 'did you mean --strict?', '--stirct', smallest
    yield 'an option cut short', check_hint, tool, '--no is the start of several', '--no', smallest
    yield 'an argument too many', check_hint, tool, '--strict takes no', '--strict=1', smallest
    yield 'an argument too few', check_hint, tool, '--output wants an', '--output'
    yield 'a mistyped verb', check_hint, tool, 'did you mean report?', 'reprot', smallest
    yield 'an unknown verb', check_hint, tool, 'there is no verb frobnicate', 'frobnicate', smallest
    yield 'help of a mistyped verb', check_hint, tool, 'did you mean report?', 'help', 'repotr'
    yield 'a vmlinux beside', check_beside, tool, smallest
    yield 'one file twice', check_twice, tool, smallest

    for name, path in bad_inputs(folder, smallest):
        yield name, tool.refuse, path

    for name, path, *words in messages(folder, smallest):
        yield f'told: {name}', check_words, tool, path, *words
    yield 'told: not for this user', check_denied, tool, smallest, folder

    for core in cores:
        name = core.relative_to(core.parent.parent)
        if core.parent.name.startswith('unsupported-'):
            yield f'{name}: refused', tool.refuse, core
            continue
        yield f'{name}: JSON', check_json, tool, core
        yield f'{name}: same bytes', check_same_bytes, tool, core
        yield f'{name}: text', check_text, tool, core
        yield f'{name}: --explain', check_explain, tool, core
        yield f'{name}: signatures', check_signatures, tool, core
        yield f'{name}: log', check_log, tool, core
        yield f'{name}: notifiers', check_chain, tool, core
        yield f'{name}: notifiers, same bytes', check_notifiers_twice, tool, core
        yield f'{name}: notifiers, width', check_notifiers_width, tool, core

    yield 'rules', check_rules, tool
    yield 'rules PT201', check_one_rule, tool
    yield 'notifiers', check_catalogue, tool
    yield 'notifiers, same bytes', check_notifiers_twice, tool
    yield 'notifiers, width', check_notifiers_width, tool
    yield 'notifiers, an unknown format', check_usage_error, tool, 'notifiers', '--format', 'none'
    yield 'colours', check_colour, tool, smallest
    yield '-o', check_output_file, tool, smallest, folder
    yield '-o into no directory', check_failed_write, tool, smallest, '/nonexistent/x'
    yield '-o on a full disk', check_failed_write, tool, smallest, '/dev/full'
    yield 'cut short, --strict', check_strict, tool, cut
    yield 'cut short, JSON', check_cut_json, tool, cut
    yield 'cut short, log', check_cut_log, tool, cut
    yield '--time-limit', check_time_limit, tool, smallest


def run_cases(cases):
    """Prints one line for each (name, function, arguments): True when one failed."""
    failed = False
    for name, function, *args in cases:
        try:
            function(*args)
            print(f'ok      {name}', flush=True)
        except (Failure, OSError, ValueError, KeyError, subprocess.TimeoutExpired) as error:
            print(f'FAILED  {name}: {error}', flush=True)
            failed = True
    return failed


def main():
    program, fixtures, *schema_files = sys.argv[1:]
    tool = Tool(program, schema_files)
    cores = sorted(path for path in pathlib.Path(fixtures).glob('*/vmcore*')
                   if path.suffix != '.txt')
    if not cores:
        sys.exit(f'no */vmcore in {fixtures}')

    with tempfile.TemporaryDirectory() as folder:
        return run_cases(cases(tool, cores, pathlib.Path(folder)))


if __name__ == '__main__':
    sys.exit(main())
