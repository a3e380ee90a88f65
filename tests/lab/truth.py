# SPDX-License-Identifier: GPL-2.0-or-later
"""truth.json: what a scenario engineered, and what was seen of it from outside the guest."""
import json
import os
import re
import shlex

import stages
from paths import die


NO_PANIC = ('hypervisor, no panic', 'none, no panic')


def records(d):
    """What the next boot's kernel showed in /sys/fs/pstore: the dumps by the first line of each file (None where a file could
    not be decompressed and has none), and what it said of the ECC."""
    dumps, ecc, names = set(), [], sorted(os.listdir(d)) if os.path.isdir(d) else []
    for n in names:
        text = slurp(d + '/' + n)
        m = re.search(r'^(\w+)#(\d+) Part\d+\n', text, re.M)
        if m:
            dumps.add((int(m.group(2)), m.group(1)))
        ecc += re.findall(r'\n(?:ECC: )?(No errors detected|\d+ Corrected bytes, \d+ unrecoverable blocks)\n?$', text)
    packed = any(n.endswith('.enc.z') for n in names)
    return {'files': names, 'dumps': None if packed else [[reason, count] for count, reason in sorted(dumps)], 'ecc': ecc}


def slurp(path):
    try:
        with open(path, 'rb') as f:
            return f.read().decode('utf-8', 'replace')
    except OSError:
        return ''


def write(out, name, sc, k, ran):
    con, dbg = slurp(out + '/console.log'), slurp(out + '/debugcon.log')
    lab = [line for line in dbg.splitlines() if line.startswith('LAB ')]
    if sc['truth'].get('rebooted'):     # all but the last boot is history
        dbg = dbg[dbg.rindex(' loaded\n') if ' loaded\n' in dbg else 0:]
        con = con[con.rindex('LABINIT: up') if 'LABINIT: up' in con else 0:]
    chain = {}          # a second boot lists it again
    for m in re.findall(r'LAB \d+ chain (-?\d+) ([0-9a-f]{16}) (\S+)(?: \[(\w+)\])? (\S+)', dbg):
        chain[m[0], m[1], m[4]] = dict(zip(('priority', 'addr', 'function', 'module', 'name'), m))
    base = stages.base(con, k['functions'])
    rows = []
    if os.path.exists(out + '/stages.log') and not sc['truth'].get('rebooted'):
        rows = stages.read(out + '/stages.log', k['functions'], base, out + '/dyn.syms')

    def who(what):
        return [line.split()[3] for line in lab if line.split()[2:3] == [what]]
    t = {
        'scenario': name,
        'kernel': k['release'], 'package_version': k['version'], 'vmlinux': k['vmlinux'],
        'cmdline': ran['cmdline'], 'capture_cmdline': ran['capture_cmdline'], 'makedumpfile': ran['makedumpfile'],
        'crash_kernel_loaded': 'kexec_crash_loaded 1' in con,
        'kaslr_text': '%x' % base if base else None,
        'qemu': shlex.join(ran['cmd']),
        'files': {f: os.path.getsize(out + '/' + f) for f in sorted(os.listdir(out)) if os.path.isfile(out + '/' + f)},
        'seconds': ran['seconds'],
        'engineered': sc['truth'],
        'observed': {
            'chain': list(chain.values()),
            'debugcon': [line for line in lab if ' chain ' not in line],
            'notifiers_entered': who('notifier'),
            'notifiers_returned': who('notifier-returns'),
            'panic_line': [x.strip() for x in re.findall(r'Kernel panic - not syncing: .*', con) if ']---' not in x],
            'console_panic_cpu': [int(x) for x in re.findall(r'Kernel panic - not syncing: .*\n.*CPU: (\d+) ', con)],
            'console_stop_messages': [x.strip() for x in re.findall(r'.*Shutting down cpus with NMI.*|.*failed to stop.*', con)],
            'qmp_guest_panicked': [e for e in ran['run']['events'] if e['event'] in ('GUEST_PANICKED', 'GUEST_CRASHLOADED')],
            'stages': rows,
            'pstore': records(out + '/pstore'),
        },
        'run': ran['run'],
    }
    if rows:
        t['observed']['summary'] = stages.summary(rows, t['observed']['chain'], sc.get('smp', 4))
    with open(out + '/truth.json', 'w') as f:
        json.dump(t, f, indent=1)
    return t


def disagreements(t):
    """Where what was seen is not what was engineered; empty when all is well."""
    e, o = t['engineered'], t['observed']
    s, n, cpu = o.get('summary') or {}, e['notifiers'], e['panicking_cpu']
    bad = []

    def same(what, engineered, seen):
        if engineered != seen:
            bad.append('%s: engineered %s, seen %s' % (what, engineered, seen))
    if ('vmcore' in t['files']) != (e.get('no_vmcore') in (None, 'dump-taken')):
        bad.append('a vmcore' if 'vmcore' in t['files'] else 'no vmcore')
    if t['run']['timed_out']:
        bad.append('timed out')
    if not e.get('repeats'):
        same('notifiers', n['lab_called_in_order'], o['notifiers_entered'])
    if 'no_vmcore' in e and len(o['panic_line']) > 1 and e['no_vmcore'] != 'crash-kernel-died' and 'crashes' not in e:
        bad.append('another panic')
    if 'dumps' in e:
        stored = o['pstore']['dumps']
        same('dumps in pstore', e['dumps'], stored if stored is not None else e['dumps'])
    if e['dump'] in NO_PANIC:
        return bad + (['panic() was entered'] if s and s['panic_entered_on'] else [])
    if not s:
        # without a panic or an oops the plugin has nothing to say
        if e.get('panic_entered', True):
            bad.append('no stages seen')
        return bad
    if isinstance(cpu, int) and e.get('panic_entered', True):
        same('panicking CPU', cpu, s['panic_cpu'])
    if o['console_panic_cpu']:
        same('panicking CPU on the console', s['panic_cpu'], o['console_panic_cpu'][0])
    if 'cpu_outcomes' not in e and (s['stop_called'] or e['dump'] in ('early', 'late')):
        same('CPUs not stopped', sorted(e['cpus_not_stopped'] + e.get('cpus_offline', [])),
             [c for c in s['never_stopped'] if c in e.get('cpus_present', [c])])
    same('kmsg_dump', bool(e['reached']['kmsg_dump']), s['kmsg_dump'])
    same('console flush', bool(e['reached']['console_flush_on_panic']), bool(s['console_flush_on_panic']))
    same('panic_print', bool(e['reached']['panic_print']), s['panic_print_tasks'])
    if e['dump'] in ('early', 'late'):
        same('kexec', True, s['kexec_happened'])
        same(e['dump'], True, s['__crash_kexec_%s_notifiers' % ('before' if e['dump'] == 'early' else 'after')])
    if not e.get('repeats'):
        # the whole chain, in-tree functions too: a prefix of it ran, all of it unless stopped
        chain, seen = [c['function'] for c in o['chain']], s['notifier_functions_entered']
        same('chain', chain[:len(seen)], seen)
        if seen and len(seen) < len(chain) and not n['lab_not_called'] and not n['lab_hung_in']:
            bad.append('chain cut after %s' % seen[-1])
    return bad


def show(d):
    try:
        with open(d + '/truth.json') as f:
            t = json.load(f)
    except (OSError, ValueError) as e:
        die('%s: %s' % (d, e))
    e, o = t['engineered'], t['observed']
    s = o.get('summary') or {}

    def line(what, text):
        print('  %-12s %s' % (what, text))
    print('%s: %s, %s' % (d, t['kernel'], e['how']))
    line('files', ' '.join('%s=%dK' % (f, n // 1024) for f, n in t['files'].items() if f.startswith('vmcore')))
    line('dump', '%s%s' % (e['dump'], ', timed out' if t['run']['timed_out'] else ''))
    line('seconds', ' '.join('%s=%s' % x for x in t['seconds'].items()))
    line('chain', ' '.join('%s:%s' % (c['priority'], c['function'] if c['name'] == '-' else c['name']) for c in o['chain']))
    line('entered', ' '.join(s.get('notifier_functions_entered', [])) or 'none')
    line('panic', 'CPU %s  %s' % (s.get('panic_cpu'), '; '.join(o['panic_line'])))
    line('stopped', '  '.join('%s:%s' % (c, ','.join(how)) for c, how in sorted(s.get('stopped', {}).items())) or 'none')
    line('not stopped', ' '.join(map(str, s.get('never_stopped', []))) or 'none')
    line('stages', ' '.join('%d:%s%s' % (r['cpu'], r['fn'], 'x%d' % r['times'] if 'times' in r else '') for r in o['stages'])[:3000])
    line('violations', '; '.join(e['expected_violations']) or 'none')
    line('agrees', '; '.join(disagreements(t)) or 'yes')
