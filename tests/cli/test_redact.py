#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Redacted dumps from outside. Usage: test_redact.py PANICTRAIL FIXTURES

What tells whose machine it was is planted in copies of real dumps: in texts that are read, in bytes
of the same pages that are not, in notes and header. None of it may be in any byte of what "distill
--redact" writes, and in none of what is printed with --redact; all of it must be in what "distill"
writes, or the search finds nothing at all. Prints one line for each case; exits with 1 if one fails.
"""
import json
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib

from test_cli import FINE, TIMEOUT, Tool, expect, run_cases, short
from test_distill import distill

PAGE = 4096
ZLIB = 1
NODENAME, DOMAINNAME = 12 + 65, 12 + 5 * 65  # in the header of a kdump-compressed file
NOTES, ERASEINFO = 48, 64                    # offset and size, in its sub header
UTS = 65
FACILITY = 18                                # in struct printk_info, behind seq, time and length
RUN = 24                                     # bytes in a row that were dropped, to plant in

HOST, DOMAIN = b'zebra7.lan.example', b'zebradomain'
PARAMETER = b'pw=topsecretkey'  # as long as mitigations=off, which stands on the command line
RECORDS = (  # of the kernel
    b'ntf: zebra7 is up, of zebradomain',
    b'eth9: link 52:54:00:be:ef:01 up',
    b'inet 192.0.2.77 and 2001:db8:77::1',
    b'usb 9-9: SerialNumber: SER7781XQ',
    b'id 0123456789abcdef0123456789abcdef',
    b'mail of root@zebra7.lan.example')
USER_RECORD = b'usersecret said by a daemon'
MESSAGE = b'of zebra7:'  # the start of the panic message
NEIGHBOUR = b'neighboursecret'
NOTE, HEADER = b'notesecret', b'headersecret'
SECRETS = (b'zebra7', b'zebradomain', b'lan.example', b'topsecretkey', b'52:54:00:be:ef:01',
           b'192.0.2.77', b'2001:db8:77::1', b'SER7781XQ', b'0123456789abcdef0123456789abcdef',
           b'usersecret')
UNREAD = (NEIGHBOUR, NOTE, HEADER)


class Dump:
    """A kdump-compressed file as panictrail writes it, its pages unpacked."""

    def __init__(self, path):
        data = path.read_bytes()
        sub_blocks, bitmap_blocks = struct.unpack_from('<II', data, 432)
        bitmaps = (1 + sub_blocks) * PAGE
        self.descriptors = bitmaps + bitmap_blocks * PAGE
        self.head = bytearray(data[:self.descriptors])
        bits = data[bitmaps + bitmap_blocks // 2 * PAGE:self.descriptors]
        self.numbers = [byte * 8 + bit for byte, value in enumerate(bits) if value
                        for bit in range(8) if value >> bit & 1]
        self.runs = []  # [first page, bytes of it and those that follow]
        for i, number in enumerate(self.numbers):
            offset, size, flags = struct.unpack_from('<QII', data, self.descriptors + i * 24)
            page = data[offset:offset + size]
            page = zlib.decompress(page) if flags & ZLIB else page
            expect(len(page) == PAGE, f'page {number:#x} has {len(page)} bytes')
            if not self.runs or self.runs[-1][0] + len(self.runs[-1][1]) // PAGE != number:
                self.runs.append((number, bytearray()))
            self.runs[-1][1].extend(page)

    def texts(self):
        """Headers and notes, and the memory: all that the file holds."""
        return [bytes(self.head)] + [bytes(run) for _, run in self.runs]

    def save(self, path):
        pages = [run[at:at + PAGE] for _, run in self.runs for at in range(0, len(run), PAGE)]
        table, data = bytearray(), bytearray(PAGE)
        start = self.descriptors + len(pages) * 24
        for page in pages:
            packed = zlib.compress(page)
            flags, packed = (ZLIB, packed) if len(packed) < PAGE else (0, page)
            at, size = (start, PAGE) if not any(page) else (start + len(data), len(packed))
            table += struct.pack('<QIIQ', at, size, flags if any(page) else 0, 0)
            data += packed if any(page) else b''
        path.write_bytes(self.head + table + data)

    def part(self, at):
        """Offset and size of a part that the sub header names at that place."""
        return struct.unpack_from('<QQ', self.head, PAGE + at)

    def find(self, text):
        """(run, offset) of every place in memory where it stands."""
        for _, run in self.runs:
            at = run.find(text)
            while at >= 0:
                yield run, at
                at = run.find(text, at + 1)

    def replace(self, old, new, wanted=1):
        expect(len(old) == len(new), f'{new} is not as long as {old}')
        places = list(self.find(old))
        expect(len(places) >= wanted, f'{old} stands in memory {len(places)} times')
        for run, at in places:
            run[at:at + len(old)] = new


def over(text, old):
    """A text of the length of another."""
    expect(len(text) <= len(old), f'no room for {text}')
    return text + b' ' * (len(old) - len(text))


def plant_names(dump):
    """Of init_uts_ns: fields of 65 bytes, sysname, nodename, release, version, machine, domain."""
    for run, at in dump.find(b'Linux\0'):
        if run.startswith(b'x86_64\0', at + 4 * UTS) and run.startswith(b'(none)\0', at + UTS):
            run[at + UTS:at + UTS + len(HOST)] = HOST
            run[at + 5 * UTS:at + 5 * UTS + len(DOMAIN)] = DOMAIN
            return
    expect(False, 'no init_uts_ns')


def plant_record(dump, record, text, facility=0):
    start = struct.pack('<QQ', int(record['seq'], 0), int(record['ts_nsec'], 0))
    dump.replace(record['text'].encode(), over(text, record['text'].encode()))
    places = list(dump.find(start))
    expect(places, f'no info of record {record["seq"]}')
    for run, at in places:
        run[at + FACILITY] = facility


def plant_texts(dump, facts):
    plant_names(dump)
    dump.replace(b'mitigations=off', PARAMETER, wanted=2)
    texts = [r['text'] for r in facts['log']['records']]
    room = [r for r in facts['log']['records']
            if len(r['text']) >= 40 and texts.count(r['text']) == 1 and r['text'].isascii() and
            r['text'].startswith(('BIOS-e820', 'ACPI', 'pci', 'acpi', 'NET', '  '))]
    expect(len(room) > len(RECORDS), 'too few records of the log have room')
    for record, text in zip(room, RECORDS):
        plant_record(dump, record, text)
    plant_record(dump, room[len(RECORDS)], USER_RECORD, facility=3)
    message = next(s['text'] for s in facts['scalars'] if s['name'] == 'panic_message')
    expect(message and len(message) > len(MESSAGE), f'the panic message is {message}')
    dump.replace(message.encode() + b'\0', MESSAGE + message[len(MESSAGE):].encode() + b'\0')


def dropped(dump, redacted):
    """(run, offset) of places in the pages that a redacted dump has not: what lay there is gone."""
    expect(dump.numbers == redacted.numbers, 'the redacted dump has other pages')
    for (_, run), (_, other) in zip(dump.runs, redacted.runs):
        at = 0
        while at + RUN <= len(run):
            gone = next((i for i in reversed(range(RUN))
                         if not run[at + i] or other[at + i]), None)
            if gone is None:
                yield run, at + (RUN - len(NEIGHBOUR)) // 2
                at += PAGE // 8
            else:
                at += gone + 1


def plant_neighbours(dump, redacted):
    places = list(dropped(dump, redacted))
    expect(len(places) > 300, f'only {len(places)} places were dropped')
    for run, at in places:
        run[at:at + len(NEIGHBOUR)] = NEIGHBOUR


def plant_around(dump):
    """In the header, and as a note behind the others, as drivers make them."""
    dump.head[NODENAME:NODENAME + len(HEADER)] = HEADER
    dump.head[DOMAINNAME:DOMAINNAME + len(HEADER)] = HEADER
    offset, size = dump.part(NOTES)
    note = struct.pack('<III', 6, 12, 0x700) + b'LINUX\0\0\0' + NOTE.ljust(12, b'\0')
    notes = bytes(dump.head[offset:offset + size]).rstrip(b'\0')
    at = offset + (len(notes) + 3) // 4 * 4  # over the empty note at the end
    expect(not any(dump.head[at:at + len(note)]) and offset + size >= at, 'no room for a note')
    dump.head[at:at + len(note)] = note
    struct.pack_into('<Q', dump.head, PAGE + NOTES + 8, at + len(note) - offset)


def found(texts, secrets):
    lower = [text.lower() for text in texts]
    return [secret for secret in secrets if any(secret.lower() in text for text in lower)]


def redact(tool, core, path):
    done = tool.run('distill', '--redact', core, '-o', path, status=FINE)
    expect(done.stdout == b'', f'stdout: {short(done.stdout)}')
    return done.stderr


def lines(tool, *args):
    """What is printed, but for the lines that say which file was read."""
    names = (b'next  ', b'      "path": ', b'    "path": ', b'  "path": ')
    return [line for line in tool.run(*args, status=FINE).stdout.split(b'\n')
            if not line.startswith(names)]


def distilled(tool, core, folder):
    """The dump with only the pages that are read today."""
    path = folder / 'distilled'
    distill(tool, core, path)
    return Dump(path)


VIEWS = [('report',), ('report', '--format', 'json'), ('log', '--format', 'json'),
         ('notifiers', '--format', 'json'), ('facts',),
         ('what-if', '--order', 'mladek', '--format', 'json')]


def check_same_views(tool, core, redacted):
    for view in VIEWS:
        ours, theirs = lines(tool, *view, '--redact', core), lines(tool, *view, redacted)
        differ = [pair for pair in zip(ours, theirs) if pair[0] != pair[1]]
        expect(ours == theirs and len(ours) > 20, f'{" ".join(view)} differs: {differ[:2]}')


def check_report(tool, core, folder):
    """The report of the redacted dump is the redacted report of the dump; once more is the same."""
    first, second = folder / 'redacted', folder / 'again'
    redact(tool, core, first)
    check_same_views(tool, core, first)
    said = redact(tool, first, second)
    expect(b'redacted nothing' in said, f'redacted twice: {short(said)}')
    expect(first.read_bytes() == second.read_bytes(), 'redacted again: other bytes')
    distill(tool, first, second)
    expect(first.read_bytes() == second.read_bytes(), 'distilled again: other bytes')


def check_without_symbols(tool, core, folder):
    path, cache = folder / 'small', folder / 'cache'
    tool.run('distill', '--redact', '--without-symbols', '--cache-dir', cache, core, '-o', path,
             status=FINE)
    profile, = cache.iterdir()
    ours = lines(tool, '--redact', core)
    expect(lines(tool, '--profile', profile, path) == ours, 'with the profile another report')


def check_unread(tool, core, folder):
    """What was not read makes no difference to any byte."""
    redacted, planted, again = folder / 'redacted', folder / 'planted', folder / 'again'
    redact(tool, core, redacted)
    dump = distilled(tool, core, folder)
    plant_neighbours(dump, Dump(redacted))
    dump.save(planted)
    redact(tool, planted, again)
    expect(redacted.read_bytes() == again.read_bytes(), 'other bytes')
    expect(not found(Dump(again).texts(), [NEIGHBOUR]), 'what was not read is in it')
    distill(tool, planted, again)
    expect(found(Dump(again).texts(), [NEIGHBOUR]), 'not found where it is')


def check_planted(tool, core, folder):
    redacted, planted, out = folder / 'redacted', folder / 'planted', folder / 'out'
    redact(tool, core, redacted)
    dump = distilled(tool, core, folder)
    plant_neighbours(dump, Dump(redacted))
    plant_texts(dump, json.loads(tool.run('facts', core, status=FINE).stdout))
    plant_around(dump)
    dump.save(planted)
    every = SECRETS + UNREAD

    distill(tool, planted, out)
    missing = set(every) - set(found(Dump(out).texts(), every))
    expect(not missing, f'planted, and not in what distill writes: {missing}')
    said = redact(tool, planted, out)
    left = found(Dump(out).texts() + [out.read_bytes()], every)
    expect(not left, f'distill --redact: {left} is left')
    for kind in (b'kernel parameters', b'user space', b'IP', b'MAC', b'UUID', b'host names',
                 b'hardware'):
        expect(kind in said, f'{kind} is not told: {short(said)}')
    check_same_views(tool, planted, out)

    plain = tool.run('facts', planted, status=FINE).stdout
    missing = set(SECRETS) - set(found([plain], SECRETS))
    expect(not missing, f'planted, and not in the facts: {missing}')
    for view in VIEWS:
        left = found([tool.run(*view, '--redact', planted, status=FINE).stdout], every)
        expect(not left, f'{" ".join(view)} --redact: {left} is left')


def check_dmesg(tool, core, folder):
    """Other tools read its log."""
    path, log = folder / 'redacted', folder / 'dmesg'
    redact(tool, core, path)
    log.unlink(missing_ok=True)
    subprocess.run(['makedumpfile', '--dump-dmesg', path, log], capture_output=True, check=False,
                   timeout=TIMEOUT)
    expect(log.exists() and b'Kernel panic' in log.read_bytes(), 'makedumpfile gives no log')


def gaps(tool, core):
    report = json.loads(tool.run('--format', 'json', core, status=FINE).stdout)
    return report['complete'], ' '.join(str(gap['why']) for gap in report['gaps'])


def check_erased(tool, core, folder):
    """What is not listed as there is missing, not zero; a damaged list makes all of it missing."""
    path, other = folder / 'redacted', folder / 'other'
    redact(tool, core, path)
    dump = Dump(path)
    offset, size = dump.part(ERASEINFO)
    first, *listed = bytes(dump.head[offset:offset + size]).splitlines()
    expect(len(listed) > 50, f'{len(listed)} pages are listed')
    for why, rest in (('the dump was redacted', [line.split()[0] for line in listed]),
                      ('its ERASEINFO is damaged', [b'1 ff-0'])):
        text = b''.join(line + b'\n' for line in [first, *rest])
        dump.head[offset:offset + len(text)] = text
        struct.pack_into('<Q', dump.head, PAGE + ERASEINFO + 8, len(text))
        dump.save(other)
        complete, reasons = gaps(tool, other)
        expect(not complete and why in reasons, f'"{why}" is not among the gaps: {reasons[:300]}')


def cases(tool, cores, folder):
    """(name, function, arguments) of every case."""
    for core in cores:
        yield f'{core.parent.name}: redacted', check_report, tool, core, folder
    for name in ('good-late', 'good-qemu-loop'):
        core = next(core for core in cores if core.parent.name == name)
        yield f'{name}: not read', check_unread, tool, core, folder
        yield f'{name}: planted', check_planted, tool, core, folder
    smallest = min(cores, key=lambda core: core.stat().st_size)
    yield 'without symbols', check_without_symbols, tool, smallest, folder
    yield 'erased', check_erased, tool, smallest, folder
    if shutil.which('makedumpfile'):
        yield 'makedumpfile', check_dmesg, tool, smallest, folder


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
