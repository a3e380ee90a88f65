#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""bench_log.py: what a report of a long console log costs, beside grep on the same file.

    bench_log.py RUN PANICTRAIL [--mib N] [--runs N]

Writes a capture of N MiB (100): a boot, much chatter, a panic, the next boot. Runs both in turn, N times each after one
of each that is not counted, and prints wall time (best and median), CPU time and peak memory, then how many times grep's
are those of panictrail. grep -c counts the panic line, and nothing else: it is what reading the file costs.

There is no limit: it fails (1) when a command fails.
"""
import argparse
import os
import statistics
import subprocess
import sys
import tempfile

BANNER = 'Linux version 6.1.0-9-amd64 (build@box) (gcc-12 (Debian 12.2.0-14) 12.2.0) #1 SMP PREEMPT_DYNAMIC Debian 6.1.27-1'
CHATTER = (
    'usb 1-1: new high-speed USB device number %d using xhci_hcd',
    'audit: type=1400 audit(1700000000.123:%d): apparmor="STATUS" operation="profile_load" profile="unconfined"',
    'IPv6: ADDRCONF(NETDEV_CHANGE): eth%d: link becomes ready',
    ' ? __pfx_kthread+0x10/0x%x',
    'EXT4-fs (vda%d): mounted filesystem with ordered data mode. Quota mode: none.',
)
PANIC = 'Kernel panic - not syncing: sysrq triggered crash'


def line(time, text):
    return '[%12.6f] %s\r\n' % (time, text)


def write_log(path, size):
    """A capture of about so many bytes."""
    boot = line(0, BANNER) + line(0, 'Command line: root=/dev/vda console=ttyS0')
    with open(path, 'w', encoding='ascii', newline='') as f:
        written, i = f.write(boot), 0
        while written < size:
            i += 1
            written += f.write(line(1 + i / 100, CHATTER[i % len(CHATTER)] % i))
        time = 2 + i / 100
        f.write(line(time, PANIC))
        for k in range(100):
            f.write(line(time + k / 1000, ' panic+0x%x/0x310' % k))
        f.write(line(time + 1, 'Rebooting in 5 seconds..') + boot)


def measure(run, argv, good):
    """Runs argv; gives (wall s, CPU s, peak KiB) or ends."""
    words = subprocess.run([run, *argv], stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    if int(words[3]) not in good:
        sys.exit('bench: %s: status %s' % (' '.join(argv), words[3]))
    return tuple(map(float, words[:3]))


def show(name, values):
    print('%-26s' % name + ' %15s' * 4 % tuple(values))


def main():
    p = argparse.ArgumentParser(prog='bench_log.py', description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('run', metavar='RUN')
    p.add_argument('panictrail', metavar='PANICTRAIL')
    p.add_argument('--mib', type=int, default=100, metavar='N', help='size of the log (default: %(default)s)')
    p.add_argument('--runs', type=int, default=5, metavar='N', help='how often each is run (default: %(default)s)')
    a = p.parse_args()
    if a.runs < 1 or a.mib < 1:
        p.error('--runs, --mib: at least 1')

    with tempfile.TemporaryDirectory() as work:
        log = work + '/console.log'
        write_log(log, a.mib << 20)
        rows = {'panictrail': ([a.panictrail, '--no-cache', '-o', '/dev/null', log], (0, 1)),
                'grep -c': (['grep', '-c', PANIC, log], (0,))}
        got = {name: [] for name in rows}
        for i in range(a.runs + 1):
            for name, (argv, good) in rows.items():
                row = measure(a.run, argv, good)
                if i:
                    got[name].append(row)
        print('console log, %.1f MiB, %d runs each' % (os.path.getsize(log) / 2**20, a.runs))

    show('', ('wall best ms', 'wall median ms', 'CPU median ms', 'peak MiB'))
    result = {}
    for name, measured in got.items():
        wall, cpu, peak = zip(*measured)
        result[name] = (1e3 * min(wall), 1e3 * statistics.median(wall), 1e3 * statistics.median(cpu), max(peak) / 1024)
        show(name, ('%.1f' % v for v in result[name]))
    show('panictrail / grep -c', ('%.3f' % (x / y) if y else '-' for x, y in zip(result['panictrail'], result['grep -c'])))


main()
