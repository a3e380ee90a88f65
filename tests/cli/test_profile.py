#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Profiles of kernels from outside. Usage: test_profile.py PANICTRAIL FIXTURES

A kernel's profile is kept in the cache and used again, and changes no report; one that is damaged,
of another kernel or not to be trusted is passed over with a word; a dump without symbols gives its
report with the profile. Prints one line for each case; exits with 1 if one fails.
"""
import json
import pathlib
import sys
import tempfile
import zlib

from test_cli import FINE, USAGE, Tool, expect, run_cases, short

MAX_WITHOUT_SYMBOLS = 500 << 10


def report(tool, core, *options):
    done = tool.run(core, '--format', 'json', *options, status=FINE)
    return done.stdout.replace(bytes(core), b'CORE'), done.stderr


def only_file(cache):
    files = list(cache.iterdir())
    expect(len(files) == 1 and files[0].suffix == '.profile', f'in the cache: {files}')
    return files[0]


def fresh(folder):
    return pathlib.Path(tempfile.mkdtemp(dir=folder)) / 'cache'


def check_kept(tool, core, folder):
    cache = fresh(folder)
    plain, said = report(tool, core, '--no-cache', '--cache-dir', cache)
    expect(not cache.exists() and not said, f'--no-cache: {cache.exists()}, {short(said)}')
    first, said = report(tool, core, '--cache-dir', cache)
    expect(first == plain and not said, f'another report, or {short(said)}')
    kept = only_file(cache).read_bytes()
    again, said = report(tool, core, '--cache-dir', cache)
    expect(again == plain and not said, f'with a profile another report, or {short(said)}')
    expect(only_file(cache).read_bytes() == kept, 'the second run changed the profile')


def check_shared(tool, cores, folder):
    """What one dump taught is right for every other one of that kernel."""
    cache, kernels = fresh(folder), set()
    for core in cores:
        plain = report(tool, core)[0]
        expect(report(tool, core, '--cache-dir', cache)[0] == plain, f'{core}: another report')
        kernels.add(json.loads(plain)['kernel']['build_id'])
    expect({path.stem for path in cache.iterdir()} == kernels, 'not one profile a kernel')
    expect(len(kernels) < len(cores), 'no two dumps of one kernel')


def with_sum(body):
    return b'panictrail-profile/1 crc32 %08x\n' % zlib.crc32(body) + body


def spoil(data, how):
    """A profile that must not be believed."""
    body = data.split(b'\n', 1)[1]
    document = json.loads(body)
    if how == 'another kernel':
        document['build_id'] = '0' * 40
    elif how == 'another place':
        document['symbols']['init_uts_ns'][0]['from_stext'] = '0x10'
    elif how == 'no answers':
        del document['members']
    elif how == 'a wild answer':
        document['symbols']['panic'] = [{'name': 'panic', 'type': 'T', 'from_stext': 7, 'size': -1}]
    elif how == 'a changed byte':
        return data.replace(b'0x1', b'0x2', 1)
    elif how == 'cut':
        return data[:len(data) // 2]
    elif how == 'empty':
        return b''
    return with_sum(json.dumps(document).encode())


def check_spoilt(tool, core, folder, how):
    cache = fresh(folder)
    plain = report(tool, core, '--cache-dir', cache)[0]
    path = only_file(cache)
    good = path.read_bytes()
    path.write_bytes(spoil(good, how))
    now, said = report(tool, core, '--cache-dir', cache)
    expect(now == plain, 'another report')
    expect(said.count(b'\n') == 1 and bytes(path) in said, f'stderr: {short(said)}')
    expect(path.read_bytes() == good, 'the profile was not made again')
    now, said = report(tool, core, '--cache-dir', cache)
    expect(now == plain and not said, f'still: {short(said)}')


def check_named(tool, core, folder):
    cache, bad = fresh(folder), folder / 'bad.profile'
    plain = report(tool, core, '--cache-dir', cache)[0]
    now, said = report(tool, core, '--no-cache', '--profile', only_file(cache))
    expect(now == plain and not said, f'another report, or {short(said)}')
    bad.write_bytes(b'no profile\n')
    for path in (bad, folder / 'missing'):
        now, said = report(tool, core, '--no-cache', '--profile', path)
        expect(now == plain and bytes(path) in said, f'stderr: {short(said)}')


def check_unkept(tool, core):
    now, said = report(tool, core, '--cache-dir', '/dev/null/x')
    expect(now == report(tool, core)[0] and b'not kept: /dev/null/x' in said,
           f'stderr: {short(said)}')


def check_damaged_dump(tool, core, folder):
    """What a dump that was cut short answers is not kept."""
    cache, cut = fresh(folder), folder / 'cut'
    data = core.read_bytes()
    cut.write_bytes(data[:len(data) * 9 // 10])
    tool.run(cut, '--cache-dir', cache, status=FINE)
    expect(not cache.exists(), 'its answers were kept')


def check_without_symbols(tool, core, folder):
    cache, small = fresh(folder), folder / 'small'
    done = tool.run('distill', core, '--without-symbols', '--cache-dir', cache, '-o', small,
                    status=FINE)
    profile = only_file(cache)
    expect(bytes(profile) in done.stderr, f'the profile is not named: {short(done.stderr)}')
    size = small.stat().st_size
    expect(size < MAX_WITHOUT_SYMBOLS, f'{size} bytes')
    plain = report(tool, core)[0]
    expect(report(tool, small, '--profile', profile)[0] == plain, 'another report')
    bare = json.loads(report(tool, small)[0])
    expect(bare['gaps'], 'without the profile no gap')


def check_without_symbols_usage(tool, core, folder):
    done = tool.run('distill', core, '--without-symbols', '--no-cache', '-o', folder / 'none',
                    status=USAGE)
    expect(b'--cache-dir' in done.stderr, f'stderr: {short(done.stderr)}')
    expect(not (folder / 'none').exists(), 'a dump that nobody can read')


def cases(tool, cores, folder):
    """(name, function, arguments) of every case."""
    core = min(cores, key=lambda core: core.stat().st_size)
    yield 'kept and used', check_kept, tool, core, folder
    yield 'shared', check_shared, tool, cores, folder
    for how in ('another kernel', 'another place', 'no answers', 'a wild answer', 'a changed byte',
                'cut', 'empty'):
        yield f'passed over: {how}', check_spoilt, tool, core, folder, how
    yield 'named', check_named, tool, core, folder
    yield 'not kept', check_unkept, tool, core
    yield 'of a damaged dump', check_damaged_dump, tool, core, folder
    for core in cores:
        yield f'{core.parent.name}: without symbols', check_without_symbols, tool, core, folder
    yield 'without symbols, usage', check_without_symbols_usage, tool, core, folder


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
