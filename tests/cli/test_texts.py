#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Records and logs as INPUT. Usage: test_texts.py PANICTRAIL TEXTS SCHEMA...

Each text of TEXTS is reported without error; inputs of one crash are merged, those of several are
reported one by one; stdin, directories, hostile bytes. Prints one line for each case; exits with 1
if one fails.
"""
import gzip
import json
import pathlib
import subprocess
import sys
import tempfile

from test_cli import (FINE, INCOMPLETE, TIMEOUT, UNREADABLE, USAGE, Tool, environment, expect,
                      run_cases, short)

BANNER = 'Linux version 6.1.0-9-amd64 (build@box) (gcc-12) #1 SMP Debian 6.1.27-1 (2023-05-08)'


def log(panic='sysrq triggered crash', at=41.501, loaded='', end=True, first=0.0):
    """A log of one boot that panicked."""
    lines = [(first, BANNER), (first + 1.25, 'usb 1-1: new high-speed USB device number 2'),
             (first + 2.5, 'EXT4-fs (vda1): mounted filesystem with ordered data mode'),
             (at, f'Kernel panic - not syncing: {panic}'),
             (at + 0.001, f'CPU: 1 PID: 812 Comm: bash {loaded}Not tainted 6.1.0-9-amd64 #1'),
             (at + 0.002, 'Call Trace:'), (at + 0.003, ' <TASK>'),
             (at + 0.004, ' dump_stack_lvl+0x45/0x5b'), (at + 0.005, ' panic+0x118/0x2ed'),
             (at + 0.006, ' </TASK>'),
             (at + 0.100, 'Kernel Offset: 0x2a00000 from 0xffffffff81000000 (relocation range: '
                          '0xffffffff80000000-0xffffffffbfffffff)')]
    if end:
        lines.append((at + 0.2, f'---[ end Kernel panic - not syncing: {panic} ]---'))
    return ''.join(f'[{seconds:12.6f}] {text}\n' for seconds, text in lines)


def record(text, reason='Panic', count=1, part=1):
    lines = ''.join(f'<{0 if "panic" in line else 4}>{line}\n' for line in text.splitlines())
    return f'{reason}#{count} Part{part}\n{lines}'


class Desk:
    """Files of one case."""

    def __init__(self, tool, folder):
        self.tool, self.folder = tool, folder
        self.folder.mkdir()

    def file(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def one(self, *paths, status=FINE):
        report = self.tool.run_json(*paths, status=status)
        expect(report['schema'] == 'panictrail-report/1', f'{report["schema"]}: '
               f'{report.get("why")}')
        return report


# ---- one text

def check_any(tool, path):
    """Of whatever is in a text: a report that holds its schema, in each format, twice the same."""
    for style in ('text', 'line', 'markdown', 'sarif', 'junit'):
        tool.run('--format', style, path, status=FINE)
    first = tool.run('--format', 'json', path, status=FINE).stdout
    tool.parse(first)
    expect(first == tool.run('--format', 'json', path).stdout, 'the second report differs')
    report = json.loads(first)
    for each in report.get('reports', [report]):
        check_rests(each)


def check_rests(report):
    """What is decided rests on a piece that is no hint; a finding cites something."""
    pieces = {piece['id']: piece for piece in report['evidence']}
    for row in report['stages'] + report['notifiers'] + report['kmsg_dumpers'] + report['cpus']:
        if row['outcome'] == 'unknown':
            continue
        expect(any(pieces[i]['strength'] != 'hint' for i in row['evidence']), f'no evidence: {row}')
    for finding in report['findings']:
        expect(finding['evidence'] or finding['rule'] == 'PT901', f'bare: {finding}')


def check_no_dump(desk):
    path = desk.file('dmesg.txt', log())
    report = desk.one(path)
    expect(report['no_vmcore']['reason'] == 'no-crash-kernel', report['no_vmcore'])
    expect(report['panic']['trigger'] == 'sysrq' and report['panic']['cpu'] == 1, report['panic'])
    expect(report['panic']['task'] == {'pid': 812, 'comm': 'bash'}, report['panic'])
    expect([entry['kind'] for entry in report['inputs']] == ['log'], report['inputs'])
    expect(report['kernel']['release'] == '6.1.0-9-amd64', report['kernel'])
    screen = desk.tool.run(path).stdout.decode().split('\n\n')[0]
    expect('no vmcore: no-crash-kernel' in screen, screen)
    expect(len(screen.splitlines()) <= 20, screen)


def check_record(desk):
    path = desk.file('dmesg-ramoops-0', record(log(end=False)))
    report = desk.one(path)
    row = report['inputs'][0]
    expect((row['kind'], row['reason'], row['count']) == ('pstore', 'Panic', 1), row)
    expect((row['frontier']['stage'], row['frontier']['bound']) == ('kmsg-dump', 'exact'), row)
    goals = {goal['id']: goal['verdict'] for goal in report['goals']}
    expect(goals['kmsg-dump'] == 'achieved', goals)


def check_lost_end(desk):
    """Without Part1 the panic itself is lost."""
    folder = desk.folder / 'pstore'
    desk.file('pstore/dmesg-efi_pstore-170000000002001',
              record(log(end=False).split('[   41.5')[0], part=2))
    desk.file('pstore/dmesg-efi_pstore-170000000003001', record('[    0.1] first\n', part=3))
    report = desk.one(folder)
    row = report['inputs'][0]
    expect([part['state'] for part in row['parts']] == ['whole', 'whole', 'missing'], row)
    expect(not row['complete'] and not report['complete'], 'complete')
    found = [f['message'] for f in report['findings'] if f['rule'] == 'PT403']
    expect(any('has lost its end' in message for message in found), found)
    desk.tool.run('--strict', folder, status=INCOMPLETE)


def check_log_verb(desk):
    path = desk.file('dmesg.txt', log())
    document = desk.tool.run_json(path, status=FINE, verb='log')
    expect(len(document['records']) == 12, len(document['records']))
    expect(document['records'][0]['level'] == 'unknown', document['records'][0])
    shown = desk.tool.run('log', '--after-panic', path, status=FINE).stdout.decode()
    expect(shown.startswith('[   41.501000] '), shown)
    plain = desk.file('plain.txt', '\n'.join(line[15:] for line in log().splitlines()))
    document = desk.tool.run_json(plain, status=FINE, verb='log')
    expect(document['records'][0]['time_ns'] is None, document['records'][0])


def check_saved(desk):
    """Saved facts give the same report; redacted ones tell nothing of the machine."""
    path = desk.file('secret-host/console.log',
                     log() + '[   42.000000] systemd[1]: Hostname set to <secret-host>.\n')
    saved, redacted = desk.folder / 'facts.json', desk.folder / 'redacted.json'
    desk.tool.run('facts', path, '-o', saved, status=0)
    expect(desk.one(path)['stages'] == desk.one(saved)['stages'], 'stages')
    desk.tool.run('facts', '--redact', path, '-o', redacted, status=0)
    expect(b'secret-host' not in redacted.read_bytes(), 'the path is in it')
    expect(desk.one(path)['stages'] == desk.one(redacted)['stages'], 'stages, redacted')


# ---- several

def check_merged(desk):
    paths = [desk.file('dmesg-ramoops-0', record(log(end=False))), desk.file('serial.log', log())]
    for order in (paths, paths[::-1]):
        report = desk.one(*order)
        expect(sorted(row['kind'] for row in report['inputs']) == ['log', 'pstore'],
               report['inputs'])
    stages = {row['id']: row['outcome'] for row in report['stages']}
    expect(stages['notifiers'] == 'done', stages)


def check_several(desk):
    paths = [desk.file('a.log', log()), desk.file('b.log', log('hung_task: blocked tasks', 99.25))]
    document = desk.tool.run_json(*paths, status=FINE)
    expect(document['schema'] == 'panictrail-reports/1', document['schema'])
    expect([each['inputs'][0]['path'] for each in document['reports']] == list(map(str, paths)),
           'the order')
    expect('b.log is of another crash than' in document['why'] and 'hung_task' in document['why'],
           document['why'])
    text = desk.tool.run(*paths, status=FINE).stdout.decode()
    expect('Crash 1 of 2' in text and 'Crash 2 of 2' in text, text[:300])
    expect(desk.tool.run('--format', 'line', *paths).stdout.count(b'\n') == 2, 'lines')
    sarif = json.loads(desk.tool.run('--format', 'sarif', *paths).stdout)
    expect(len(sarif['runs']) == 2, 'runs')
    expect(desk.tool.run('--format', 'junit', *paths).stdout.count(b'<testsuite ') == 2, 'suites')
    for verb in (('facts', '-o', desk.folder / 'out'), ('what-if', '--order', 'all'),
                 ('notifiers',), ('log',)):
        done = desk.tool.run(*verb, *paths, status=USAGE)
        expect(b'of 2 crashes' in done.stderr and b'hung_task' in done.stderr, short(done.stderr))


def check_one_file(desk):
    """Two boots that crashed, in one capture."""
    path = desk.file('serial.log', log() + log('Fatal exception', 12.5))
    document = desk.tool.run_json(path, status=FINE)
    expect(len(document.get('reports', [])) == 2, document['schema'])
    out = desk.tool.run(path).stdout.decode()
    second = len(log().splitlines()) + 1
    expect(f'serial.log (from line {second}) is of another crash than' in out, out)
    expect(f'serial.log, from line {second}\n' in out and 'nothing known to be lost' in out, out)


def check_bad_one(desk):
    good, bad = desk.file('good.log', log()), desk.file('bad', bytes(range(256)) * 64)
    report = desk.one(good, bad, desk.folder / 'nowhere')
    expect([gap['what'] for gap in report['gaps']] == [str(bad), str(desk.folder / 'nowhere')],
           report['gaps'])
    expect(not report['complete'], 'complete')
    desk.tool.run('--strict', good, bad, status=INCOMPLETE)
    desk.tool.run(bad, desk.folder / 'nowhere', status=UNREADABLE)


def check_output_is_input(desk):
    path = desk.file('a.log', log())
    desk.tool.run('-o', path, path, status=USAGE)
    desk.tool.run('-o', path, desk.folder, status=USAGE)
    expect(path.read_text() == log(), 'the input was written')


# ---- a directory

def check_crash_directory(desk):
    """As the kdump packages leave it, without a dump: that is what texts are for."""
    desk.file('crash/vmcore-dmesg-incomplete.txt', log(end=False))
    desk.file('crash/README.txt', 'Kernel crashdump\n----------------\nCrash time: 2026\n')
    report = desk.one(desk.folder / 'crash')
    expect(len(report['inputs']) == 1 and not report['gaps'], (report['inputs'], report['gaps']))
    expect(report['panic']['message'] == 'sysrq triggered crash', report['panic'])


def check_with_core(desk, core):
    """A log of another crash beside a dump is not merged with it."""
    desk.file('crash/vmcore', core.read_bytes())
    desk.file('crash/dmesg.txt', log('no such panic'))
    document = desk.tool.run_json(desk.folder / 'crash', status=FINE)
    expect([each['inputs'][0]['kind'] for each in document['reports']] == ['vmcore', 'log'],
           'the reports')


def check_empty(desk):
    done = desk.tool.run(desk.folder, status=UNREADABLE)
    expect(b'the directory is empty' in done.stderr, short(done.stderr))


def check_left_out(desk):
    desk.file('pstore/dmesg-ramoops-0', record(log(end=False)))
    desk.file('pstore/dmesg-ramoops-1', record('[  900.000000] reboot: Restarting system\n',
                                               'Shutdown'))
    report = desk.one(desk.folder / 'pstore')
    expect(len(report['inputs']) == 1, report['inputs'])
    expect(any('Shutdown' in gap['why'] for gap in report['gaps']), report['gaps'])


def check_many_files(desk):
    """Files beside records are looked at up to a limit, which is said."""
    desk.file('dir/dmesg-ramoops-0', record(log(end=False)))
    for i in range(1100):
        desk.file(f'dir/f{i}', '')
    report = desk.one(desk.folder / 'dir')
    expect(len(report['inputs']) == 1, report['inputs'])
    expect(any('more than 1024 files' in gap['why'] for gap in report['gaps']), report['gaps'])


# ---- stdin

def run_stdin(tool, content, *args):
    done = subprocess.run([tool.path, *map(str, args), '-'], input=content, capture_output=True,
                          env=environment(), timeout=TIMEOUT, check=False)
    expect(done.returncode in FINE, f'status {done.returncode}: {short(done.stderr)}')
    return done.stdout


def check_stdin(desk):
    text = log().encode()
    wanted = desk.one(desk.file('a.log', text))
    saved = desk.folder / 'facts.json'
    desk.tool.run('facts', desk.folder / 'a.log', '-o', saved, status=0)
    for content in (text, gzip.compress(text), saved.read_bytes()):
        report = desk.tool.parse(run_stdin(desk.tool, content, '--format', 'json'))
        expect(report['stages'] == wanted['stages'], 'the stages')
    with (desk.folder / 'a.log').open('rb') as file:
        done = subprocess.run([desk.tool.path, '-'], stdin=file, capture_output=True,
                              env=environment(), timeout=TIMEOUT, check=False)
    expect(done.returncode in FINE, f'status {done.returncode}: {short(done.stderr)}')


def check_packed(desk):
    path = desk.file('dmesg.gz', gzip.compress(log().encode()))
    expect(desk.one(path)['panic']['trigger'] == 'sysrq', 'the trigger')


# ---- bytes that nobody wrote on purpose

def hostile():
    text = log().encode()
    yield 'no line end', text[:-1]
    yield 'NULs behind', text + bytes(4096)
    yield 'NULs between', text.replace(b'panic+', b'\0\0panic+')
    yield '0xff behind', text + b'\xff' * 4096
    yield 'no UTF-8', text.replace(b'bash', b'ba\xff\xfesh')
    yield 'a line of 10 MB', text + b'[   43.000000] ' + b'A' * 10_000_000 + b'\n' + text
    yield 'carriage returns', text.replace(b'\n', b'\r\n')
    yield 'escapes', b'\x1b[2J' + text.replace(b'panic', b'\x1b[31mpanic\x1b[0m', 1)
    yield 'cut in the middle', text[:len(text) // 2]
    yield 'a header alone', b'Panic#1 Part1\n'
    yield 'parts of two dumps', (record(log(end=False)) + record('[    9.0] x\n', 'Oops', 7, 3)
                                 ).encode()


def check_hostile(desk, content):
    done = desk.tool.run('--format', 'json', desk.file('console.log', content),
                         status=(*FINE, UNREADABLE))
    if done.returncode != UNREADABLE:
        document = desk.tool.parse(done.stdout)
        for report in document.get('reports', [document]):
            check_rests(report)
    out = desk.tool.run(desk.folder / 'console.log').stdout
    expect(b'\x1b' not in out, 'an escape sequence came through')


def check_wrong_name(desk):
    """What a file is, its content tells."""
    text = log()
    reports = [desk.one(desk.file(name, text))
               for name in ('vmcore', 'dmesg-efi-1.enc.z', 'facts.json', 'x.bin')]
    for report in reports:
        expect(report['panic']['trigger'] == 'sysrq', report['inputs'])


def check_refused(desk):
    for name, content in (('empty', b''), ('zeros', bytes(4096)), ('letter', b'Dear all,\n' * 9)):
        desk.tool.refuse(desk.file(name, content))


def cases(tool, texts, cores, folder):
    desks = iter(range(1000))

    def desk():
        return Desk(tool, folder / str(next(desks)))

    for path in texts:
        if path.name != 'no-log.txt':
            yield f'text {path.name}', check_any, tool, path
    for function in (check_no_dump, check_record, check_lost_end, check_log_verb, check_saved,
                     check_merged, check_several, check_one_file, check_bad_one,
                     check_output_is_input, check_crash_directory, check_empty, check_left_out,
                     check_many_files,
                     check_stdin, check_packed, check_wrong_name, check_refused):
        yield function.__name__.removeprefix('check_').replace('_', ' '), function, desk()
    for name, content in hostile():
        yield name, check_hostile, desk(), content
    if cores:
        yield 'a dump and a log of two crashes', check_with_core, desk(), cores[0]


def main():
    program, texts, fixtures, report, *schemas = sys.argv[1:]
    tool = Tool(program, [report, *schemas])
    # the schema of several reports refers to that of one
    several = tool.validators['panictrail-reports/1'].schema
    items = several['properties']['reports']['items']
    expect(items == {'$ref': pathlib.Path(report).name}, f'{items}')
    several['properties']['reports']['items'] = json.loads(pathlib.Path(report).read_text())
    found = sorted(pathlib.Path(texts).glob('*.txt'))
    if not found:
        sys.exit(f'no text in {texts}')
    cores = sorted(pathlib.Path(fixtures).glob('good-late/vmcore'))
    with tempfile.TemporaryDirectory() as folder:
        return run_cases(cases(tool, found, cores, pathlib.Path(folder)))


if __name__ == '__main__':
    sys.exit(main())
