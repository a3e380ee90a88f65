#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""bench.py: what a report costs, beside makedumpfile --dump-dmesg on the same dump.

    bench.py PANICTRAIL CORE [--runs N]

Runs the two in turn, N times each after one of each that is not counted (it
fills the page cache), and prints wall time (best and median), CPU time and peak
memory of both, then how many times makedumpfile's panictrail's are.  There is no
limit: it fails (1) only when a command fails; 77 when there is no makedumpfile.

The kernel counts to a process's peak memory also that of the one which started
it, up to the exec.  "floor" is what `true` shows when started the same way: a peak
there is only an upper bound, shown as <=, and gives no ratio.
"""
import argparse
import os
import shutil
import statistics
import sys
import tempfile
import time


def measure(name, argv, good=(0,)):
    """Runs argv; gives (wall s, CPU s, peak KiB) or ends."""
    with tempfile.TemporaryFile() as words:
        start = time.monotonic()
        pid = os.fork()         # not subprocess: its vfork would put all of Python's memory into the peak
        if pid == 0:
            try:
                null = os.open(os.devnull, os.O_RDWR)
                os.dup2(null, 0)
                os.dup2(null, 1)
                os.dup2(words.fileno(), 2)
                os.execvp(argv[0], argv)
            except OSError as e:
                os.write(2, ('%s: %s\n' % (argv[0], e.strerror)).encode())
            finally:
                os._exit(127)
        _, status, usage = os.wait4(pid, 0)
        wall = time.monotonic() - start
        code = os.waitstatus_to_exitcode(status)
        if code not in good:
            words.seek(0)
            print(words.read().decode(errors='replace').rstrip(), file=sys.stderr)
            sys.exit('bench: %s: %s: %s' % (name, ' '.join(argv), 'signal %d' % -code if code < 0 else 'exit status %d' % code))
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def memory(peak, floor):
    return ('%.1f' if peak > 1.05 * floor else '<=%.1f') % peak


def main():
    p = argparse.ArgumentParser(prog='bench.py', description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('panictrail', metavar='PANICTRAIL')
    p.add_argument('core', metavar='CORE')
    p.add_argument('--runs', type=int, default=10, metavar='N', help='how often each is run (default: %(default)s)')
    a = p.parse_args()
    if a.runs < 1:
        p.error('--runs: at least 1')
    if not shutil.which('makedumpfile'):
        print('bench: no makedumpfile: skipped')
        sys.exit(77)

    got = {'panictrail': [], 'makedumpfile': []}
    with tempfile.TemporaryDirectory() as work:
        for i in range(a.runs + 1):
            rows = (measure('panictrail', [a.panictrail, '--no-cache', '-o', '/dev/null', a.core], good=(0, 1)),
                    measure('makedumpfile', ['makedumpfile', '--dump-dmesg', a.core, '%s/%d' % (work, i)]))
            if i:
                for name, row in zip(got, rows):
                    got[name].append(row)
            os.unlink('%s/%d' % (work, i))
        floor = max(measure('true', ['true'])[2] for _ in range(3)) / 1024

    columns = ('wall best ms', 'wall median ms', 'CPU median ms', 'peak MiB')
    result = {}
    for name, rows in got.items():
        wall, cpu, peak = zip(*rows)
        result[name] = (1e3 * min(wall), 1e3 * statistics.median(wall), 1e3 * statistics.median(cpu), max(peak) / 1024)
    print('%s, %.1f MiB, %d runs each' % (os.path.basename(a.core), os.path.getsize(a.core) / 2**20, a.runs))
    line = '%-14s' + ' %15s' * len(columns)
    print((line % (('',) + columns)).rstrip())
    for name, values in result.items():
        print(line % ((name,) + tuple('%.1f' % v for v in values[:3]) + (memory(values[3], floor),)))
    ratios = ['%.2f' % (x / y) if y else '-' for x, y in zip(*result.values())]
    if any(memory(v[3], floor).startswith('<') for v in result.values()):
        ratios[3] = '-'
    print(line % (('ratio',) + tuple(ratios)))
    print(line % ('floor', '', '', '', '%.1f' % floor))


main()
