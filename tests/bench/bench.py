#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""bench.py: what a report costs, beside other tools on the same dump.

    bench.py RUN PANICTRAIL CORE [--runs N] [--vmlinux FILE] [--small CORE]

CORE is any dump.  `meson test --benchmark` gives a distilled one of tests/fixtures; the numbers of a
whole dump take one from the lab, given by hand:
    bench.py BUILD/tests/bench_run BUILD/src/panictrail CORES/6.1/notify-stop/vmcore

RUN is the launcher of tests/bench/run.c.  Runs all in turn, N times each after one of each that is not counted
(it fills the page cache and panictrail's own), and prints wall time (best and median), CPU time and peak memory, then
how many times a peer's are those of panictrail:

    panictrail    nothing cached
    cached        with a profile of the kernel in the cache
    makedumpfile  --dump-dmesg: the log and nothing else
    drgn, crash   with --vmlinux, that of the dump with debuginfo: the log, the stacks, the notifier chain

--small gives the same dump of a machine with less memory (lab: mem-640m for mem-10g, mem-640m-qemu for mem-10g-qemu): only
panictrail runs, and what CORE takes is shown as so many times what that one takes, with the instructions where there is
valgrind; a report's cost is to grow with what is read, not with the machine. More than 1.5 times the CPU time, or the
instructions, is a failure. A flattened dump is written anew, all of it: give both as `makedumpfile -R` makes them.

There is no other limit: it fails (1) when a command fails; 77 when there is no makedumpfile.
"""
import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

LIMIT = 1.5         # how much more a machine with more memory may cost
DRGN = """
from drgn.helpers.linux.cpumask import for_each_possible_cpu
from drgn.helpers.linux.printk import get_dmesg
from drgn.helpers.linux.percpu import per_cpu
print(get_dmesg(prog).decode(errors="replace"))
for cpu in for_each_possible_cpu(prog):
    try:
        print(prog.stack_trace(per_cpu(prog["runqueues"], cpu).curr))
    except (LookupError, ValueError) as error:
        print(error)
block = prog["panic_notifier_list"].head
while block:
    print(block.notifier_call, block.priority)
    block = block.next
"""
CRASH = "log\nbt -a\nlist notifier_block.next -s notifier_block.notifier_call,priority -h panic_notifier_list.head\nquit\n"


def measure(run, argv, good=(0,)):
    """Runs argv; gives (wall s, CPU s, peak KiB) or ends."""
    words = subprocess.run([run, *argv], stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    if int(words[3]) not in good:
        sys.exit('bench: %s: status %s' % (' '.join(argv), words[3]))
    return tuple(map(float, words[:3]))


def instructions(panictrail, core, work):
    """What a report executes, in millions; None without valgrind."""
    if not shutil.which('valgrind'):
        return None
    err = subprocess.run(['valgrind', '--tool=callgrind', '--callgrind-out-file=' + work + '/callgrind', panictrail, '--no-cache',
                          '-o', '/dev/null', core], stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL).stderr
    found = re.search(r'Collected : (\d+)', err)
    if not found:
        sys.exit('bench: valgrind: ' + err.strip())
    return int(found.group(1)) / 1e6


def commands(a, work):
    """name -> (argv of the i-th run, exit statuses that are fine)"""
    rows = {'panictrail': (lambda i: [a.panictrail, '--no-cache', a.core], (0, 1))}
    if a.small:
        rows['small'] = (lambda i: [a.panictrail, '--no-cache', a.small], (0, 1))
        return rows
    rows['cached'] = (lambda i: [a.panictrail, '--cache-dir', work + '/cache', a.core], (0, 1))
    rows['makedumpfile'] = (lambda i: ['makedumpfile', '--dump-dmesg', a.core, '%s/%d' % (work, i)], (0,))
    if a.vmlinux:
        for name, text in ('drgn', DRGN), ('crash', CRASH):
            with open('%s/%s' % (work, name), 'w') as f:
                f.write(text)
        rows['drgn'] = (lambda i: ['drgn', '-q', '-c', a.core, '-s', a.vmlinux, work + '/drgn'], (0,))
        rows['crash'] = (lambda i: ['crash', '-s', '-i', work + '/crash', a.vmlinux, a.core], (0,))
    return rows


def show(name, values):
    print('%-26s' % name + ' %15s' * 4 % tuple(values))


def growth(a, result, counted):
    """The row that compares CORE with SMALL; whether it grows by more than LIMIT."""
    ratios = [x / y if y else 0 for x, y in zip(result['panictrail'], result['small'])]
    show('panictrail / small', ('%.3f' % r for r in ratios))
    grown = [ratios[2]]
    if all(counted):
        print('instructions: %.0f million, small %.0f million: %.3f' % (*counted, counted[0] / counted[1]))
        grown.append(counted[0] / counted[1])
    print('file: %.3f' % (os.path.getsize(a.core) / os.path.getsize(a.small)))
    return max(grown) > LIMIT


def main():
    p = argparse.ArgumentParser(prog='bench.py', description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('run', metavar='RUN')
    p.add_argument('panictrail', metavar='PANICTRAIL')
    p.add_argument('core', metavar='CORE')
    p.add_argument('--runs', type=int, default=10, metavar='N', help='how often each is run (default: %(default)s)')
    p.add_argument('--vmlinux', metavar='FILE', help='run drgn and crash, too')
    p.add_argument('--small', metavar='CORE', help='the same dump of a machine with less memory')
    a = p.parse_args()
    if a.runs < 1:
        p.error('--runs: at least 1')
    if not a.small and not shutil.which('makedumpfile'):
        print('bench: no makedumpfile: skipped')
        sys.exit(77)

    with tempfile.TemporaryDirectory() as work:
        rows = commands(a, work)
        got = {name: [] for name in rows}
        for i in range(a.runs + 1):
            for name, (argv, good) in rows.items():
                row = measure(a.run, argv(i), good)
                if i:
                    got[name].append(row)
        counted = [instructions(a.panictrail, core, work) for core in (a.core, a.small)] if a.small else ()

    print('%s, %.1f MiB, %d runs each' % (os.path.basename(a.core), os.path.getsize(a.core) / 2**20, a.runs))
    show('', ('wall best ms', 'wall median ms', 'CPU median ms', 'peak MiB'))
    result = {}
    for name, measured in got.items():
        wall, cpu, peak = zip(*measured)
        result[name] = (1e3 * min(wall), 1e3 * statistics.median(wall), 1e3 * statistics.median(cpu), max(peak) / 1024)
        show(name, ('%.1f' % v for v in result[name]))
    if a.small and growth(a, result, counted):
        sys.exit('bench: more than %s times the cost for more memory' % LIMIT)
    for peer in list(rows)[2:]:
        for own in 'panictrail', 'cached':
            show('%s / %s' % (own, peer), ('%.3f' % (x / y) if y else '-' for x, y in zip(result[own], result[peer])))


main()
