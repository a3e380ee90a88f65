#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Distilled dumps from outside. Usage: test_distill.py PANICTRAIL FIXTURES

A distilled dump gives the report of its dump, and the same bytes each time. Prints one line for
each case; exits with 1 if one fails.
"""
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import sys
import tempfile

from test_cli import FINE, OWN_ERROR, TIMEOUT, UNREADABLE, USAGE, Tool, expect, run_cases, short

MAX_DISTILLED = 4 << 20


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


def cases(tool, cores, folder):
    """(name, function, arguments) of every case."""
    for core in cores:
        yield f'{core.parent.name}: distilled', check_distilled, tool, core, folder
    smallest = min(cores, key=lambda core: core.stat().st_size)
    if shutil.which('makedumpfile'):
        yield 'makedumpfile', check_dmesg, tool, smallest, folder
    yield 'usage', check_distill_usage, tool, smallest, folder
    yield 'a failed write', check_distill_failed_write, tool, smallest, folder


def main():
    program, fixtures = sys.argv[1:3]
    cores = sorted(path for path in pathlib.Path(fixtures).glob('*/vmcore')
                   if not path.parent.name.startswith('unsupported-'))
    if not cores:
        sys.exit(f'no */vmcore in {fixtures}')
    tool = Tool(program)
    with tempfile.TemporaryDirectory() as folder:
        return run_cases(cases(tool, cores, pathlib.Path(folder)))


if __name__ == '__main__':
    sys.exit(main())
