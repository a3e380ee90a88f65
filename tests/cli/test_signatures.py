#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The ids to group crashes by, of real crashes. Usage: test_signatures.py PANICTRAIL FIXTURES

A fixture is a boot; what it broke is the scenario in its truth.json. The same bug has the same
cause, of whatever boot and build of a kernel and however it died, and another bug another; the
same way of dying has the same path, and another way another. Prints one line for each id; exits
with 1 if one does not hold.
"""
import collections
import json
import pathlib
import sys

from test_cli import FINE, Tool, expect, run_cases

PANIC = 'a thread calls panic()'
EARLY, LATE, DIRECT = 'kdump-early', 'kdump-late', 'direct-kexec'

# scenario of tests/lab -> the bug, the way of dying
SCENARIOS = {
    'sysrq-early': ('sysrq-c', EARLY),
    'oom': ('no memory', EARLY),
    'oom-cgroup': ('no memory in a group', EARLY),
    'oops-direct': ('NULL store in a thread', DIRECT),
    'null-call-direct': ('a call of NULL', DIRECT),
    'init-oops': ('NULL store in a write of PID 1', LATE),
    'panic-irq-late': ('panic() in an interrupt', LATE),
    'panic-softirq-late': ('panic() in a timer', LATE),
    'hung-task': ('a thread sleeps for ever', LATE),
    'hung-task-mutex': ('a thread waits for a mutex', LATE),
    'rcu-stall': ('a thread does not let RCU on', LATE),
    'rcu-stall-other': ('a thread with interrupts off does not let RCU on', LATE),
    'softlockup': ('a thread does not let others on', LATE),
    'softlockup-lock': ('a spinlock is taken twice', LATE),
    'late': (PANIC, LATE),
    'panic-print-late': (PANIC, LATE),
    'notify-stop': (PANIC, 'kdump-late, behind a chain that was cut off'),
    'hang-in-notifier': (PANIC, 'a callback hangs'),
    'cpu-wont-stop-early': (PANIC, 'kdump-early, a CPU not stopped'),
    'cpu-offline-early': (PANIC, EARLY),
    'noisy-early': (PANIC, EARLY),
    'two-panics-early': (PANIC, EARLY),
    'qemu-loop': (PANIC, 'the last loop'),
}


class Boot:
    def __init__(self, tool, truth):
        core = next(truth.parent / name for name in ('vmcore', 'facts.json')
                    if (truth.parent / name).exists())
        known = json.loads(truth.read_text())
        self.name, self.kernel = truth.parent.name, known['kernel']
        self.start = known['kaslr_text']
        if known['scenario'] not in SCENARIOS:
            sys.exit(f'{truth}: a scenario without a row here')
        self.bug, self.way = SCENARIOS[known['scenario']]
        self.ids, self.redacted = (
            json.loads(tool.run('--format', 'json', *more, core, status=FINE).stdout)['signatures']
            for more in ([], ['--redact']))


def check(boots, what, which):
    """Boots of one @what ("bug", "way") have one id, and no other boot has it."""
    groups = collections.defaultdict(set)
    for boot in boots:
        groups[getattr(boot, what)].add(boot.ids[which])
    for name, ids in groups.items():
        names = [boot.name for boot in boots if getattr(boot, what) == name]
        expect(len(ids) == 1 and None not in ids, f'{name} ({" ".join(names)}): {ids}')
    owners = collections.Counter(one for ids in groups.values() for one in ids)
    for one, n in owners.items():
        names = [name for name, ids in groups.items() if one in ids]
        expect(n == 1, f'{one}: {" and ".join(names)}')


def check_redacted(boots):
    wrong = [boot.name for boot in boots if boot.ids != boot.redacted]
    expect(not wrong, f'not the same with --redact: {" ".join(wrong)}')


def check_worth(boots):
    """Enough boots and builds to tell something: of each kind one pair at least."""
    pairs = [(a, b) for a in boots for b in boots if a.name < b.name and a.bug == b.bug]
    expect(any(a.kernel == b.kernel and a.start != b.start for a, b in pairs), 'no second boot')
    for kernel in {boot.kernel for boot in boots}:
        expect(any(kernel in (a.kernel, b.kernel) and a.kernel != b.kernel for a, b in pairs),
               f'no bug of {kernel} on another build')


def cases(tool, truths):
    boots = [Boot(tool, truth) for truth in truths]
    yield 'boots and builds', check_worth, boots
    yield 'cause', check, boots, 'bug', 'cause'
    yield 'path', check, boots, 'way', 'path'
    yield '--redact', check_redacted, boots


def main():
    program, fixtures = sys.argv[1:]
    # texts alone: tests/lab/texts holds those
    truths = sorted(truth for truth in pathlib.Path(fixtures).glob('*/truth.json')
                    if not truth.parent.name.startswith(('good-text-', 'bad-text-')))
    if not truths:
        sys.exit(f'no */truth.json in {fixtures}')
    return run_cases(cases(Tool(pathlib.Path(program).absolute()), truths))


if __name__ == '__main__':
    sys.exit(main())
