#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""bench.py: what a report costs, beside makedumpfile --dump-dmesg on the same dump.

    bench.py RUN PANICTRAIL CORE [--runs N]

CORE is any dump.  `meson test --benchmark` gives a distilled one of tests/fixtures; the numbers of a
whole dump take one from the lab, given by hand:
    bench.py BUILD/tests/bench_run BUILD/src/panictrail CORES/6.1/notify-stop/vmcore

RUN is the launcher of tests/bench/run.c.  Runs the two in turn, N times each after
one of each that is not counted (it fills the page cache), and prints wall time
(best and median), CPU time and peak memory of both, then how many times
makedumpfile's panictrail's are.  There is no limit: it fails (1) only when a command
fails; 77 when there is no makedumpfile.
"""
import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile


def measure(run, argv, good=(0,)):
    """Runs argv; gives (wall s, CPU s, peak KiB) or ends."""
    words = subprocess.run([run, *argv], stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    if int(words[3]) not in good:
        sys.exit('bench: %s: status %s' % (' '.join(argv), words[3]))
    return tuple(map(float, words[:3]))


def main():
    p = argparse.ArgumentParser(prog='bench.py', description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('run', metavar='RUN')
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
            rows = (measure(a.run, [a.panictrail, '--no-cache', a.core], good=(0, 1)),
                    measure(a.run, ['makedumpfile', '--dump-dmesg', a.core, '%s/%d' % (work, i)]))
            for name, row in zip(got, rows if i else ()):
                got[name].append(row)

    print('%s, %.1f MiB, %d runs each' % (os.path.basename(a.core), os.path.getsize(a.core) / 2**20, a.runs))
    line = '%-14s' + ' %15s' * 4
    print(line % ('', 'wall best ms', 'wall median ms', 'CPU median ms', 'peak MiB'))
    result = []
    for name, rows in got.items():
        wall, cpu, peak = zip(*rows)
        result.append((1e3 * min(wall), 1e3 * statistics.median(wall), 1e3 * statistics.median(cpu), max(peak) / 1024))
        print(line % ((name,) + tuple('%.1f' % v for v in result[-1])))
    print(line % (('ratio',) + tuple('%.2f' % (x / y) if y else '-' for x, y in zip(*result))))


main()
