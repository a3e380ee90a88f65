#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Dumps in other forms, from outside. Usage: test_formats.py PANICTRAIL FIXTURES SCHEMA WRAPPER...

A split dump, one that is compressed as a whole and one that is flattened give the report of the
dump they were made of; what is missing or damaged is a gap, what is no dump is refused. WRAPPER
names the compressions that PANICTRAIL was built with. Prints one line for each case; exits with 1
if one fails.
"""
import gzip
import io
import json
import lzma
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import threading

import dumps
from test_cli import (FINE, INCOMPLETE, OWN_ERROR, TIMEOUT, UNREADABLE, USAGE, Tool, environment,
                      expect, run_cases, short)
from test_facts import lines_but_input

LIBRARIES = {'gzip': 'zlib', 'xz': 'liblzma', 'zstd': 'libzstd', 'lz4': 'liblz4'}


def packed(wrapper, content):
    """Compressed by Python, or by the program of that name."""
    if wrapper == 'gzip':
        return gzip.compress(content, 1, mtime=0)
    if wrapper == 'xz':
        return lzma.compress(content, preset=1)
    return subprocess.run([wrapper, '-qc'], input=content, stdout=subprocess.PIPE, check=True,
                          timeout=TIMEOUT).stdout


def report_of(tool, *files, verb='report'):
    """What a report says of the dump: no word of the input, and no line of the text."""
    report = tool.run_json(*files, status=FINE, verb=verb)
    for key in 'path', 'format', 'wrapper', 'parts':
        report['inputs'][0].pop(key)
    text = tool.run(*files, status=FINE).stdout
    return report, [line for line in lines_but_input(text) if not line.startswith(b'input ')]


def gaps_of(tool, *files, status=FINE):
    report = tool.run_json(*files, status=status)
    expect(report['complete'] is False, 'complete')
    given = {'input', *map(str, files)}
    return ' | '.join(gap['why'] for gap in report['gaps'] if gap['what'] in given)


def has(said, *words):
    for word in words:
        expect(word in said, f'no "{word}": {said[:600]}')


def write(folder, name, content):
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return path


def write_parts(folder, parts):
    return [write(folder, f'part.{i}', part) for i, part in enumerate(parts, 1)]


# Split

def check_split(tool, core, folder, n):
    parts = dumps.split(core.read_bytes(), n)
    paths = write_parts(folder / f'split-{n}', parts)
    expect(report_of(tool, *paths) == report_of(tool, core), 'another report')
    given = tool.run_json(*paths, status=FINE)['inputs'][0]['parts']
    expect([(p['path'], p['start_pfn'], p['end_pfn']) for p in given] ==
           [(str(path), *pages) for path, pages in zip(paths, dumps.ranges(parts))],
           f'parts: {given}')
    for style in 'text', 'json':
        first, second = (tool.run('--format', style, *order, status=FINE).stdout
                         for order in (paths, paths[::-1]))
        expect(first == second, f'in another order another report, --format {style}')
    expect(report_of(tool, folder / f'split-{n}') == report_of(tool, core), 'as a directory')
    (folder / f'split-{n}' / 'README.txt').write_text('Kernel crashdump\n----------------\n')
    expect(report_of(tool, folder / f'split-{n}') == report_of(tool, core), 'and a page of words')


def check_reassembled(tool, core, folder):
    """Another reader's opinion of the files that were made here."""
    paths = write_parts(folder / 'reassemble', dumps.split(core.read_bytes(), 3))
    whole = folder / 'reassembled'
    subprocess.run(['makedumpfile', '--reassemble', *paths, whole], capture_output=True, check=True,
                   timeout=TIMEOUT)
    expect(report_of(tool, whole) == report_of(tool, core), 'another report')


def check_missing(tool, core, folder):
    parts = dumps.split(core.read_bytes(), 4)
    paths = write_parts(folder / 'missing', parts)
    pages = dumps.ranges(parts)
    for given in ([0, 1, 3], [0, 3], [2], [0, 1, 2]):
        why = gaps_of(tool, *(paths[i] for i in given))
        for i in range(len(pages)):
            edge = f'0x{pages[i][0]:x} to '
            first = i not in given and (i == 0 or i - 1 in given)
            expect((edge in why) == first, f'{given}: "{edge}"? {why}')
        last = max(i for i in range(len(pages)) if i not in given)
        has(why, f' to 0x{pages[last][1] - 1:x} are in a file of the split dump that is not here')
    tool.run('--strict', *paths[:2], status=INCOMPLETE)


def check_unreadable(tool, core, folder):
    """One bad file among several is a gap that names it."""
    parts = dumps.split(core.read_bytes(), 3)
    for name, content in ('empty', b''), ('head', parts[1][:2000]), ('cut', parts[1][:-5000]):
        paths = write_parts(folder / name, parts)
        paths[1].write_bytes(content)
        has(gaps_of(tool, *paths), str(paths[1]))
    why = gaps_of(tool, paths[0], folder / 'none', paths[2])
    has(why, f'{folder / "none"}: No such file')
    planted = folder / 'planted'
    tool.run('facts', '--redact', paths[0], folder / 'none', paths[2], '-o', planted, status=FINE)
    expect(str(folder).encode() not in planted.read_bytes(), 'a path is left')
    done = tool.run(folder / 'none', folder / 'nothing', status=UNREADABLE)
    has(done.stderr.decode(), f'{folder / "none"}: No such file')


def check_strangers(tool, core, folder):
    content = core.read_bytes()
    other = bytearray(content)
    other[408] ^= 1     # the time stamp
    paths = write_parts(folder / 'strangers', dumps.split(content, 3))
    stranger = write_parts(folder / 'other', dumps.split(bytes(other), 3))[1]
    program = write(folder, 'vmlinux', pathlib.Path(sys.executable).read_bytes()[:4096])
    for files, words in (
            ([*paths[:2], stranger], [str(stranger), 'another split dump', 'time stamps']),
            ([*paths[:2], paths[1]], [str(paths[1]), 'that', 'has too'])):
        done = tool.run(*files, status=UNREADABLE)
        expect(done.stdout == b'' and done.stderr.count(b'\n') == 1, short(done.stderr))
        has(done.stderr.decode(), *words)
    both = tool.run_json(*paths, core, status=FINE)
    expect([r['dump']['method'] for r in both['reports']] == ['kdump', 'kdump'], 'two dumps, two crashes')
    has(gaps_of(tool, *paths, program), str(program), 'an ELF executable')
    shutil.copy(core, folder / 'strangers' / 'vmcore')
    done = tool.run(folder / 'strangers', status=UNREADABLE)
    has(done.stderr.decode(), 'holds several dumps, part.1 and part.2 among them')
    done = tool.run('-o', paths[2], *paths, status=USAGE)
    has(done.stderr.decode(), f'{paths[2]}: the output is the input')


def check_other_verbs(tool, core, folder):
    """What is saved and distilled of the files is that of the dump."""
    paths = write_parts(folder / 'verbs', dumps.split(core.read_bytes(), 3))
    saved, distilled, wanted = (folder / name for name in ('saved', 'distilled', 'wanted'))
    tool.run('facts', *paths, '-o', saved, status=FINE)
    expect(report_of(tool, saved)[0]['notifiers'] == report_of(tool, core)[0]['notifiers'],
           'another chain')
    expect(tool.run('facts', saved, status=FINE).stdout == saved.read_bytes(), 'saved again')
    tool.run('distill', *paths, '-o', distilled, status=FINE)
    tool.run('distill', core, '-o', wanted, status=FINE)
    expect(distilled.read_bytes() == wanted.read_bytes(), 'distilled: other bytes')
    expect(tool.run('log', *paths, status=FINE).stdout == tool.run('log', core).stdout, 'log')


# Compressed as a whole

def check_wrapped(tool, core, folder, wrapper):
    content = core.read_bytes()
    path = write(folder / f'dir-{wrapper}', 'vmcore', packed(wrapper, content))
    flat = write(folder, f'flat-{wrapper}', packed(wrapper, dumps.flatten(content)))
    parts = write_parts(folder / f'parts-{wrapper}',
                        [packed(wrapper, part) for part in dumps.split(content, 2)])
    wanted = report_of(tool, core)
    for name, kind, files in ('itself', 'kdump', [path]), ('flattened', 'flat-kdump', [flat]), \
            ('parts', 'kdump', parts), ('a directory', 'kdump', [path.parent]):
        expect(report_of(tool, *files) == wanted, f'{name}: another report')
        said = tool.run_json(*files, status=FINE)['inputs'][0]
        expect((said['wrapper'], said['format']) == (wrapper, kind), f'{name}: input {said}')
    text = tool.run(path, status=FINE).stdout.decode()
    has(text, f'input      kdump in {wrapper}, file whole; no gaps')
    half = len(content) // 2
    twice = write(folder, 'twice', packed(wrapper, content[:half]) + packed(wrapper, content[half:]))
    expect(report_of(tool, twice) == wanted, 'two streams: another report')


def check_cut(tool, core, folder, wrapper):
    """Whatever is cut off, there is a report or one line, and the gap says where it broke."""
    whole = packed(wrapper, core.read_bytes())
    path = folder / f'cut-{wrapper}'
    for n in [len(whole) * i // 12 for i in range(12)] + [7, 300, len(whole) - 1]:
        path.write_bytes(whole[:n])
        done = tool.run(path)
        if done.returncode == UNREADABLE:
            expect(done.stdout == b'' and done.stderr.count(b'\n') == 1, short(done.stderr))
            continue
        has(gaps_of(tool, path), f'unpacked only up to byte {n} of its {wrapper} stream',
            'the file ends there')
    tool.run('--strict', path, status=INCOMPLETE)
    path.write_bytes(whole + b'something else')
    has(gaps_of(tool, path), f'what follows its end is no {wrapper} stream')
    damaged = bytearray(whole)
    for i in range(20):
        damaged[len(whole) // 2 + i] ^= 0x5a
    path.write_bytes(damaged)
    has(gaps_of(tool, path), f'of its {wrapper} stream')


def check_refused(tool, folder, wrapper):
    log = b'[    0.000000] Linux version 6.1.0\n' * 30
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode='w') as tar:
        tar.addfile(tarfile.TarInfo('vmcore'))
    command = f'{wrapper} -dc FILE > vmcore'
    for name, content, *words in (
            ('tar', archive.getvalue(), 'a tar archive'),
            ('zeros', bytes(5000), 'starts with 00 00'),
            ('nothing', b'', 'the file is empty'),
            ('nested', packed('gzip', log), 'inside with gzip', command)):
        path = write(folder, f'{name}-{wrapper}', packed(wrapper, content))
        tool.refuse(path)
        has(tool.run(path).stderr.decode(), f'compressed with {wrapper}', *words)
    path = write(folder, f'log-{wrapper}', packed(wrapper, log))
    expect(tool.run_json(path, status=FINE)['kernel']['release'] == '6.1.0', 'a log that is wrapped')


def check_missing_library(tool, core, folder, wrapper):
    path = write(folder / f'without-{wrapper}', 'vmcore', packed(wrapper, core.read_bytes()))
    for given in path, path.parent:
        tool.refuse(given)
        has(tool.run(given).stderr.decode(), f'built without {LIBRARIES[wrapper]}',
            f'unpack it first: {wrapper} -dc FILE > vmcore')


def run_piped(tool, content):
    """The report of what comes from a pipe."""
    with subprocess.Popen([tool.path, '/dev/stdin'], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, env=environment()) as process:
        def feed():
            try:
                process.stdin.write(content)
                process.stdin.close()
            except BrokenPipeError:
                pass
        threading.Thread(target=feed, daemon=True).start()
        out, err = process.stdout.read(), process.stderr.read()
        return process.wait(TIMEOUT), out, err


def check_pipe(tool, core):
    content = core.read_bytes()
    wanted = report_of(tool, core)[1]
    for name, piped in (('plain', content), ('flattened', dumps.flatten(content)),
                        ('gzip', packed('gzip', content)),
                        ('both', packed('gzip', dumps.flatten(content)))):
        status, out, _ = run_piped(tool, piped)
        expect(status in FINE, f'{name}: status {status}')
        expect([line for line in lines_but_input(out) if not line.startswith(b'input ')] == wanted,
               f'{name}: another report')
    status, out, err = run_piped(tool, b'no dump, but a text\n' * 9)
    expect(status == UNREADABLE and b'a text' in err, f'status {status}, {short(err)}')


def check_room(tool, core, folder):
    """No place to unpack into; too little of it; none left in the middle."""
    path = write(folder, 'room', packed('gzip', core.read_bytes()))
    done = subprocess.run([tool.path, path], env=environment(TMPDIR='/nonexistent'), check=False,
                          capture_output=True, timeout=TIMEOUT)
    expect(done.returncode == UNREADABLE, f'status {done.returncode}')
    has(done.stderr.decode(), str(path), 'cannot make a file in /nonexistent')

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
    done = tool.run('--format', 'json', path, status=FINE, preexec_fn=limit)
    has(json.loads(done.stdout)['gaps'][0]['why'], 'has no room for more than', 'TMPDIR')


def check_bomb(tool, core, folder):
    """Zeros without end behind a good head: it stops, and says what to do."""
    path = folder / 'bomb'
    content = core.read_bytes()
    with path.open('wb') as file, subprocess.Popen(['zstd', '-qc'], stdin=subprocess.PIPE,
                                                   stdout=file) as process:
        process.stdin.write(content[:len(content) // 8])
        for _ in range(8 << 10):
            process.stdin.write(bytes(1 << 20))
        process.stdin.close()
    has(gaps_of(tool, path), 'bytes of so few, which is the limit', 'zstd -dc FILE > vmcore')


def check_time_limit(tool, core, folder):
    path = write(folder, 'late', packed('gzip', core.read_bytes()))
    done = tool.run('--time-limit', '0.001', path, status=OWN_ERROR)
    expect(b'verdict' in done.stdout, 'no report')


def cases(tool, cores, wrappers, folder):
    """(name, function, arguments) of every case."""
    smallest = min(cores, key=lambda core: core.stat().st_size)
    for core in cores:
        for n in 2, 4:
            yield f'{core.parent.name}: split in {n}', check_split, tool, core, folder, n
    if shutil.which('makedumpfile'):
        yield 'split, makedumpfile', check_reassembled, tool, smallest, folder
    yield 'split, files missing', check_missing, tool, smallest, folder
    yield 'split, bad files', check_unreadable, tool, smallest, folder
    yield 'split, strangers', check_strangers, tool, smallest, folder
    yield 'split, other verbs', check_other_verbs, tool, smallest, folder
    for wrapper in LIBRARIES:
        if wrapper not in wrappers:
            yield f'{wrapper}: no library', check_missing_library, tool, smallest, folder, wrapper
            continue
        yield f'{wrapper}', check_wrapped, tool, smallest, folder, wrapper
        yield f'{wrapper}: cut', check_cut, tool, smallest, folder, wrapper
        yield f'{wrapper}: refused', check_refused, tool, folder, wrapper
    yield 'from a pipe', check_pipe, tool, smallest
    yield 'no room', check_room, tool, smallest, folder
    if 'zstd' in wrappers:
        yield 'a bomb', check_bomb, tool, smallest, folder
    yield '--time-limit', check_time_limit, tool, smallest, folder


def main():
    program, fixtures, schema, schema_of_several, *wrappers = sys.argv[1:]
    cores = sorted(path for path in pathlib.Path(fixtures).glob('*/vmcore')
                   if not path.parent.name.startswith('unsupported-'))
    missing = [name for name in ('lz4', 'zstd') if not shutil.which(name)]
    if not cores or missing:
        sys.exit(f'no */vmcore in {fixtures}' if not cores else f'missing: {missing}')
    tool = Tool(program, [schema, schema_of_several])
    some = sorted({min(cores, key=lambda core: core.stat().st_size)} |
                  {core for core in cores if 'qemu' in core.parent.name})
    with tempfile.TemporaryDirectory() as folder:
        os.environ['TMPDIR'] = folder
        return run_cases(cases(tool, some, wrappers, pathlib.Path(folder)))


if __name__ == '__main__':
    sys.exit(main())
