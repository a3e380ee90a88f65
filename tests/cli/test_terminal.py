#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What a terminal gets and a pipe does not. Usage: test_terminal.py PANICTRAIL FIXTURES SCHEMA

Pager, width and progress. Prints one line for each case; exits with 1 if one fails.
"""
import fcntl
import os
import pathlib
import pty
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time

from test_cli import (EM_AARCH64, FINE, TIMEOUT, ESC, elf_core, environment, expect, run_cases,
                      short)

EM_X86_64 = 62
BOTH = b'in the pager\n'


class Terminal:
    """Runs the program with some of its streams on a terminal of a size."""

    def __init__(self, program):
        self.program = program

    def run(self, *args, rows=10, columns=80, out=True, err=False, **env):
        """(status, what came out of the terminal, what came out of the other streams)"""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack('4H', rows, columns, 0, 0))
        screen, rest = [], []
        clean = {name: value for name, value in environment().items()
                 if name not in ('PANICTRAIL_PAGER', 'PAGER', 'LESS')} | env
        with subprocess.Popen([self.program, *map(str, args)], stdin=subprocess.DEVNULL, env=clean,
                              stdout=theirs if out else subprocess.PIPE,
                              stderr=theirs if err else subprocess.PIPE) as process:
            os.close(theirs)
            readers = [threading.Thread(target=drain, args=(ours, screen))]
            for stream in (process.stdout, process.stderr):
                if stream:
                    readers.append(threading.Thread(target=drain, args=(stream.fileno(), rest)))
            for reader in readers:
                reader.start()
            try:
                process.wait(TIMEOUT)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
            for reader in readers:
                reader.join()
        os.close(ours)
        return process.returncode, b''.join(screen), b''.join(rest)


def drain(descriptor, into):
    try:
        while chunk := os.read(descriptor, 65536):
            into.append(chunk)
    except OSError:  # how Linux says that the other side of a terminal was closed
        pass


# Pager

def mark(folder):
    """A pager that leaves what it was given in a file, beside what $LESS was."""
    return f'{{ echo "$LESS"; cat; }} > {folder}/paged; echo in the pager'


def check_pager(terminal, core, folder):
    for name in ('PANICTRAIL_PAGER', 'PAGER'):
        status, screen, rest = terminal.run(core, **{name: mark(folder)})
        expect(status in FINE, f'status {status}, {short(rest)}')
        expect(screen.replace(b'\r', b'') == BOTH, f'{name} not used: {short(screen)}')
        less, _, text = (folder / 'paged').read_bytes().partition(b'\n')
        expect(less == b'FRX', f'LESS is {less}')
        expect(b'verdict' in text and ESC in text, f'the pager got {short(text)}')


def check_first_pager(terminal, core, folder):
    _, screen, _ = terminal.run(core, PANICTRAIL_PAGER=mark(folder), PAGER='exit 3')
    expect(screen.replace(b'\r', b'') == BOTH, 'PAGER was asked before PANICTRAIL_PAGER')


def check_less_kept(terminal, core, folder):
    terminal.run(core, PAGER=mark(folder), LESS='M')
    expect((folder / 'paged').read_bytes().startswith(b'M\n'), 'LESS of the user was changed')


def check_no_pager(terminal, core, folder, *args, **how):
    status, screen, rest = terminal.run(*args, core, **{'PAGER': mark(folder)} | how)
    expect(status in FINE, f'status {status}')
    expect(BOTH[:-1] not in screen + rest, 'paged')
    return screen


def check_pager_fails(terminal, core, pager):
    _, screen, _ = terminal.run(core, PAGER=pager)
    expect(b'verdict' in screen, 'no report')


def check_pager_left(terminal, core):
    """A pager that reads nothing, as when q is pressed at once."""
    status, _, rest = terminal.run(core, PAGER='exit 0')
    expect(status in FINE and rest == b'', f'status {status}, {short(rest)}')


# Width, escapes

def check_width(terminal, core):
    """A table is as wide as the terminal at most; what must not be cut goes on."""
    narrow, wide = (terminal.run('--no-pager', core, columns=columns)[1] for columns in (60, 200))
    expect(max(map(len, narrow.split(b'\n'))) < max(map(len, wide.split(b'\n'))),
           'a narrow terminal gets lines as long as a wide one')


def check_plain(terminal, core):
    """Nothing of a terminal in a pipe, not even when stderr is one, and the other way round."""
    _, screen, rest = terminal.run(core, out=False, err=True)
    expect(screen == b'', f'on stderr: {short(screen)}')
    expect(ESC not in rest and b'\r' not in rest, 'escapes on stdout')
    _, screen, _ = terminal.run('--no-pager', core, NO_COLOR='1')
    expect(ESC not in screen, 'colours in spite of NO_COLOR')
    _, screen, _ = terminal.run('--no-pager', '--color=never', core)
    expect(ESC not in screen, 'colours in spite of --color=never')


# Progress

def write_slowly(path, core):
    """A flattened dump that takes longer than a second. Source: makedumpfile(8) -F."""
    content = core.read_bytes()
    with open(path, 'wb', buffering=0) as pipe:
        pipe.write((b'makedumpfile'.ljust(16, b'\0') + struct.pack('>2q', 1, 1)).ljust(4096, b'\0'))
        part = len(content) // 8 + 1
        for offset in range(0, len(content), part):
            piece = content[offset:offset + part]
            pipe.write(struct.pack('>2q', offset, len(piece)) + piece)
            time.sleep(0.25)
        pipe.write(struct.pack('>2q', -1, -1))


def run_slowly(terminal, core, folder, **how):
    path = folder / 'pipe'
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    writer = threading.Thread(target=write_slowly, args=(path, core), daemon=True)
    writer.start()
    status, screen, rest = terminal.run(path, **how)
    writer.join(TIMEOUT)
    expect(status in FINE, f'status {status}, {short(rest)}')
    return screen, rest


def check_rearranging(terminal, core, folder):
    screen, rest = run_slowly(terminal, core, folder, out=False, err=True)
    expect(b'panictrail: rearranging the flattened dump, ' in screen, f'stderr: {short(screen)}')
    expect(screen.endswith(b' \r'), 'the line is not taken off the screen')
    expect(b'verdict' in rest, 'no report')


def check_no_progress(terminal, core, folder):
    _, rest = run_slowly(terminal, core, folder, out=True, err=False, PAGER='')
    expect(rest == b'', f'stderr: {short(rest)}')


def make_hollow(path):
    """An ELF core of 32 GiB of zeros, which hold no VMCOREINFO."""
    size = 32 << 30
    head = bytearray(elf_core(EM_AARCH64)[:4096])
    struct.pack_into('<H', head, 18, EM_X86_64)
    load = 64 + 56
    struct.pack_into('<2Q', head, load + 32, size, size)
    with open(path, 'wb') as file:
        file.write(head)
        file.truncate(4096 + size)


def check_searching(terminal, folder):
    path = folder / 'hollow'
    make_hollow(path)
    _, screen, _ = terminal.run('--time-limit', 3, path, out=False, err=True)
    expect(b'panictrail: searching memory for VMCOREINFO, ' in screen and b'%' in screen,
           f'stderr: {short(screen)}')
    _, _, rest = terminal.run('--time-limit', 2, '-o', folder / 'report', path)
    expect(rest == b'', f'stderr is no terminal: {short(rest)}')


def cases(terminal, core, folder):
    """(name, function, arguments) of every case."""
    yield 'pager', check_pager, terminal, core, folder
    yield 'PANICTRAIL_PAGER before PAGER', check_first_pager, terminal, core, folder
    yield 'LESS stays', check_less_kept, terminal, core, folder
    for name, args, how in [
            ('--no-pager', ['--no-pager'], {}),
            ('-o', ['-o', folder / 'out'], {}),
            ('JSON', ['--format', 'json'], {}),
            ('a pipe', [], {'out': False}),
            ('text that fits', [], {'rows': 5000}),
            ('PAGER=cat', [], {'PAGER': 'cat'}),
            ('PAGER empty', [], {'PAGER': ''}),
            ('PANICTRAIL_PAGER empty', [], {'PANICTRAIL_PAGER': ''})]:
        yield (f'no pager: {name}', lambda args=args, how=how:
               check_no_pager(terminal, core, folder, *args, **how))
    yield 'a pager that is missing', check_pager_fails, terminal, core, 'no-such-pager-of-ours'
    yield 'a pager that is left', check_pager_left, terminal, core
    yield 'width', check_width, terminal, core
    yield 'nothing of a terminal elsewhere', check_plain, terminal, core
    yield 'progress: rearranging', check_rearranging, terminal, core, folder
    yield 'progress: none in a pipe', check_no_progress, terminal, core, folder
    yield 'progress: searching', check_searching, terminal, folder


def main():
    program, fixtures = sys.argv[1:3]
    cores = [path for path in pathlib.Path(fixtures).glob('*/vmcore')
             if not path.parent.name.startswith('unsupported-')]
    core = min(cores, key=lambda path: path.stat().st_size)
    terminal = Terminal(program)
    with tempfile.TemporaryDirectory() as folder:
        return run_cases(cases(terminal, core, pathlib.Path(folder)))


if __name__ == '__main__':
    sys.exit(main())
