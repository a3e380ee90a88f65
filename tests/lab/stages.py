# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads stages.log, the plugin's word: which vCPU entered which function, from the first panic or oops on."""
import os
import re

START = ('panic', 'vpanic', 'oops_begin', 'nmi_panic', 'sysrq_handle_crash', 'die')
STOPPED = ('crash_nmi_callback', 'kdump_nmi_callback', 'stop_this_cpu', 'panic_smp_self_stop', 'nmi_panic_self_stop',
           'smp_stop_nmi_callback', 'ipi_cpu_stop', 'ipi_cpu_crash_stop', 'run_crash_ipi_callback', 'local_cpu_stop',
           'crash_save_cpu')
CRASH_NMI = ('crash_nmi_callback', 'kdump_nmi_callback', 'crash_save_cpu')
STOP = ('native_stop_other_cpus', 'crash_smp_send_stop', 'nmi_shootdown_cpus', 'smp_send_stop')
RESTART = ('emergency_restart', 'machine_emergency_restart', 'native_machine_emergency_restart')
PRINTS = ('console_flush_all', 'nbcon_', 'printk_legacy')      # may come between any two others


def pairs(path):
    """Lines "hexaddr name"."""
    with open(path) as f:
        return [(int(a, 16), n) for a, n in map(str.split, f)]


def base(con, functions):
    """The run-time address of _text, from what the guest said on its console."""
    link = {n: a for a, n in pairs(functions) if n in ('_text', '_stext')}
    for n in ('_text', '_stext'):
        m = re.search(r'LABINIT: ([0-9a-f]{16}) T %s' % n, con)
        if m and '_text' in link:
            return int(m.group(1), 16) - link.get(n, link['_text']) + link['_text']
    m = re.search(r'Kernel Offset: 0x([0-9a-f]+) from 0x', con)     # of panic(), where init did not say it
    if m and '_text' in link:
        return link['_text'] + int(m.group(1), 16)
    return None


def read(log, functions, base, dyn):
    """Rows {t, cpu, fn}; the same function again and again is one row with times and last.

    The plugin matches the low 21 bits of an address; rows that the kernel's
    base does not confirm are dropped, those of the capture kernel among them.
    Behind machine_kexec only another CPU's crash NMI counts: a slow one may
    take it after the wait for it, and the capture kernel has but the one CPU.
    dyn: the run-time addresses of the registered notifiers, if the file is there.
    """
    link = {}
    for a, n in pairs(functions):
        link.setdefault(n, []).append(a)
    notifiers = {a for a, _ in pairs(dyn)} if os.path.exists(dyn) else set()
    off = base - link['_text'][0] if base else None
    rows, on, gone = [], False, None
    with open(log) as f:
        for line in f:
            f = line.split()
            if len(f) != 4:
                continue
            t, cpu, va, n = float(f[0]), int(f[1]), int(f[2], 16), f[3]
            if va not in notifiers and off is not None and va - off not in link.get(n, []):
                continue
            if n in ('_text', '_stext'):
                continue
            if gone is not None and (cpu == gone or n not in CRASH_NMI):
                continue
            if n in START:
                on = True
            if on and rows and rows[-1]['cpu'] == cpu and rows[-1]['fn'] == n:
                rows[-1]['times'] = rows[-1].get('times', 1) + 1
                rows[-1]['last'] = t
                continue
            if on:
                rows.append({'t': t, 'cpu': cpu, 'fn': n})
            if n == 'machine_kexec' and on:
                gone = cpu
            if len(rows) > 600:
                break
    return rows


def summary(rows, chain, smp=4):
    """What the rows say, in the terms of the truth."""
    notifiers = [c['function'] for c in chain]
    s = {'panic_entered_on': [], 'first_panic_cpu': None, 'stopped': {}, 'notifier_functions_entered': [],
         'die_notifiers_entered': [], '__crash_kexec_before_notifiers': False, '__crash_kexec_after_notifiers': False,
         'crash_kexec_from_oops': False, 'machine_kexec_on': None, 'kmsg_dump': False, 'kmsg_dump_from_oops': False,
         'panic_print_tasks': False, 'console_flush_on_panic': 0, 'emergency_restart': False, 'stop_called': []}
    chain_run, last, in_oops = False, {}, {}
    for r in rows:
        n, c, times = r['fn'].split('.')[0], r['cpu'], r.get('times', 1)
        prev = last.get(c)      # what this CPU entered before
        if not n.startswith(PRINTS):
            last[c] = n
        if n in ('oops_begin', 'oops_exit'):
            in_oops[c] = n == 'oops_begin'
        if n == 'panic' or n == 'vpanic' and prev != 'panic':      # panic() calls vpanic() since 6.16 or so
            s['panic_entered_on'].append(c)
            if s['first_panic_cpu'] is None:
                s['first_panic_cpu'] = c
        if n in notifiers and in_oops.get(c):
            s['die_notifiers_entered'].append(n)     # some are on both chains
        elif n in notifiers:
            chain_run = True
            s['notifier_functions_entered'] += [n] * times
        if n == '__crash_kexec':
            if not s['panic_entered_on']:
                s['crash_kexec_from_oops'] = True
            s['__crash_kexec_after_notifiers' if chain_run else '__crash_kexec_before_notifiers'] = True
        if n == 'machine_kexec':
            s['machine_kexec_on'] = c
        if n in STOPPED:
            s['stopped'].setdefault(str(c), []).append(n)
        if n in STOP:
            s['stop_called'].append('%s on %d' % (n, c))
        if n.startswith('kmsg_dump'):
            s['kmsg_dump_from_oops' if prev == 'oops_exit' else 'kmsg_dump'] = True
        if n == 'show_state_filter' and s['panic_entered_on']:
            s['panic_print_tasks'] = True
        # PREEMPT_RT flushes before the early crash kexec, too, which is no stage
        if n == 'console_flush_on_panic' and (s['__crash_kexec_before_notifiers'] or s['__crash_kexec_after_notifiers']):
            s['console_flush_on_panic'] += times
        if n in RESTART:
            s['emergency_restart'] = True
    # the first to enter panic() may lose the race for panic_cpu
    lost = [c for c, how in s['stopped'].items() if 'panic_smp_self_stop' in how or 'nmi_panic_self_stop' in how]
    won = [c for c in s['panic_entered_on'] if str(c) not in lost]
    s['panic_cpu'] = won[0] if won else None
    # the CPU that goes down saves its own registers, too
    own = str(s['machine_kexec_on'])
    if s['stopped'].get(own) == ['crash_save_cpu']:
        del s['stopped'][own]
    s['kexec_happened'] = s['machine_kexec_on'] is not None
    s['never_stopped'] = [c for c in range(smp) if str(c) not in s['stopped'] and c not in (s['panic_cpu'], s['machine_kexec_on'])]
    return s
