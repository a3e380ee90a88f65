#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line from outside. Usage: test_cli.py PANICTRAIL FIXTURES SCHEMA

Exit statuses, what goes to stdout and what to stderr, damaged and foreign input, and that a
report is the same each time. Prints one line for each case; exits with 1 if one fails.
"""
import json
import os
import pathlib
import pty
import resource
import shutil
import signal
import struct
import subprocess
import sys
import tempfile

import jsonschema

FINE, USAGE, UNREADABLE, INCOMPLETE, OWN_ERROR = 0, 2, 3, 4, 5
FIRST_SCREEN = 20
TIMEOUT = 120
ESC = b'\x1b'
MAX_DISTILLED = 4 << 20

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
    """That of the caller (a sanitizer's options are there), without what changes a report."""
    env = {name: value for name, value in os.environ.items()
           if name not in ('NO_COLOR', 'COLUMNS', 'LINES')}
    return env | {'LC_ALL': 'C', 'TERM': 'xterm-256color'} | more


class Tool:
    def __init__(self, path, schema):
        self.path = path
        self.validator = jsonschema.validators.validator_for(schema)(schema)

    def run(self, *args, status=None, **more):
        done = subprocess.run([self.path, *map(str, args)], stdin=subprocess.DEVNULL,
                              capture_output=True, env=environment(), timeout=TIMEOUT, check=False,
                              **more)
        if status is not None:
            expect(done.returncode == status, f'status {done.returncode} instead of {status}, '
                   f'stderr {short(done.stderr, 2000)}')
        return done

    def run_json(self, *args, status):
        """A report that holds what the schema says."""
        out = self.run('--format', 'json', *args, status=status).stdout
        try:
            report = json.loads(out)
        except ValueError as error:
            raise Failure(f'not JSON ({error}): {short(out)}') from error
        for error in self.validator.iter_errors(report):
            where = '/'.join(map(str, error.absolute_path))
            raise Failure(f'against the schema at "{where}": {error.message[:300]}')
        return report

    def run_on_terminal(self, *args, **env):
        """The output where stdout is a terminal."""
        ours, theirs = pty.openpty()
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

def check_help(tool):
    done = tool.run('--help', status=FINE)
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


# Real cores

def check_json(tool, core):
    report = tool.run_json(core, status=FINE)
    expect(report['schema'] == 'panictrail-report/1', f'schema {report["schema"]}')


def check_same_bytes(tool, core):
    for style in ('text', 'json'):
        first, second = (tool.run('--format', style, core, status=FINE).stdout for _ in range(2))
        expect(first == second, f'two runs with --format {style} differ')


def check_text(tool, core):
    out = tool.run(core, status=FINE).stdout
    expect(ESC not in out, 'colours, and stdout is no terminal')
    lines = out.decode().split('\n')
    screen = lines.index('') if '' in lines else len(lines)
    expect(0 < screen <= FIRST_SCREEN, f'the first screen has {screen} lines')


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


# Distilled dumps

def distill(tool, core, path, status=FINE, **more):
    done = tool.run('distill', core, '-o', path, status=status, **more)
    expect(done.stdout == b'', f'stdout: {short(done.stdout)}')
    return done


def reports(tool, core):
    """Text and JSON without the name of the file."""
    return [tool.run('--format', style, core, status=FINE).stdout.replace(bytes(core), b'CORE')
            for style in ('text', 'json')]


def check_distilled(tool, core, folder):
    first, second = folder / 'distilled', folder / 'again'
    distill(tool, core, first)
    distill(tool, first, second)
    expect(first.stat().st_size < MAX_DISTILLED, f'{first.stat().st_size} bytes')
    expect(reports(tool, first) == reports(tool, core), 'another report')
    expect(first.read_bytes() == second.read_bytes(), 'distilled again: other bytes')


def distilled_again(tool, core, folder):
    distill(tool, core, folder / 'again')
    return (folder / 'again').read_bytes()


def check_dmesg(tool, core, folder):
    """Other tools read it: makedumpfile gives the log."""
    path, log = folder / 'distilled', folder / 'dmesg'
    distill(tool, core, path)
    expect(path.read_bytes() == distilled_again(tool, core, folder), 'two runs differ')
    log.unlink(missing_ok=True)
    subprocess.run(['makedumpfile', '--dump-dmesg', path, log], capture_output=True, check=False,
                   timeout=TIMEOUT)
    expect(log.exists() and b'Kernel panic' in log.read_bytes(), 'makedumpfile gives no log')


def check_distill_usage(tool, core, folder):
    tool.run('distill', core, status=USAGE)
    done = tool.run('distill', core, '-o', '/dev/null', status=USAGE)
    expect(b'/dev/null' in done.stderr, f'file not named: {short(done.stderr)}')
    done = tool.run('distill', core, '-o', core, status=USAGE)
    expect(b'the output is the input' in done.stderr, f'stderr: {short(done.stderr)}')
    tool.run('distill', folder / 'missing', '-o', folder / 'none', status=UNREADABLE)
    expect(not (folder / 'none').exists(), 'a file, though there is no input')


def check_distill_failed_write(tool, core, folder):
    """The disk is full in the middle: what was there before stays, and nothing else is left."""
    place = folder / 'full'
    place.mkdir()
    path = place / 'core'
    path.write_bytes(b'before')

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
    distill(tool, core, path, status=OWN_ERROR, preexec_fn=limit)
    expect(path.read_bytes() == b'before', 'the old file is gone')
    expect(os.listdir(place) == ['core'], f'left behind: {os.listdir(place)}')
    distill(tool, core, '/nonexistent/x', status=OWN_ERROR)


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


def cases(tool, cores, folder):
    """(name, function, arguments) of every case."""
    smallest = min(cores, key=lambda core: core.stat().st_size)
    cut = folder / 'cut'
    content = smallest.read_bytes()
    cut.write_bytes(content[:len(content) * 6 // 10])

    yield '--help', check_help, tool
    yield '--version', check_version, tool
    yield 'no argument', check_usage_error, tool
    yield 'an unknown option', check_usage_error, tool, '--no-such-option', smallest
    yield 'an unknown format', check_usage_error, tool, '--format', 'no-such-format', smallest
    # Several inputs of one crash are to be merged; until then they are refused.
    yield 'two inputs', check_usage_error, tool, smallest, smallest

    for name, path in bad_inputs(folder, smallest):
        yield name, tool.refuse, path

    for core in cores:
        name = core.relative_to(core.parent.parent)
        if core.parent.name.startswith('unsupported-'):
            yield f'{name}: refused', tool.refuse, core
            continue
        yield f'{name}: JSON', check_json, tool, core
        yield f'{name}: same bytes', check_same_bytes, tool, core
        yield f'{name}: text', check_text, tool, core
        yield f'{name}: distilled', check_distilled, tool, core, folder

    yield 'colours', check_colour, tool, smallest
    yield '-o', check_output_file, tool, smallest, folder
    yield '-o into no directory', check_failed_write, tool, smallest, '/nonexistent/x'
    yield '-o on a full disk', check_failed_write, tool, smallest, '/dev/full'
    if shutil.which('makedumpfile'):
        yield 'distill: makedumpfile', check_dmesg, tool, smallest, folder
    yield 'distill: usage', check_distill_usage, tool, smallest, folder
    yield 'distill: a failed write', check_distill_failed_write, tool, smallest, folder
    yield 'cut short, --strict', check_strict, tool, cut
    yield 'cut short, JSON', check_cut_json, tool, cut
    yield '--time-limit', check_time_limit, tool, smallest


def main():
    program, fixtures, schema_file = sys.argv[1:]
    schema = json.loads(pathlib.Path(schema_file).read_text())
    jsonschema.validators.validator_for(schema).check_schema(schema)
    tool = Tool(program, schema)
    cores = sorted(path for path in pathlib.Path(fixtures).glob('*/vmcore*')
                   if path.suffix != '.txt')
    if not cores:
        sys.exit(f'no */vmcore in {fixtures}')

    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, function, *args in cases(tool, cores, pathlib.Path(folder)):
            try:
                function(*args)
                print(f'ok      {name}', flush=True)
            except (Failure, OSError, ValueError, KeyError, subprocess.TimeoutExpired) as error:
                print(f'FAILED  {name}: {error}', flush=True)
                failed += 1
    return failed > 0


if __name__ == '__main__':
    sys.exit(main())
