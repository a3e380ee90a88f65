#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Dumps that lack pages or mix them up, from outside.
Usage: test_pages.py PANICTRAIL FIXTURES SCHEMA

A dump that lacks the page of a task that ran, though that is memory, is one that was filtered
wrongly: the first gap names the task. Neither what distill made nor a dump that is cut short is
taken for one. Without types the chain can be read. Of a tenth of a dump the first screen has what headers and notes hold. Of a dump whose bitmap leads to other pages nothing is believed. Prints one line for
each case; exits with 1 if one fails.
"""
import pathlib
import sys
import tempfile

import dumps
from test_cli import FINE, Tool, expect, run_cases

SAYS = 'pages in use were left out'


def gaps(tool, path, content):
    path.write_bytes(content)
    return tool.run_json(path, status=FINE)['gaps']


def says(found):
    return [gap for gap in found if SAYS in gap['why']]


def tasks(tool, core, dump):
    """CPU, and the page of its task among the few that have its name."""
    for cpu in tool.run_json(core, status=FINE)['cpus']:
        if cpu['task']:
            comm = cpu['task']['comm'].encode().ljust(16, b'\0')
            found = {pfn for i, pfn in enumerate(dump.pfns) if comm in dump.page(i)}
            if 0 < len(found) < 4:
                yield cpu['cpu'], found


def check_wrongly_filtered(tool, core, folder):
    dump, path = dumps.Kdump(core.read_bytes()), folder / 'filtered'
    own = list(tasks(tool, core, dump))
    expect(own, 'no task whose page is known')
    expect(not says(gaps(tool, path, dump.filtered(()))), 'nothing is missing, and a gap says so')
    for cpu, lost in own:
        found = gaps(tool, path, dump.filtered(lost))
        expect(len(says(found)) == 1, f'CPU {cpu}: {found}')
        expect(says(found) == found[:1] and found[0]['what'] == 'input', f'CPU {cpu}: not first')
        expect(f'the task of CPU {cpu} at 0x' in found[0]['why'], f'CPU {cpu}: {found[0]}')
        text = tool.run(path, status=FINE).stdout.decode()
        expect(SAYS in text.split('\nStages')[0], f'CPU {cpu}: not on the first screen')


def check_innocent(tool, core, folder):
    """As distill wrote it; without a task, but all that there is; cut short."""
    content, path = core.read_bytes(), folder / 'innocent'
    dump = dumps.Kdump(content)
    lost = next(tasks(tool, core, dump))[1]
    filtered = dump.filtered(lost)
    ones = bytearray(filtered)
    ones[dump.bitmap1:dump.bitmap2] = content[dump.bitmap1:dump.bitmap2]
    for name, made in ('distilled', content), ('without a task', bytes(ones)), \
                      ('cut', filtered[:len(filtered) * 3 // 4]):
        expect(not says(gaps(tool, path, made)), name)


def check_other_pages(tool, core, folder):
    """As many bits as before, but the page of the machine's names is that of the page before it."""
    content, path = bytearray(core.read_bytes()), folder / 'other'
    dump = dumps.Kdump(bytes(content))
    names = b'Linux'.ljust(65, b'\0')
    found = [i for i in range(len(dump.pfns)) if names in dump.page(i)]
    expect(len(found) == 1, f'names on {len(found)} pages')
    first = dump.pfns[found[0]]
    free = next(pfn for pfn in range(first, dump.max_pfn) if pfn not in dump.pfns)
    for pfn in dump.pfns[found[0] - 1], free:
        content[dump.bitmap2 + pfn // 8] ^= 1 << pfn % 8
    path.write_bytes(content)
    report = tool.run_json(path, status=FINE)
    expect(any('so none is believed' in gap['why'] for gap in report['gaps']), report['gaps'])
    expect(report['panic']['message'] is None and report['panic']['entered'] == 'unknown',
           report['panic'])
    expect({stage['outcome'] for stage in report['stages']} <= {'unknown'}, 'stages')


BTF = b'\x9f\xeb\x01\0\x18\0\0\0'  # magic, version, flags, size of the header; include/uapi/linux/btf.h


def check_without_types(tool, core, folder):
    """Without the first page of BTF: chain, dumpers and NMI stacks lie where they always did."""
    dump, path = dumps.Kdump(core.read_bytes()), folder / 'untyped'
    lost = {pfn for i, pfn in enumerate(dump.pfns) if BTF in dump.page(i)}
    expect(len(lost) == 1, f'BTF on {len(lost)} pages')
    path.write_bytes(dump.filtered(lost))
    whole, report = (tool.run_json(one, status=FINE) for one in (core, path))
    expect('btf' not in report['symbols']['sources'], 'BTF is still there')
    expect(report['notifier_chain']['complete'], report['notifier_chain'])
    for key in 'position', 'priority', 'address':
        have, want = ([n[key] for n in r['notifiers']] for r in (report, whole))
        expect(want and have == want, f'{key}: {have} instead of {want}')
    have, want = ([d['outcome'] for d in r['kmsg_dumpers']] for r in (report, whole))
    expect(want and have == want, f'dumpers: {have} instead of {want}')
    have, want = ([(c['outcome'], c['how']) for c in r['cpus']] for r in (report, whole))
    expect(want and have == want, f'CPUs: {have} instead of {want}')


def check_tenth(tool, core, folder):
    content, path = core.read_bytes(), folder / 'tenth'
    path.write_bytes(content[:len(content) // 10])
    whole = tool.run_json(core, status=FINE)
    sets = [cpu['frames'][0]['address'] for cpu in whole['cpus'] if cpu['registers'] == 'saved']
    screen = tool.run(path, status=FINE).stdout.decode().split('\n\n')[0]
    for wanted in (whole['kernel']['release'], whole['kernel']['build_id'],
                   f'{len(sets)} register sets of unknown CPUs', *sets):
        expect(wanted in screen, f'no {wanted}: {screen}')


def main():
    program, fixtures, schema = sys.argv[1:4]
    cores = [pathlib.Path(fixtures) / name / 'vmcore'
             for name in ('good-late', 'good-5.10-late', 'good-6.12-late', 'good-7.2-late')]
    tool = Tool(program, [schema])
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        return run_cases([case for core in cores for case in (
            (f'{core.parent.name}: wrongly filtered', check_wrongly_filtered, tool, core, folder),
            (f'{core.parent.name}: innocent', check_innocent, tool, core, folder),
            (f'{core.parent.name}: other pages', check_other_pages, tool, core, folder),
            (f'{core.parent.name}: without types', check_without_types, tool, core, folder),
            (f'{core.parent.name}: a tenth', check_tenth, tool, core, folder))])


if __name__ == '__main__':
    sys.exit(main())
