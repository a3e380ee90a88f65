#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""panictrail what-if on every fixture.

Usage: test_what_if.py PANICTRAIL FIXTURES REPORT_SCHEMA WHAT_IF_SCHEMA [--update]

Today's orders against what the machines did, the lists of long real chains against what the
proposals and the catalogue say of them (docs/orders.md), properties of every order, exit statuses.
The texts of GOLDEN are what the program printed when it was read and found right; --update writes
them anew. Prints one line for each case; exits with 1 if one fails.
"""
import json
import pathlib
import sys
import tempfile

from test_cli import ESC, FINE, INCOMPLETE, OWN_ERROR, UNREADABLE, USAGE, Tool, expect, run_cases

HERE = pathlib.Path(__file__).resolve().parent
# name -> fixture, order
GOLDEN = {
    'what-if-hang-mladek.txt': ('bad-hang-in-notifier/vmcore', 'mladek=post-hypervisor'),
    'what-if-stop-all.txt': ('bad-notify-stop/vmcore', 'all'),
    'what-if-5.10-piccoli.txt': ('good-5.10-late/vmcore', 'piccoli=1'),
}
KDUMP = {'direct-kexec', 'kdump-early', 'kdump-late', 'kdump'}
OTHERS = ['filter=rcu_panic,no_such_name', 'vanilla=no-crash-kernel,no-dumper',
          'piccoli=0,flag,no-crash-kernel', 'mladek-counter=panic-print,no-dumper']


def ask(tool, order, source):
    return tool.run_json('what-if', '--order', order, source, status=FINE)


def lists_of(order):
    """List -> positions, in the order in which it calls them."""
    return {step['list']: step['callbacks'] for step in order['steps']
            if step['step'] == 'notifiers' and step['outcome'] != 'skipped'}


# Today's orders

WORDS = {'done': 'runs', 'skipped': 'skipped', 'not-reached': 'not-reached',
         'in-progress': 'starts-crash-kernel'}


def check_real(tool, source):
    """The order that the machine had is the one it went through."""
    report = tool.parse(tool.run('--format', 'json', source).stdout)
    flag = report['config']['crash_kexec_post_notifiers']
    expect(flag is not None, 'the flag is not known')
    order = ask(tool, 'post-notifiers' if flag else 'vanilla', source)['orders'][0]
    ours = [step['step'] for step in order['steps']]
    theirs = [stage['id'] for stage in report['stages']]
    expect(ours == theirs, f'steps {ours} instead of {theirs}')
    if report['dump']['method'] != 'kdump':
        return
    outcomes = [(step['step'], step['outcome']) for step in order['steps']]
    wanted = [(stage['id'], WORDS[stage['outcome']]) for stage in report['stages']]
    expect(outcomes == wanted, f'{set(outcomes) ^ set(wanted)}')
    called = [n['position'] for n in report['notifiers'] if n['outcome'] != 'not-called']
    before = [c['position'] for c in order['callbacks'] if c['before_kdump'] == 'yes']
    expect(called == before, f'before kdump {before}, called or cut off {called}')


# The lists of long chains: ipmi, the LEDs and pvpanic are in them. Positions by hand.

class Chain:
    """Where callbacks stand: in the chain of a fixture."""

    def __init__(self, pvpanic, ipmi, trace, lab):
        self.pvpanic, self.ipmi, self.trace, self.lab = pvpanic, ipmi, trace, lab
        # the same in all of them
        self.rcu, self.hung, self.offset, self.led, self.heartbeat, self.activity = range(7, 13)

    def lists(self):
        """Order -> what is surely in its lists, and what may be in several."""
        leds = [self.heartbeat, self.activity]
        info = sorted([self.trace, self.rcu, self.hung, self.offset])
        mladek = {'hypervisor': [self.pvpanic], 'info': info,
                  'reboot': sorted([self.ipmi, self.led, *leds])}
        piccoli = {'hypervisor': [self.pvpanic, *leds],
                   # two are moved to the head, ipmi almost to the end
                   'info': [self.rcu, self.hung, self.trace, self.offset],
                   'pre-reboot': [self.led, self.ipmi], 'post-reboot': []}
        return {
            'mladek': (mladek, self.lab),
            'mladek=post-hypervisor,no-dumper,panic-print': (mladek, self.lab),
            'piccoli=0': (piccoli, self.lab),
            'piccoli=4': (piccoli, self.lab),
            'mladek-counter': ({'hypervisor': [self.pvpanic], 'info': info, 'reboot': [self.ipmi],
                                'loop': [self.led, *leds]}, self.lab),
            'mladek-four-lists': ({'watchdogs': [self.rcu, self.hung],
                                   'info': sorted([self.trace, self.offset]),
                                   'hypervisor': [self.pvpanic],
                                   'rest': sorted([self.ipmi, self.led])}, self.lab + leds),
            # no risk, but not named: either list
            'two-parameters': ({'pre': [self.rcu], 'post': sorted([self.ipmi, self.trace])},
                               self.lab + [self.pvpanic, self.hung, self.offset, self.led, *leds]),
            'filter=rcu_panic,dump_kernel_offset': ({'filter': [self.rcu, self.offset]}, []),
        }


CHAINS = {
    'good-late': Chain(pvpanic=1, ipmi=3, trace=5, lab=[2, 4, 6, 13, 14]),
    'good-5.10-late': Chain(pvpanic=6, ipmi=2, trace=4, lab=[1, 3, 5, 13, 14]),
    'good-6.12-late': Chain(pvpanic=1, ipmi=4, trace=2, lab=[3, 5, 6, 13, 14]),
    'good-7.2-late': Chain(pvpanic=1, ipmi=4, trace=2, lab=[3, 5, 6, 13, 14]),
}

# order -> what comes before kdump, by list; the machines of CHAINS have a dumper, no panic_print
BEFORE = {
    'vanilla': [],
    'post-notifiers': ['stop-cpus', '', 'kmsg-dump'],
    'mladek': ['stop-cpus', 'info', 'kmsg-dump'],
    'mladek=post-hypervisor,no-dumper': ['stop-cpus', 'hypervisor'],
    'mladek=panic-print,no-dumper': ['stop-cpus', 'sys-info'],
    'mladek=no-dumper': [],
    'piccoli=0': [],
    'piccoli=1': ['stop-cpus', 'hypervisor'],
    'piccoli=2': ['stop-cpus', 'hypervisor', 'info', 'kmsg-dump'],
    'piccoli=2,no-dumper': ['stop-cpus', 'hypervisor'],
    'piccoli=3,panic-print': ['stop-cpus', 'hypervisor', 'info', 'sys-info', 'kmsg-dump'],
    'piccoli=4': ['stop-cpus', 'hypervisor', 'info', 'kmsg-dump', 'pre-reboot'],
    'piccoli=0,flag': [],
    'two-parameters=no-pre': [],
    'two-parameters': ['pre'],
    'mladek-counter=no-dumper': ['stop-cpus', 'hypervisor'],
    'mladek-four-lists': ['watchdogs', 'info'],
}


def check_lists(tool, source, chain):
    for text, (lists, open_ones) in chain.lists().items():
        order = ask(tool, text, source)['orders'][0]
        expect(lists_of(order) == lists, f'{text}: {lists_of(order)} instead of {lists}')
        several = [c['position'] for c in order['callbacks'] if len(c['lists']) > 1]
        expect(several == sorted(open_ones), f'{text}: open {several} instead of {open_ones}')


def check_before(tool, source):
    for text, wanted in BEFORE.items():
        order = ask(tool, text, source)['orders'][0]
        head = ('entry', 'message', 'kgdb', 'redirect', 'direct-kexec')
        steps = [step['step'] if step['list'] is None else step['list'] for step in order['steps']
                 if step['before_kdump'] == 'yes' and step['step'] not in head]
        expect(steps == wanted, f'{text}: {steps} instead of {wanted}')


def check_old_kernel(tool, source):
    """5.10 prints its system information last and has no backtraces of all CPUs."""
    steps = [step['step'] for step in ask(tool, 'vanilla', source)['orders'][0]['steps']]
    expect(steps.index('sys-info') > steps.index('console-replay'), f'vanilla: {steps}')
    steps = [step['step'] for step in ask(tool, 'mladek', source)['orders'][0]['steps']]
    expect(steps.index('sys-info') < steps.index('kmsg-dump'), f'mladek: {steps}')
    expect('cpu-backtraces' not in steps, f'mladek: {steps}')


# Properties of every order

def check_order(order):
    outcomes = [step['outcome'] for step in order['steps']]
    name = order['order']
    ends = outcomes.count('starts-crash-kernel')
    if ends:
        behind = set(outcomes[outcomes.index('starts-crash-kernel') + 1:])
        expect(behind <= {'not-reached'}, f'{name}: {behind} behind kdump')
    armed = next(i['value'] for i in order['inputs'] if i['name'] == 'crash_kernel')
    open_end = any(step['step'] in KDUMP and step['outcome'] == 'open' for step in order['steps'])
    expect(ends == (armed == 1) or (open_end and ends <= 1), f'{name}: {ends} times kdump')
    for step in order['steps']:
        expect((step['outcome'] in ('open', 'skipped')) == (step['why'] is not None),
               f'{name}: {step["step"]} {step["outcome"]}: {step["why"]}')
    for callback in order['callbacks']:
        where = [step for step in order['steps'] if callback['position'] in step['callbacks']]
        sure = len(callback['lists']) == 1 and callback['registered'] == 'yes'
        once = len(where) == 1 or (len(where) > 1 and
                                   any(step['outcome'] == 'open' for step in where))
        expect(once if sure else not where, f'{name}: {callback} in {len(where)} steps')
        if sure and len(where) == 1 and armed == 1:
            expect(where[0]['before_kdump'] == callback['before_kdump'], f'{name}: {callback}')


def check_all(tool, source):
    document = ask(tool, 'all', source)
    orders = document['orders']
    expect(len({order['order'] for order in orders}) == len(orders) > 15, 'orders')
    for order in orders + [ask(tool, text, source)['orders'][0] for text in OTHERS]:
        check_order(order)
        expect([t['what'] for t in order['troubles']] ==
               [t['what'] for t in orders[0]['troubles']], 'other troubles')
        expect(len(order['callbacks']) == len(document['real']['callbacks']), 'callbacks')


def check_same(tool, source, folder):
    """The same bytes again, from saved facts, too; no line too wide."""
    facts = folder / 'facts.json'
    for style in (['--format', 'json'], []):
        for order in ('mladek', 'all'):
            words = ['what-if', '--order', order, *style]
            first, second = (tool.run(*words, source, status=FINE).stdout for _ in range(2))
            expect(first == second, 'two runs differ')
            tool.run('facts', source, '-o', facts, status=FINE)
            expect(tool.run(*words, facts, status=FINE).stdout == first, 'facts give another')
            facts.unlink()
    out = tool.run_on_terminal('what-if', '--order', 'mladek', '--no-pager', source, columns=80,
                               NO_COLOR='1').decode()
    wide = [line for line in out.splitlines() if len(line) > 80]
    expect(out and not wide, f'wider than 80 columns: {wide[:1]}')
    expect(ESC in tool.run_on_terminal('what-if', '--order', 'all', source), 'no colour')


# What went wrong

TROUBLES = {
    # fixture -> kinds; order -> answers
    'bad-hang-in-notifier': (
        ['notifier-in-progress', 'no-kdump'],
        {'vanilla': 'no no', 'post-notifiers': 'yes yes', 'mladek': 'open open',
         'mladek=no-dumper': 'no no', 'piccoli=0': 'no no', 'piccoli=4': 'yes yes'}),
    'bad-7.2-hang-in-notifier': (
        ['notifier-in-progress', 'no-kdump'],
        {'vanilla': 'no no', 'post-notifiers': 'yes yes', 'filter=rcu_panic': 'no no'}),
    'bad-notify-stop': (
        ['chain-ended'],
        {'vanilla': 'no', 'post-notifiers': 'yes', 'mladek': 'open', 'mladek=no-dumper': 'no',
         'filter=rcu_panic': 'no'}),
    'bad-cpu-wont-stop-early': (
        ['cpu-not-stopped'],
        {'vanilla': 'yes', 'post-notifiers': 'yes', 'mladek': 'yes', 'mladek-two-lists': 'open'}),
    # panic() ran to its end: only a crash kernel was missing
    'good-qemu-loop': (
        ['no-kdump'],
        {'vanilla': 'yes', 'piccoli=4': 'yes', 'vanilla=crash-kernel': 'no',
         'post-notifiers=crash-kernel': 'no'}),
    'good-late': ([], {'vanilla': '', 'mladek': ''}),
}


def check_troubles(tool, source, kinds, answers):
    for text, wanted in answers.items():
        troubles = ask(tool, text, source)['orders'][0]['troubles']
        expect([t['kind'] for t in troubles] == kinds, f'{text}: {troubles}')
        got = ' '.join(t['in_the_way'] for t in troubles)
        expect(got == wanted, f'{text}: "{got}" instead of "{wanted}"')
        expect(all(t['evidence'] for t in troubles), f'{text}: no evidence')


def edited(source, folder, edit):
    facts = json.loads(source.read_text())
    edit(facts, {s['name']: s for s in facts['scalars']})
    path = folder / 'edited.json'
    path.write_text(json.dumps(facts))
    return path


def check_no_panic(tool, source, folder):
    """Facts edited by hand: no CPU holds panic_cpu, none was in panic()."""
    def edit(facts, scalars):
        facts['writer'] = 'hypervisor'
        facts['log']['records'] = []
        for cpu in facts['cpus']:
            cpu['frames'] = []
        scalars['panic_cpu']['value'] = '0xffffffffffffffff'
        scalars['panic_message']['text'] = None
        for name in ('vmcoreinfo.CRASHTIME', 'panic_message'):
            facts['scalars'].remove(scalars[name])

    document = ask(tool, 'post-notifiers', edited(source, folder, edit))
    expect(document['real']['entered'] == 'no', f'real: {document["real"]}')
    order = document['orders'][0]
    expect(any('did not panic' in note for note in order['notes']), f'{order["notes"]}')
    expect(order['troubles'] == [], f'{order["troubles"]}')
    expect(order['cpus']['others'] is None, f'{order["cpus"]}')
    text = tool.run('what-if', '--order', 'all', folder / 'edited.json', status=FINE).stdout
    expect(b'open, of ' not in text, 'as many others as there are CPUs')


def check_no_names(tool, source, folder):
    """Facts edited by hand: a kernel without names of variables, which lacks none of them for it."""
    def edit(facts, scalars):
        for name in ('panic_print', 'kexec_crash_image', 'crash_kexec_post_notifiers', 'feature.kexec'):
            scalars[name].update(presence='absent', value='0x0')
        facts['writer'] = 'hypervisor'

    order = ask(tool, 'mladek', edited(source, folder, edit))['orders'][0]
    known = {i['name']: i['value'] for i in order['inputs']}
    expect(known['crash_kernel'] is None, f'{order["inputs"]}')
    expect(known['crash_kexec_post_notifiers'] is None, f'{order["inputs"]}')


def check_unknown(tool, source, folder):
    """Facts edited by hand: what decides could not be read."""
    def edit(facts, scalars):
        for name in ('crash_kexec_post_notifiers', 'count.kmsg-dumpers'):
            scalars[name]['presence'] = 'no-data'
        facts.update(chain_complete=False, chain_why='a page is missing')

    path = edited(source, folder, edit)
    order = ask(tool, 'filter=rcu_panic', path)['orders'][0]
    inputs = {i['name']: i['value'] for i in order['inputs']}
    expect(inputs['crash_kexec_post_notifiers'] is None, f'{inputs}')
    outcomes = {step['step']: step['outcome'] for step in order['steps']}
    expect(outcomes['kdump-early'] == outcomes['kdump-late'] == 'open', f'{outcomes}')
    expect(any('not read to its end' in note for note in order['notes']), f'{order["notes"]}')
    answers = {c['before_kdump'] for c in ask(tool, 'piccoli=2', path)['orders'][0]['callbacks']
               if c['lists'] == ['info']}
    expect(answers == {'open'}, f'info before kdump: {answers}')


# The command line

def check_usage(tool, core, words, *args):
    done = tool.run('what-if', *args, core, status=USAGE)
    expect(done.stdout == b'' and words.encode() in done.stderr, f'stderr {done.stderr}')


def check_status(tool, core, folder):
    cut = folder / 'cut'
    cut.write_bytes(core.read_bytes()[:core.stat().st_size * 6 // 10])
    words = ('what-if', '--order', 'all')
    expect(tool.run_json(*words, cut, status=FINE)['complete'] is False, 'complete')
    expect(tool.run(*words, '--strict', cut, status=INCOMPLETE).stdout, 'nothing printed')
    tool.run(*words, '--strict', core, status=FINE)
    tool.run(*words, folder / 'missing', status=UNREADABLE)
    expect(tool.run(*words, '--time-limit', '0.001', core, status=OWN_ERROR).stdout, 'nothing')
    out = folder / 'out'
    tool.run(*words, '-o', out, core, status=FINE)
    expect(out.read_bytes() == tool.run(*words, core).stdout, 'not the bytes of stdout')


def check_golden(tool, golden, fixtures, source, order, update):
    now = tool.run('what-if', '--order', order, fixtures / source, status=FINE).stdout
    if update:
        golden.write_bytes(now)
    expect(golden.read_bytes() == now, f'not the same: see what-if --order {order} {source}')


def cases(tool, fixtures, folder, update):
    sources = sorted(path for name in ('*/vmcore', '*/facts.json') for path in fixtures.glob(name)
                     if not path.parent.name.startswith('unsupported-'))
    for source in sources:
        name = source.parent.name
        yield f'{name}: as it was', check_real, tool, source
        yield f'{name}: every order', check_all, tool, source
    for name, chain in CHAINS.items():
        source = fixtures / name / 'vmcore'
        yield f'{name}: lists', check_lists, tool, source, chain
        yield f'{name}: before kdump', check_before, tool, source
    yield 'an old kernel', check_old_kernel, tool, fixtures / 'good-5.10-late/vmcore'
    for name, (kinds, answers) in TROUBLES.items():
        yield f'{name}: troubles', check_troubles, tool, fixtures / name / 'vmcore', kinds, answers
    facts = fixtures / 'facts-6.1-hung-task/facts.json'
    yield 'no panic', check_no_panic, tool, facts, folder
    yield 'no names', check_no_names, tool, facts, folder
    yield 'unknown', check_unknown, tool, facts, folder
    core = fixtures / 'bad-notify-stop/vmcore'
    yield 'the same', check_same, tool, core, folder
    yield 'status', check_status, tool, core, folder
    yield 'no order', check_usage, tool, core, '--order'
    yield 'an unknown order', check_usage, tool, core, 'mladek-counter', '--order', 'mladk'
    yield 'an unknown option', check_usage, tool, core, 'post-hypervisor', '--order', 'mladek=x'
    yield 'a level of five', check_usage, tool, core, 'from 0 to 4', '--order', 'piccoli=5'
    yield 'an option of report', check_usage, tool, core, '--explain', '--explain', '--order', 'all'
    for name, (source, order) in GOLDEN.items():
        yield name, check_golden, tool, HERE / 'golden' / name, fixtures, source, order, update


def main():
    program, fixtures, *more = sys.argv[1:]
    schemas = [word for word in more if word != '--update']
    tool = Tool(pathlib.Path(program).absolute(), schemas)
    with tempfile.TemporaryDirectory() as folder:
        return run_cases(cases(tool, pathlib.Path(fixtures), pathlib.Path(folder),
                               '--update' in more))


if __name__ == '__main__':
    sys.exit(main())
