# SPDX-License-Identifier: GPL-2.0-or-later
"""What each scenario engineers.

A scenario is a function of the kernel version (a key of paths.KERNELS) that
returns a dict:

    append, cap_append   added to the command line of the kernel, of the capture kernel
    kdump                False: no crash kernel is loaded
    kexec_how            '-s' (kexec_file_load, x86's default) or '-c' (kexec_load)
    setup, trigger       shell in the guest, before and as the break; see labmod.c for `lab ...`
    capture              shell in the capture kernel, instead of makedumpfile -d $LEVEL -c
    host                 steps of the host, in order: (regular expression on console and debug
                         console, seconds to wait then, action, argument); actions are dump,
                         quit, pmemsave, hmp, or any QMP command
    qemu, cpu, machine, smp, mem, crashkernel    the virtual machine; {work} is a scratch folder
    files                copied into {work} before: name -> file
    keep                 files of {work} to keep
    reboots              the guest may reset (else QEMU ends there)
    limit                seconds until given up
    truth                see tr(): what happens by construction

What is seen from outside the guest (TCG plugin, debug console, QMP events) is
added under "observed" by truth.py.  Scenarios of your own: a Python file that
begins with `from scenarios import *` and sets ALL and ARM64, in LAB_SCENARIOS.
"""
import importlib.util
import os

PN = 'crash_kexec_post_notifiers '
IPMI = ['-device', 'ipmi-bmc-sim,id=bmc0', '-device', 'isa-ipmi-kcs,bmc=bmc0']
PVP = ['-device', 'pvpanic']
PVPANIC = 'modprobe pvpanic-mmio || modprobe pvpanic\n'
INTREE = PVPANIC + '''
modprobe ipmi_si; modprobe ipmi_devintf; modprobe ipmi_watchdog
modprobe ledtrig-heartbeat; modprobe ledtrig-activity
sleep 2
'''
STD = '''
lab notifier lab_top 300 print
lab notifier lab_high 200 benign
lab notifier lab_mid 10 setvar 7
lab notifier lab_low -50 benign
lab notifier lab_last -1000 print
lab kmsgdump x
'''
STD_ORDER = ['lab_top', 'lab_high', 'lab_mid', 'lab_low', 'lab_last']
QDUMP = [('kdump-zlib', 'vmcore')]
NMI3 = 'the other three through the crash NMI (x86: nmi_shootdown_cpus; arm64: crash_smp_send_stop IPI), registers saved'
IPI3 = 'the other three through smp_send_stop (REBOOT vector, stop_this_cpu)'
FINAL_LOOP = 'hypervisor, final loop of panic()'


def sysrq(cpu):
    return 'taskset %x sh -c "echo c > /proc/sysrq-trigger"' % (1 << cpu)


def quit_():
    return ('', 0, 'quit', None)


def dump_after(regex, delay):
    """Host steps: wait, dump the guest's memory, end."""
    return [(regex, delay, 'dump', QDUMP), quit_()]


def pvp(v):
    return [] if 'arm64' in v else PVP


def tr(how, cpu, dump, called, not_called=(), hung=None, stopped='', not_stopped=(), panic_print=False,
       kmsg=False, flush=False, wait=False, violations=(), trigger='other', **more):
    """The truth.  how: in words; cpu: which panics; dump: at which point it is made; called, not_called: lab's
    notifiers in order; hung: the one that never returns; stopped, not_stopped: the other CPUs; panic_print,
    kmsg, flush, wait: the stages reached; violations: what the crash path did wrong; trigger: the class of the panic.
    more: panic_entered=False; cpus_offline; repeats (panic() nests: notifiers run more than once); cpus_present (where not all
    of -smp); cpu_outcomes {'CPU': [outcome, how]}; stage_outcomes {stage: [outcome...]}; parameters (set by sysctl, as on the
    command line); last_entered (the callback by name, where the functions seen do not tell); hung_function (an in-tree callback
    that does not return); freed (the callback whose block is in no memory any more); rebooted (only the last boot counts); anything else.
    dump: early, late, oops-direct, 'hypervisor, no panic', 'hypervisor, in stage STAGE', or one of compare's DUMPS."""
    d = {'how': how, 'panicking_cpu': cpu, 'dump': dump,
         'notifiers': {'lab_called_in_order': list(called), 'lab_not_called': list(not_called), 'lab_hung_in': hung,
                       'note': 'the whole chain with in-tree entries, in order: observed.chain; '
                               'those entered: observed.stages'},
         'cpus_stopped': stopped, 'cpus_not_stopped': list(not_stopped),
         'reached': {'panic_print': panic_print, 'kmsg_dump': kmsg, 'console_flush_on_panic': flush, 'reboot_wait': wait},
         'expected_violations': list(violations), 'trigger': trigger}
    d.update(more)
    return d


# early: the crash kernel starts before the notifiers

def sysrq_early(v):
    return {'trigger': sysrq(2),
            'truth': tr('sysrq-c on CPU 2, crash kernel loaded, default parameters', 2, 'early', [], stopped=NMI3, trigger='sysrq')}


def early_lab(v):
    return {'setup': STD, 'trigger': 'lab panic 1 early with notifiers registered',
            'truth': tr('panic() on CPU 1, crash kernel loaded, default parameters; lab notifiers registered but not reached',
                        1, 'early', [], STD_ORDER, stopped=NMI3)}


def oops_direct(v):
    return {'setup': 'echo 1 > /proc/sys/kernel/panic_on_oops\nlab die lab_die 0\n' + STD, 'trigger': 'lab oops 1',
            'truth': tr('NULL store on CPU 1, panic_on_oops=1: crash_kexec() from oops_end, panic() never entered',
                        1, 'oops-direct', [], STD_ORDER, stopped=NMI3, panic_entered=False, trigger='oops-crash-kexec')}


def unknown_nmi(v):
    return {'setup': STD + 'echo 1 > /proc/sys/kernel/unknown_nmi_panic\n', 'trigger': 'say "inject now"',
            'host': [('LABRUN: inject now', 1, 'inject-nmi', None)],
            'truth': tr('QMP inject-nmi, unknown_nmi_panic=1, early kdump: nmi_panic() on CPU 0 (LINT1 of the others is masked)',
                        0, 'early', [], STD_ORDER, stopped=NMI3, trigger='nmi-unknown')}


def oom(v):
    return {'setup': STD + 'echo 1 > /proc/sys/vm/panic_on_oom\n', 'trigger': '(tail /dev/zero) &', 'limit': 300,
            'truth': tr('panic_on_oom=1, a shell tool eats the memory, early kdump', 'whichever ran tail', 'early',
                        [], STD_ORDER, stopped=NMI3, trigger='oom')}


def on_warn(v):
    return {'setup': STD + 'echo 1 > /proc/sys/kernel/panic_on_warn\n', 'trigger': 'lab warn 2',
            'truth': tr('panic_on_warn=1, WARN on CPU 2, early kdump', 2, 'early', [], STD_ORDER, stopped=NMI3, trigger='panic-on-warn')}


def two_panics_early(v):
    return {'setup': STD, 'trigger': 'lab panic2 1 2',
            'truth': tr('threads on CPU 1 and CPU 2 call panic() at the same time; the one whose message is on the console won, '
                        'the other loops in panic_smp_self_stop', '1 or 2 (see observed.panic_line)', 'early', [], STD_ORDER,
                        stopped='two by the stop, the loser of the race in panic_smp_self_stop and then by the crash NMI')}


def noisy_early(v):
    return {'setup': STD, 'trigger': 'lab panicin 1500 1 in the noise\nlab noisy 3', 'limit': 300,
            'truth': tr('a thread on CPU 3 prints without end; panic() on CPU 1', 1, 'early', [], STD_ORDER, stopped=NMI3)}


def offline_early(v):
    return {'setup': STD + 'echo 0 > /sys/devices/system/cpu/cpu3/online\n'
                           'say "online $(cat /sys/devices/system/cpu/online)"\n', 'trigger': 'lab panic 1 cpu 3 offline',
            'truth': tr('CPU 3 taken offline before; panic() on CPU 1', 1, 'early', [], STD_ORDER,
                        stopped='CPUs 0 and 2; CPU 3 was offline (not a violation)', cpus_offline=[3])}


# late: crash_kexec_post_notifiers

def late(v):
    return {'append': PN, 'qemu': [] if 'arm64' in v else PVP + IPMI, 'setup': INTREE + STD, 'trigger': 'lab panic 1 late',
            'truth': tr('panic() on CPU 1, crash_kexec_post_notifiers; in-tree modules pvpanic, ipmi_si/msghandler, '
                        'ipmi_watchdog, ledtrig-heartbeat, ledtrig-activity', 1, 'late', STD_ORDER, stopped=NMI3, kmsg=True)}


def nokaslr(v):
    d = late(v)
    d['append'] += 'nokaslr '
    d['truth']['how'] += '; nokaslr'
    return d


def la57(v):
    d = late(v)
    d['cpu'] = 'max,la57=on'
    d['truth']['how'] += '; 5-level page tables'
    return d


def oops_late(v):
    return {'append': PN, 'setup': 'echo 1 > /proc/sys/kernel/panic_on_oops\n' + STD, 'trigger': 'lab oops 1',
            'truth': tr('NULL store on CPU 1, panic_on_oops=1, crash_kexec_post_notifiers: panic("Fatal exception") runs, late kdump',
                        1, 'late', STD_ORDER, stopped=NMI3, kmsg=True, trigger='oops')}


def hung_task(v):
    return {'setup': STD + 'echo 4 > /proc/sys/kernel/hung_task_timeout_secs; echo 1 > /proc/sys/kernel/hung_task_panic\n',
            'append': PN, 'trigger': 'lab hung',
            'truth': tr('a D-state thread, hung_task_panic=1, late kdump: khungtaskd calls panic()', 'whichever ran khungtaskd',
                        'late', STD_ORDER, stopped=NMI3, kmsg=True, trigger='hung-task')}


def slow(v):
    return {'append': PN, 'trigger': 'lab panic 1 slow',
            'setup': 'lab notifier lab_a 200 print\nlab notifier lab_slow 100 slow 3000\nlab notifier lab_b 50 print\nlab kmsgdump x',
            'truth': tr('late kdump; notifier lab_slow busy-waits 3 s', 1, 'late', ['lab_a', 'lab_slow', 'lab_b'],
                        stopped=NMI3, kmsg=True,
                        violations=['a notifier took 3 s (visible as a gap between the printk of lab_a and that of lab_b)'])}


def notify_stop(v):
    return {'append': PN, 'qemu': pvp(v), 'trigger': 'lab panic 1 notify stop',
            'setup': PVPANIC + 'lab notifier lab_a 200 benign\nlab notifier lab_stop 50 stop\nlab notifier lab_b 20 benign\n'
                               'lab notifier lab_c -50 print\nlab kmsgdump x',
            'truth': tr('late kdump; lab_stop (priority 50) returns NOTIFY_STOP', 1, 'late', ['lab_a', 'lab_stop'],
                        ['lab_b', 'lab_c'], stopped=NMI3, kmsg=True,
                        violations=['a notifier ended the chain with NOTIFY_STOP: all those of lower priority, '
                                    'in-tree ones too, were not called'])}


def panic_print_late(v):
    # 5.10 prints at the end of panic() only, after the late crash kexec
    done = v != '5.10'
    return {'append': PN + 'panic_print=0x3f', 'setup': STD, 'trigger': 'lab panic 1 print', 'limit': 400,
            'truth': tr('panic_print=0x3f, late kdump: ' + ('tasks, memory, timers, locks, ftrace printed; the replay (0x20) comes '
                                                            'after the crash kexec and is not reached' if done else
                                                            'in this kernel panic_print comes after the late crash kexec and is '
                                                            'not reached'), 1, 'late', STD_ORDER, stopped=NMI3,
                        panic_print=done, kmsg=True)}


# dumped by the hypervisor

def hang(v):
    return {'append': PN, 'qemu': pvp(v), 'trigger': 'lab panic 2 hang', 'host': dump_after('notifier lab_hang prio', 3),
            'setup': PVPANIC + 'lab notifier lab_a 200 benign\nlab notifier lab_hang 100 hang\nlab notifier lab_b 50 benign\n'
                               'lab notifier lab_c -50 benign\nlab kmsgdump x',
            'truth': tr('panic() on CPU 2, notifier lab_hang (priority 100) spins for ever; dump-guest-memory 3 s later', 2,
                        'hypervisor, inside a notifier', ['lab_a', 'lab_hang'], ['lab_b', 'lab_c'], 'lab_hang', stopped=NMI3,
                        violations=['a notifier never returned: those after it, kmsg_dump, the late crash kexec and '
                                    'everything later were not reached'])}


def qemu_loop(v):
    return {'kdump': False, 'append': 'panic=0', 'trigger': 'lab panic 1 no crash kernel',
            'setup': 'lab notifier lab_first 100 print\nlab notifier lab_last -100 benign\nlab kmsgdump x',
            'host': dump_after('end Kernel panic', 3),
            'truth': tr('panic() on CPU 1, no crash kernel, panic_timeout 0; dumped while panic() loops', 1, FINAL_LOOP,
                        ['lab_first', 'lab_last'], stopped=IPI3, kmsg=True, flush=True)}


def qemu_loop_vmcoreinfo(v):
    d = qemu_loop(v)
    d['qemu'] = ['-device', 'vmcoreinfo']
    d['setup'] = 'modprobe qemu_fw_cfg\n' + d['setup']
    d['truth']['how'] += '; QEMU device vmcoreinfo (the kernel gives VMCOREINFO to the hypervisor)'
    return d


def timeout_wait(v):
    return {'kdump': False, 'append': 'panic=60', 'setup': STD, 'trigger': 'lab panic 1 wait',
            'host': dump_after('Rebooting in 60 seconds', 5),
            'truth': tr('panic=60, no crash kernel; hypervisor dump 5 s into the wait', 1, 'hypervisor, in the reboot wait',
                        STD_ORDER, stopped=IPI3, kmsg=True, flush=True, wait=True)}


# a CPU that does not stop

def nmistuck(v, kdump):
    dump = 'early' if kdump else FINAL_LOOP
    return {'kdump': kdump, 'setup': STD, 'trigger': 'lab panicin 2000 1 cpu will not stop\nlab nmispin 3',
            'host': [] if kdump else dump_after('end Kernel panic', 3),
            'truth': tr('CPU 3 stuck in an NMI handler; panic() on CPU 1, ' + dump, 1, dump,
                        [] if kdump else STD_ORDER, STD_ORDER if kdump else [],
                        stopped='CPUs 0 and 2' + (' by the crash NMI' if kdump else ' by smp_send_stop'), not_stopped=[3],
                        kmsg=not kdump, flush=not kdump,
                        violations=['CPU 3 spins inside an NMI handler and takes no NMI: not stopped, '
                                    'its registers not saved by the kernel'])}


def nmistuck_early(v):
    return nmistuck(v, True)


def nmistuck_nokdump(v):
    return nmistuck(v, False)


# pstore: the second boot of the same machine reads the records

SAVE_PSTORE = '''
if [ -e /lab/out/booted ]; then
mkdir -p /mnt; mount -t pstore pstore /mnt && mkdir -p /lab/out/pstore && cp -a /mnt/. /lab/out/pstore/ 2>/dev/null
ls -la /mnt; say "PSTORE saved"
sync; umount /lab; poweroff -f
fi
echo 1 > /lab/out/booted
'''
DUMP_AND_REBOOT = '''
makedumpfile -d $LEVEL -c /proc/vmcore /lab/out/vmcore && echo "LABCAP: ok"
sync; umount /lab; echo LABCAP: rebooting; sleep 3; reboot -f
'''


def ramoops(v, post):
    memmap = 'memmap=0x200000$0x24000000 '
    return {'append': (PN if post else '') + memmap, 'cap_append': memmap, 'reboots': True, 'limit': 300,
            'setup': 'modprobe ramoops mem_address=0x24000000 mem_size=0x200000 record_size=0x20000 console_size=0x40000 '
                     'max_reason=2 ecc=0\n' + SAVE_PSTORE + 'mount -t pstore pstore /mnt; ls -la /mnt\n' + STD,
            'trigger': 'lab panic 1 ramoops', 'capture': DUMP_AND_REBOOT,
            'host': [('LABCAP: rebooting', 0, 'pmemsave', (0x24000000, 0x200000, 'ramoops.bin'))],
            'truth': tr('ramoops at 0x24000000+2M; ' + ('late kdump: kmsg_dump wrote the log' if post else
                                                        'early kdump: kmsg_dump not reached, nothing written')
                        + '; the machine then reset warm, the second boot copied /sys/fs/pstore to pstore/; '
                        'ramoops.bin is the raw region before the reset', 1, 'late' if post else 'early',
                        STD_ORDER if post else [], [] if post else STD_ORDER, stopped=NMI3, kmsg=post,
                        pstore='a dmesg-ramoops record (Panic#1)' if post else 'no dmesg record')}


def ramoops_late(v):
    return ramoops(v, True)


def ramoops_early(v):
    return ramoops(v, False)


def erst_late(v):
    return {'append': PN, 'reboots': True, 'limit': 300, 'setup': SAVE_PSTORE + 'cat /sys/module/pstore/parameters/backend\n' + STD,
            'trigger': 'lab panic 1 erst', 'capture': DUMP_AND_REBOOT, 'keep': ['erst.nv'],
            'qemu': ['-object', 'memory-backend-file,id=erstnv,mem-path={work}/erst.nv,size=0x40000,share=on',
                     '-device', 'acpi-erst,memdev=erstnv'],
            'truth': tr('ACPI ERST (QEMU acpi-erst) as the pstore backend; late kdump; second boot copied /sys/fs/pstore to pstore/',
                        1, 'late', STD_ORDER, stopped=NMI3, kmsg=True, pstore='dmesg-erst records (Panic#1)')}


def efi_late(v):
    return {'append': PN, 'reboots': True, 'limit': 420, 'trigger': 'lab panic 1 efi', 'capture': DUMP_AND_REBOOT,
            'setup': 'modprobe efivarfs; mount -t efivarfs e /sys/firmware/efi/efivars\nmodprobe efi-pstore pstore_disable=N\n'
                     + SAVE_PSTORE + 'cat /sys/module/pstore/parameters/backend\n' + STD,
            'files': {'code.fd': '/usr/share/OVMF/OVMF_CODE.fd', 'vars.fd': '/usr/share/OVMF/OVMF_VARS.fd'},
            'qemu': ['-drive', 'if=pflash,format=raw,unit=0,readonly=on,file={work}/code.fd',
                     '-drive', 'if=pflash,format=raw,unit=1,file={work}/vars.fd'],
            'truth': tr('OVMF firmware, efi-pstore; late kdump; second boot copied /sys/fs/pstore to pstore/', 1, 'late', STD_ORDER,
                        stopped=NMI3, kmsg=True, pstore='dmesg-efi records (Panic#1)')}


# one dump in many formats; see formats.py

def fmt_kdump(v):
    d = late(v)
    d['capture'] = '''
ls -la /proc/vmcore
dd if=/proc/vmcore of=/lab/out/vmcore.elf bs=256k 2>&1
makedumpfile -d $LEVEL -c /proc/vmcore /lab/out/vmcore
makedumpfile -F -d $LEVEL -c /proc/vmcore > /lab/out/vmcore.flat
makedumpfile --dump-dmesg /proc/vmcore /lab/out/dmesg.txt
echo "LABCAP: ok"
'''
    d['limit'] = 500
    d['truth']['how'] += '; vmcore.elf is /proc/vmcore copied whole, from which `lab formats` makes the other formats'
    return d


def fmt_qemu(v):
    d = hang(v)
    d['host'] = [('notifier lab_hang prio', 3, 'stop', None),
                 ('', 0, 'dump', [('', 'vmcore.elf'), ('kdump-zlib', 'vmcore'),
                                  ('kdump-lzo', 'vmcore.lzo'), ('kdump-snappy', 'vmcore.snappy')]), quit_()]
    d['truth']['how'] += '; the same paused machine in each format'
    return d


def fmt_qemu_vmcoreinfo(v):
    d = hang(v)
    d['qemu'] = d['qemu'] + ['-device', 'vmcoreinfo']
    d['setup'] = 'modprobe qemu_fw_cfg\n' + d['setup']
    d['host'] = [('notifier lab_hang prio', 3, 'stop', None),
                 ('', 0, 'dump', [('', 'vmcore.elf'), ('paging', 'vmcore.elf-paging'), ('kdump-zlib', 'vmcore')]), quit_()]
    d['truth']['how'] += '; the same paused machine as ELF, as ELF with paging=true and as kdump-zlib, with the QEMU device vmcoreinfo'
    return d


# a machine that did not panic

def live(how, trigger, **more):
    d = {'setup': STD, 'trigger': trigger, 'host': dump_after('LABRUN: dump now', 2),
         'truth': tr(how + '; dump-guest-memory of the running machine', None, 'hypervisor, no panic', [], STD_ORDER,
                     stopped='none', trigger='none', panic_entered=False)}
    d.update(more)
    return d


def live_idle(v):
    return live('never panicked, idle', 'say "dump now"')


def live_load(v):
    return live('never panicked, a busy loop of user space on each CPU and a printing kernel thread',
                'for i in 1 2 4 8; do taskset $i sh -c "while :; do :; done" & done\nlab noisy 3\nsay "dump now"')


def live_said_panic(v):
    return live('never panicked; user space wrote a line that looks like a panic line to /dev/kmsg',
                'echo "Kernel panic - not syncing: sysrq triggered crash" > /dev/kmsg\nsay "dump now"')


def live_irqs_off(v):
    return live('never panicked, CPU 3 spins with interrupts off', 'lab spin 3\nsay "dump now"')


# the chain: which block, and who ended it

def in_notifier(how, setup, called, not_called, hung, trigger='lab panic 2 hang', **more):
    d = {'append': PN, 'trigger': trigger, 'setup': setup + '\nlab kmsgdump x', 'host': dump_after('notifier %s prio' % hung, 3),
         'truth': tr(how + '; dumped by the hypervisor', 2, 'hypervisor, inside a notifier', called, not_called, hung, stopped=NMI3)}
    d['truth'].update(more)
    return d


def same_function(n):
    names = ['lab_s1', 'lab_s2', 'lab_s3']

    def scenario(v):
        return in_notifier('three blocks with the same function side by side, number %d hangs' % n,
                           'lab notifier lab_s1 90 hangif\nlab notifier lab_s2 80 hangif\nlab notifier lab_s3 70 hangif\n'
                           'lab hangname lab_s%d' % n, names[:n], names[n:], 'lab_s%d' % n)
    return scenario


def same_benign(v):
    return in_notifier('the same benign function three times, the hang between',
                       'lab notifier lab_b1 90 benign\nlab notifier lab_b2 80 benign\nlab notifier lab_hang 75 hang\n'
                       'lab notifier lab_b3 70 benign', ['lab_b1', 'lab_b2', 'lab_hang'], ['lab_b3'], 'lab_hang')


def tail_hang(v):
    return in_notifier('lab_wrap leaves its stack frame to the function of lab_other, which is registered behind it, and hangs there',
                       'lab notifier lab_wrap 90 tail\nlab notifier lab_mid 80 benign\nlab notifier lab_other 70 hangif\n'
                       'lab hangname lab_wrap', ['lab_wrap'], ['lab_mid', 'lab_other'], 'lab_wrap', last_entered='lab_wrap', repeats=True)


def lock_held(v):
    return in_notifier('a thread on CPU 3 holds a lock for ever, lab_lock waits for it',
                       'lab notifier lab_a 90 benign\nlab notifier lab_lock 80 lock\nlab notifier lab_b 70 benign',
                       ['lab_a', 'lab_lock'], ['lab_b'], 'lab_lock', trigger='lab panicin 3000 2 lock\nlab hold 3')


def chain(how, setup, called, not_called=(), trigger='lab panic 1 chain', **more):
    d = {'append': PN, 'trigger': trigger, 'setup': setup + '\nlab kmsgdump x',
         'truth': tr(how + '; late kdump', 1, 'late', called, not_called, stopped=NMI3, kmsg=True)}
    d['truth'].update(more)
    return d


def chain_of(how, behaviour, stops, prio=50, setup='', **more):
    """One callback that may end the chain among benign ones."""
    def scenario(v):
        names = ['lab_a', 'lab_x', 'lab_b', 'lab_c']
        return chain(how, 'lab notifier lab_a 200 benign\nlab notifier lab_x %d %s\nlab notifier lab_b %d benign\n'
                          'lab notifier lab_c %d print\n%s' % (prio, behaviour, prio - 10, prio - 20, setup),
                     names[:2] if stops else names, names[2:] if stops else [], **more)
    return scenario


def stop_first(v):
    return chain('the first callback returns NOTIFY_STOP', 'lab notifier lab_x 2000 stop\nlab notifier lab_b 100 benign',
                 ['lab_x'], ['lab_b'])


def stop_last(v):
    return chain('the last callback returns NOTIFY_STOP', 'lab notifier lab_a 100 benign\nlab notifier lab_x -2000 stop', ['lab_a', 'lab_x'])


def stop_two_behind(v):
    return chain('two callbacks behind all in-tree ones return NOTIFY_STOP, the first of them ends the chain',
                 'lab notifier lab_a 100 benign\nlab notifier lab_x -60 stop\nlab notifier lab_y -70 stop\nlab notifier lab_z -80 benign',
                 ['lab_a', 'lab_x'], ['lab_y', 'lab_z'])


def same_name(v):
    d = chain('a callback of labmod is called panic_event as that of ipmi_msghandler; NOTIFY_STOP behind it and before the latter',
              'modprobe ipmi_si; modprobe ipmi_devintf; sleep 2\nlab notifier lab_pe 300 panic_event\nlab notifier lab_x 250 stop\n'
              'lab notifier lab_b -50 benign', ['lab_pe', 'lab_x'], ['lab_b'])
    d['qemu'] = IPMI
    return d


def rcu_suppressed(v):
    return {'setup': STD + 'echo 1 > /sys/module/rcupdate/parameters/rcu_cpu_stall_suppress\n', 'trigger': 'lab panic 1 suppressed',
            'truth': tr('rcu_cpu_stall_suppress set to 1 through sysfs; panic() on CPU 1, early kdump', 1, 'early', [], STD_ORDER, stopped=NMI3)}


def oops_in_notifier(v):
    return {'kdump': False, 'trigger': 'lab panic 1 nested', 'host': dump_after('notifier lab_oops prio', 5),
            'setup': 'lab notifier lab_a 200 print\nlab notifier lab_oops 100 oops\nlab notifier lab_b 50 print\nlab kmsgdump x',
            'truth': tr('a callback oopses, the task that panics dies, panic() never goes on', 1, 'hypervisor, inside a notifier',
                        ['lab_a', 'lab_oops'], ['lab_b'], 'lab_oops', stopped=IPI3)}


def oops_in_notifier_late(v):
    d = oops_in_notifier(v)
    d.update(kdump=True, append=PN)
    d['truth']['how'] += '; crash_kexec_post_notifiers'
    d['truth']['cpus_stopped'] = NMI3
    return d


def warn_in_notifier(v):
    return {'append': PN, 'trigger': 'lab panic 1 warns',
            'setup': 'echo 1 > /proc/sys/kernel/panic_on_warn\nlab notifier lab_a 200 print\nlab notifier lab_warn 100 warn\n'
                     'lab notifier lab_b 50 print\nlab kmsgdump x',
            'truth': tr('a callback WARNs with panic_on_warn, which panic() has reset; late kdump', 1, 'late',
                        ['lab_a', 'lab_warn', 'lab_b'], stopped=NMI3, kmsg=True)}


# kmsg dumpers

def dumper_hang(v):
    return {'append': PN, 'trigger': 'lab panic 1 dumper', 'setup': STD.replace('kmsgdump x', 'kmsgdump x hang'),
            'host': dump_after('kmsg_dump kmsg_dumper', 3),
            'truth': tr('a kmsg dumper never returns', 1, 'hypervisor, in stage kmsg-dump', STD_ORDER, stopped=NMI3, kmsg=True)}


def dumper_hang_restart(v):
    return {'kdump': False, 'append': 'panic=-1 printk.always_kmsg_dump=1', 'trigger': 'lab panic 1 restart',
            'setup': STD.replace('kmsgdump x', 'kmsgdump x hang 3'), 'host': dump_after('kmsg_dump kmsg_dumper prio=3', 3),
            'truth': tr('panic=-1: emergency_restart() at once, a kmsg dumper hangs there', 1, 'hypervisor, in stage reboot',
                        STD_ORDER, stopped=IPI3, kmsg=True, flush=True)}


# contexts

def early(how, does, cpu=1, **more):
    d = {'setup': STD, 'trigger': does, 'truth': tr(how + '; early kdump', cpu, 'early', [], STD_ORDER, stopped=NMI3)}
    d['truth'].update(more)
    return d


def late_of(how, does, cpu=1, **more):
    d = {'setup': STD, 'append': PN, 'trigger': does, 'truth': tr(how + '; late kdump', cpu, 'late', STD_ORDER, stopped=NMI3, kmsg=True)}
    d['truth'].update(more)
    return d


def loop_of(how, does, cpu=1, **more):
    d = {'kdump': False, 'setup': STD, 'trigger': does, 'host': dump_after('end Kernel panic', 3),
         'truth': tr(how + '; no crash kernel', cpu, FINAL_LOOP, STD_ORDER, stopped=IPI3, kmsg=True, flush=True)}
    d['truth'].update(more)
    return d


def panic_irq_early(v):
    return early('panic() in the handler of an IPI', 'lab panicirq 1')


def panic_irq_late(v):
    return late_of('panic() in the handler of an IPI', 'lab panicirq 1')


def panic_softirq_late(v):
    return late_of('panic() in a timer', 'lab panicsoft 2', 2)


def panic_irq_nokdump(v):
    return loop_of('panic() in the handler of an IPI', 'lab panicirq 1')


def panic_nmi_late(v):
    return late_of('nmi_panic() in an NMI of CPU 1', 'lab nmipanic 1')


def seen_outside(v, d):
    """5.10 keeps what is printed in an NMI in a buffer, and after kmsg_dump() nothing empties that any more."""
    if v == '5.10':
        d['host'] = dump_after(r'LAB \d+ kmsg_dump', 8)
    return d


def panic_nmi_nokdump(v):
    return seen_outside(v, loop_of('nmi_panic() in an NMI of CPU 1', 'lab nmipanic 1'))


def panic_nmi_hang(v):
    return {'kdump': False, 'trigger': 'lab nmipanic 1', 'host': dump_after(r'LAB \d+ notifier lab_hang', 3),
            'setup': 'lab notifier lab_a 200 print\nlab notifier lab_hang -10 hang\nlab notifier lab_b -50 benign\nlab kmsgdump x',
            'truth': tr('nmi_panic() in an NMI of CPU 1, no crash kernel, notifier lab_hang (priority -10) spins for ever', 1,
                        'hypervisor, inside a notifier', ['lab_a', 'lab_hang'], ['lab_b'], 'lab_hang', stopped=IPI3)}


def two_nmi_panics(v):
    d = early('nmi_panic() in NMIs of CPU 1 and CPU 2 at once', 'lab nmipanic 1 2', '1 or 2')
    d['truth']['cpus_stopped'] = 'the loser in nmi_panic_self_stop()'
    return d


def two_nmi_panics_nokdump(v):
    d = loop_of('nmi_panic() in NMIs of CPU 1 and CPU 2 at once', 'lab nmipanic 1 2', '1 or 2')
    d['truth']['cpus_stopped'] = 'the loser in nmi_panic_self_stop()'
    return seen_outside(v, d)


def unknown_nmi_late(v):
    d = unknown_nmi(v)
    d['append'] = PN
    d['truth'] = tr('unknown NMI', 0, 'late', STD_ORDER, stopped=NMI3, kmsg=True, trigger='nmi-unknown')
    return d


def oops_irq_direct(v):
    return {'setup': STD, 'trigger': 'lab oopsirq 1',
            'truth': tr('NULL store in the handler of an IPI: crash_kexec() from oops_end()', 1, 'oops-direct', [], STD_ORDER,
                        stopped=NMI3, panic_entered=False, trigger='oops-crash-kexec')}


def oops_irq_nokdump(v):
    return loop_of('NULL store in the handler of an IPI', 'lab oopsirq 1', trigger='oops-irq')


def overflow_direct(v):
    d = oops_irq_direct(v)
    d['setup'] += 'echo 1 > /proc/sys/kernel/panic_on_oops\n'
    d['trigger'] = 'lab overflow 1'
    d['truth']['how'] = 'the stack of a thread runs over, panic_on_oops'
    return d


def two_panics_nokdump(v):
    return loop_of('two threads call panic()', 'lab panic2 1 2', '1 or 2')


def two_panics_late(v):
    return late_of('two threads call panic()', 'lab panic2 1 2', '1 or 2')


# triggers

def init_killed(v):
    return early('PID 1 exits', 'exit 3', 0, trigger='init-killed')


def taint(v):
    d = early('panic_on_taint=0x200, WARN on CPU 2', 'lab warn 2', 2, trigger='taint')
    d['append'] = 'panic_on_taint=0x200'
    return d


def softlockup(v):
    return late_of('softlockup_panic=1, a thread on CPU 2 spins', 'echo 3 > /proc/sys/kernel/watchdog_thresh\n'
                   'echo 1 > /proc/sys/kernel/softlockup_panic\nlab softlock 2', 2, trigger='softlockup')


def rcu_stall(v):
    d = late_of('panic_on_rcu_stall=1, a thread on CPU 2 spins', 'echo 0 > /proc/sys/kernel/watchdog_thresh\n'
                'echo 1 > /proc/sys/kernel/panic_on_rcu_stall\nlab softlock 2', 'whichever saw the stall', trigger='rcu-stall')
    d['append'] += 'rcupdate.rcu_cpu_stall_timeout=5'
    return d


def rcu_stall_other(v):
    d = rcu_stall(v)
    d['setup'] = d['setup'].replace('lab softlock 2', 'lab spin 2')
    d['trigger'] = d['trigger'].replace('lab softlock 2', 'lab spin 2')
    d['truth']['how'] = 'panic_on_rcu_stall=1, a thread on CPU 2 spins with interrupts off: another CPU finds it'
    return d


def softlockup_lock(v):
    d = softlockup(v)
    d['trigger'] = d['trigger'].replace('lab softlock 2', 'lab deadlock 2')
    d['truth']['how'] = 'softlockup_panic=1, a thread on CPU 2 takes a spinlock twice'
    return d


def hung_mutex(v):
    d = hung_task(v)
    d['trigger'] = 'lab hungmutex'
    d['truth']['how'] = 'a thread waits for a mutex that nobody unlocks, hung_task_panic=1, late kdump'
    return d


def oom_cgroup(v):
    d = oom(v)
    d['setup'] = STD + ('echo 2 > /proc/sys/vm/panic_on_oom\nmount -t cgroup2 none /mnt\necho +memory > /mnt/cgroup.subtree_control\n'
                        'mkdir /mnt/x\necho 20000000 > /mnt/x/memory.max\n')
    d['trigger'] = '(sh -c "echo \\$\\$ > /mnt/x/cgroup.procs; exec tail /dev/zero") &'
    d['truth']['how'] = 'panic_on_oom=2, a shell tool eats the memory of its cgroup, early kdump'
    return d


def init_oops(v):
    return late_of('NULL store in PID 1', 'lab oopshere', 0, trigger='init-killed')


def null_call_direct(v):
    d = oops_direct(v)
    d['trigger'] = 'lab nullcall 1'
    d['truth']['how'] = 'a call of NULL on CPU 1, panic_on_oops=1: crash_kexec() from oops_end, panic() never entered'
    return d


def module_text(text):
    return lambda v: early('panic("%s") of a module' % text, 'lab panicraw 1 ' + text)


def boot_rootfs(v):
    return {'kdump': False, 'append': 'rdinit=/nonexistent root=/dev/none', 'trigger': '', 'host': dump_after('end Kernel panic', 3),
            'truth': tr('no root file system', None, FINAL_LOOP, [], stopped='all others', kmsg=True, flush=True, trigger='boot-rootfs')}


# CPUs

def cpus(n, f, **more):
    def scenario(v):
        d = f(v)
        d['smp'] = n
        if n == 1:
            d['trigger'] = d['trigger'].replace('panic 1', 'panic 0')
            d['truth']['panicking_cpu'] = 0
        d['truth']['cpus_stopped'] = 'the others of %d' % n
        d['truth']['how'] += '; %d CPUs' % n
        d.update(more)
        return d
    return scenario


def stuck(which, kind, cpu):
    """CPUs that take no NMI; kind: early, late_of, loop_of."""
    def scenario(v):
        d = kind('CPUs %s stuck in NMI handlers' % which, 'lab panicin 4000 %d stuck\n' % cpu +
                 '\n'.join('lab nmispin %d' % c for c in which), cpu)
        d['truth']['cpus_not_stopped'] = which
        return d
    return scenario


def nmispin_mid(v):
    return {'kdump': False, 'setup': STD, 'trigger': 'lab panicin 3000 1 cpu will not stop\nlab nmispin 3',
            'host': [('Call Trace', 0, 'stop', None), ('', 0, 'cont', None), ('', 0.3, 'stop', None),
                     ('', 0, 'dump', QDUMP), quit_()],
            'truth': tr('CPU 3 stuck; dumped while smp_send_stop() waits for it', 1, 'hypervisor, in stage stop-cpus', [], STD_ORDER,
                        stopped='CPUs 0 and 2', not_stopped=[3])}


def irqs_off_nokdump(v):
    return loop_of('CPU 3 spins with interrupts off', 'lab panicin 3000 1 irqs off\nlab spin 3')


def offline1(kind):
    def scenario(v):
        d = kind('CPU 1 offline', 'lab panic 2 cpu 1 offline', 2, cpus_offline=[1])
        d['setup'] += 'echo 0 > /sys/devices/system/cpu/cpu1/online\n'
        return d
    return scenario


def limited(append, present, off=()):
    def scenario(v):
        d = late_of(append, 'lab panic 0 limited', 0, cpus_present=present, cpus_offline=list(off))
        d['append'] += append
        return d
    return scenario


def memory(mb, kdump=True):
    """The same dump at more than one size; see tests/bench/bench.py."""
    def scenario(v):
        d = (late_of if kdump else loop_of)('%d MB' % mb, 'lab panic 1 memory')
        d.update(mem=mb, limit=600)
        return d
    return scenario


# dumped while the crash kernel runs

def in_crash_kernel(f, info):
    def scenario(v):
        d = f(v)
        d['capture'] = 'echo LABCAP: sleeping; sleep 60\n'
        d['host'] = dump_after('LABCAP: sleeping', 2)
        point = d['truth']['dump']
        d['truth']['dump'] = 'hypervisor, in stage kdump-' + point
        d['truth']['how'] += '; dumped by the hypervisor while the crash kernel runs'
        if info:
            d['qemu'] = d.get('qemu', []) + ['-device', 'vmcoreinfo']
            d['setup'] = 'modprobe qemu_fw_cfg\n' + d['setup']
        return d
    return scenario


# stages in progress

def backtraces(kind):
    def scenario(v):
        d = kind('panic_print=0x40', 'lab panic 1 backtraces')
        d['append'] = d.get('append', '') + 'panic_print=0x40'
        return d
    return scenario


def backtraces_stuck(v):
    return {'kdump': False, 'append': 'panic_print=0x40', 'setup': STD, 'trigger': 'lab panicin 3000 1 stuck\nlab nmispin 3',
            'host': dump_after('Sending NMI from CPU 1', 4),
            'truth': tr('CPU 3 stuck; dumped while panic() waits for its backtrace', 1, 'hypervisor, in stage cpu-backtraces',
                        [], STD_ORDER, stopped='none')}


def backlog_flush(v):
    return {'kdump': False, 'append': 'log_buf_len=16M', 'setup': STD, 'trigger': 'lab panicbacklog 1 100000',
            'host': dump_after('labmod: flood 300 ', 0),
            'truth': tr('100000 lines that no console has shown; dumped in console_flush_on_panic()', 1,
                        'hypervisor, in stage console-flush', STD_ORDER, stopped=IPI3, kmsg=True, flush=True)}


def replay(v):
    return {'kdump': False, 'append': 'log_buf_len=16M panic_print=0x20', 'setup': STD,
            'trigger': 'echo 1 > /proc/sys/kernel/printk\nlab panicbacklog 1 60000',
            'host': dump_after(r'labmod: flood 59999 [\s\S]*Linux version[\s\S]*labmod: flood 300 ', 0), 'limit': 420,
            'truth': tr('panic_print=0x20 and a large log; dumped in the replay', 1, 'hypervisor, in stage console-replay', STD_ORDER,
                        stopped=IPI3, kmsg=True, flush=True)}


def flag_sysfs(v):
    d = late_of('crash_kexec_post_notifiers set through sysfs', 'lab panic 1 sysfs', parameters={'crash_kexec_post_notifiers': True})
    d['append'] = ''
    d['setup'] += 'echo Y > /sys/module/kernel/parameters/crash_kexec_post_notifiers\n'
    return d


def flag_nokdump(v):
    d = loop_of('crash_kexec_post_notifiers', 'lab panic 1 flag')
    d['append'] = PN
    return d


def said_panic_early(v):
    return early('user space wrote a line that looks like a panic line, then panic()',
                 'echo "Kernel panic - not syncing: softlockup: hung tasks" > /dev/kmsg\nlab panic 1 early')


def said_panic_direct(v):
    d = oops_direct(v)
    d['setup'] += 'echo "Kernel panic - not syncing: softlockup: hung tasks" > /dev/kmsg\n'
    d['truth']['how'] += '; before that user space wrote a line that looks like a panic line'
    return d


def no_dumper_late(v):
    d = late_of('no kmsg dumper', 'lab panic 1 no dumper')
    d['setup'] = STD.replace('lab kmsgdump x', '')
    return d


def kexec_busy(v):
    d = loop_of('the crash kernel is being loaded anew, which holds __kexec_lock: __crash_kexec() returns without a word',
                'for c in 1 4 8; do\nwhile :; do taskset $c /lab/tools/ld.so --library-path /lab/tools /lab/tools/kexec -s -p '
                '/lab/vmlinuz --initrd=/lab/initrd --append=x > /dev/null 2>&1; done &\ndone\nsleep 4; lab panic 1 busy',
                stage_outcomes={'kdump-early': ['skipped']})
    d['kdump'] = True
    return d


def going_offline(kind):
    def scenario(v):
        d = kind('CPU 3 hangs on its way offline: it runs, and is no longer active', 'lab hotplughang\n'
                 '(echo 0 > /sys/devices/system/cpu/cpu3/online) &\nsleep 2; lab panic 1 hotplug')
        return d
    return scenario


def nmi_after_serr(v):
    d = unknown_nmi(v)
    d['setup'] = STD + ('echo "NMI: PCI system error (SERR) for reason a1 on CPU 0." > /dev/kmsg\n'
                        'echo 1 > /proc/sys/kernel/unknown_nmi_panic\n')
    d['truth']['how'] += '; the log has a line as of an earlier SERR that did not panic'
    return d


def sys_info_part(v):
    return {'kdump': False, 'append': 'panic_print=0x1', 'setup': STD,
            'trigger': 'for i in $(seq 600); do sleep 1000 & done; sleep 1\nlab panic 1 tasks',
            'host': dump_after(r'Call Trace:[\s\S]*task:', 0),
            # in 5.10 the tasks come after the dumpers and the flush of the consoles
            'truth': tr('panic_print=1, dumped while the tasks are printed', 1, 'hypervisor, in stage sys-info', STD_ORDER,
                        stopped=IPI3, panic_print=True, kmsg=v == '5.10', flush=v == '5.10')}


def nmispin_mid_kexec(v):
    d = nmispin_mid(v)
    d['kdump'] = True
    d['truth']['dump'] = 'hypervisor, in stage kdump-early'
    d['truth']['how'] = 'CPU 3 stuck; dumped while __crash_kexec() waits for it'
    return d


def die_in_chain(v):
    d = in_notifier('lab_oops oopses, the die chain calls a function that is in the panic chain, too, and it hangs',
                    'lab notifier lab_a 90 benign\nlab notifier lab_oops 80 oops\nlab notifier lab_b 70 benign\n'
                    'lab notifier lab_both 60 hangif\nlab dieas lab_die 0 hangif\nlab hangname lab_die', ['lab_a', 'lab_oops', 'lab_die'],
                    ['lab_b', 'lab_both'], 'lab_oops', last_entered='lab_oops', repeats=True)
    d['host'] = dump_after('notifier lab_die prio', 3)
    return d


def traced(f):
    def scenario(v):
        d = f(v)
        t = '/sys/kernel/debug/tracing/'
        d['setup'] = d.get('setup', '') + ('\nfor i in panic atomic_notifier_call_chain __crash_kexec crash_kexec oops_end lab_nb_hang; '
                      'do echo $i >> %sset_ftrace_filter; done\necho function_graph > %scurrent_tracer\ncat %scurrent_tracer\n' % (t, t, t))
        d['truth']['how'] += '; function_graph traces panic() and what it calls'
        return d
    return scenario


def pvpanic_pause(v):
    before = 3 if v == '5.10' else 0        # its priority is 1 there, later it is the highest
    d = in_notifier('pvpanic tells the hypervisor, which pauses the machine there', PVPANIC + STD.replace('lab kmsgdump x', ''),
                    STD_ORDER[:before], STD_ORDER[before:], '', trigger='lab panic 1 pvpanic')
    d.update(kdump=False, append='', qemu=PVP + ['-action', 'panic=pause'], host=dump_after('calls panic', 4))
    d['truth'].update(panicking_cpu=1, hung_function='pvpanic_panic_notify', cpus_stopped=IPI3)
    return d


def rebooted_live(v):
    return {'kdump': False, 'append': 'panic=1', 'reboots': True, 'limit': 300, 'setup': STD,
            'trigger': 'if [ -e /lab/out/booted ]; then say "dump now"; else echo 1 > /lab/out/booted; lab panic 1 first boot; sleep 100; fi',
            'host': dump_after('LABRUN: dump now', 2),
            'truth': tr('it panicked and rebooted (warm: memory is not cleared), and now runs; dump-guest-memory', None,
                        'hypervisor, no panic', [], STD_ORDER, stopped='none', trigger='none', panic_entered=False, rebooted=True, repeats=True)}


# a module that went without taking its callback back

GONE = '''
lab notifier lab_a 200 benign
lab %s lab_gone 100
lab notifier lab_b -50 benign
lab kmsgdump x
'''


def gone_block(kind):
    def scenario(v):
        how = 'the memory of a registered block is freed, as that of an unloaded module; '
        if kind is early:
            d = early(how + 'the chain leads there', 'lab unload\nlab panic 1 gone')
        else:
            d = {'append': PN, 'trigger': 'lab unload\nlab panic 1 gone', 'host': dump_after('unable to handle', 5),
                 'truth': tr(how + 'panic() oopses there, the task that panics dies', 1, 'hypervisor, inside a notifier', ['lab_a'],
                             stopped=NMI3)}
        d['setup'] = GONE % 'gone'
        d['truth']['freed'] = 'lab_gone'
        d['truth']['notifiers']['lab_not_called'] = ['lab_gone', 'lab_b'] if kind is late_of else ['lab_a', 'lab_gone', 'lab_b']
        return d
    return scenario


def gone_code(kind):
    def scenario(v):
        d = gone_block(kind)(v)
        how = 'the code of a registered callback is freed, as that of an unloaded module; '
        d['trigger'] = 'lab panic 1 gone'
        d['setup'] = GONE % 'gonecode'
        del d['truth']['freed']
        d['truth']['how'] = how + ('early kdump' if kind is early else 'panic() oopses when it calls it, the task that panics dies')
        return d
    return scenario


# the crash kernel does not come up

def crash_kernel_corrupt(kind):
    def scenario(v):
        d = kind('the image of the crash kernel was changed after it was loaded: purgatory stays in a loop', 'lab corrupt\nlab panic 1 corrupt')
        point = d['truth']['dump']
        d['host'] = dump_after(r'Kernel panic - not syncing: labmod: corrupt', 12)
        d['truth']['dump'] = 'hypervisor, in stage kdump-' + point
        d['truth']['how'] += '; dumped by the hypervisor'
        return d
    return scenario


# a CPU calls panic() while another one's panic() waits for it to stop

def second(first, other, nmi=False):
    def scenario(v):
        d = loop_of('CPU %d calls panic() %swith interrupts off while that of CPU %d waits for it to stop' % (
                    other, 'in an NMI, ' if nmi else '', first),
                    'lab panicin 1500 %d first\nlab %s 300 %d second' % (first, 'nmipanicoff' if nmi else 'panicoff', other), first)
        d['truth']['cpus_stopped'] = 'two through smp_send_stop, the one that panics, too, by itself'
        return d
    return scenario


# real machines have them; all others here run with mitigations=off

def mitigated(f):
    def scenario(v):
        d = f(v)
        d['append'] = d.get('append', '') + ' mitigations=auto spectre_v2=retpoline retbleed=unret spec_rstack_overflow=safe-ret pti=on'
        d['truth']['how'] += '; with mitigations: retpolines, return thunks, PTI'
        return d
    return scenario


# the log has lost the panic line

def log_gone_direct(v):
    d = oops_direct(v)
    d['setup'] = d['setup'].replace('lab die lab_die 0', 'lab dieflood lab_die 0 4000')
    d['truth']['how'] += '; a die notifier fills the log'
    return d


def log_gone_late(v):
    return chain('a callback fills the log', 'lab notifier lab_a 200 print\nlab notifier lab_flood 100 flood 4000\nlab notifier lab_b 50 print',
                 ['lab_a', 'lab_flood', 'lab_b'])


def log_gone_loop(v):
    d = loop_of('a callback fills the log', 'lab panic 1 flood')
    d['setup'] = 'lab notifier lab_a 200 print\nlab notifier lab_flood -100 flood 4000\nlab notifier lab_b -200 print\nlab kmsgdump x\n'
    d['truth']['notifiers']['lab_called_in_order'] = ['lab_a', 'lab_flood', 'lab_b']
    return d


ALL = [
    ('sysrq-early', sysrq_early), ('early-lab', early_lab), ('oops-direct', oops_direct), ('unknown-nmi', unknown_nmi), ('oom', oom),
    ('panic-on-warn', on_warn), ('two-panics-early', two_panics_early), ('noisy-early', noisy_early),
    ('cpu-offline-early', offline_early),
    ('late', late), ('nokaslr', nokaslr), ('la57', la57), ('oops-late', oops_late), ('hung-task', hung_task), ('slow-notifier', slow),
    ('notify-stop', notify_stop), ('panic-print-late', panic_print_late),
    ('hang-in-notifier', hang), ('qemu-loop', qemu_loop), ('qemu-loop-vmcoreinfo', qemu_loop_vmcoreinfo),
    ('panic-timeout-wait', timeout_wait),
    ('cpu-wont-stop-early', nmistuck_early), ('cpu-wont-stop-nokdump', nmistuck_nokdump),
    ('ramoops-late', ramoops_late), ('ramoops-early', ramoops_early), ('erst-late', erst_late), ('efi-late', efi_late),
    ('fmt-kdump', fmt_kdump), ('fmt-qemu', fmt_qemu), ('fmt-qemu-vmcoreinfo', fmt_qemu_vmcoreinfo),
    ('live-idle', live_idle), ('live-load', live_load), ('live-said-panic', live_said_panic), ('live-irqs-off', live_irqs_off),
    ('same-function-1', same_function(1)), ('same-function-2', same_function(2)), ('same-function-3', same_function(3)),
    ('same-benign', same_benign), ('tail-hang', tail_hang), ('lock-held', lock_held),
    ('stopif-set', chain_of('a callback that may end the chain does', 'stopif', True, setup='lab set flag 1')),
    ('stopif-clear', chain_of('a callback that may end the chain does not', 'stopif', False, setup='lab set flag 0')),
    ('stop-bad', chain_of('NOTIFY_BAD', 'bad', True)),
    ('stop-errno', chain_of('notifier_from_errno(-EIO)', 'errno', True, prio=-50, setup='lab set err -5')),
    ('stop-errno-ok', chain_of('notifier_from_errno(0)', 'errno', False, prio=-50, setup='lab set err 0')),
    ('stop-variable', chain_of('the value of a variable is returned, NOTIFY_STOP', 'sink', True, prio=-50,
                               setup='lab set ret 0x8001\nlab set flag 1')),
    ('stop-cmov-clear', chain_of('a callback that may end the chain does not', 'cmov', False, prio=-50, setup='lab set flag 1')),
    ('stop-either', chain_of('a callback that may end the chain does', 'either', True, prio=-50, setup='lab set flag 3')),
    ('stop-first', stop_first), ('stop-last', stop_last), ('stop-two-behind', stop_two_behind), ('same-name', same_name),
    ('rcu-suppressed', rcu_suppressed), ('oops-in-notifier', oops_in_notifier), ('oops-in-notifier-late', oops_in_notifier_late),
    ('warn-in-notifier', warn_in_notifier), ('dumper-hang', dumper_hang), ('dumper-hang-restart', dumper_hang_restart),
    ('panic-irq-early', panic_irq_early), ('panic-irq-late', panic_irq_late), ('panic-irq-nokdump', panic_irq_nokdump),
    ('panic-softirq-late', panic_softirq_late), ('panic-nmi-late', panic_nmi_late), ('panic-nmi-nokdump', panic_nmi_nokdump),
    ('panic-nmi-hang', panic_nmi_hang),
    ('two-nmi-panics', two_nmi_panics), ('two-nmi-panics-nokdump', two_nmi_panics_nokdump), ('unknown-nmi-late', unknown_nmi_late),
    ('oops-irq-direct', oops_irq_direct), ('oops-irq-nokdump', oops_irq_nokdump), ('stack-overflow-direct', overflow_direct),
    ('two-panics-nokdump', two_panics_nokdump), ('two-panics-late', two_panics_late), ('init-killed', init_killed), ('taint', taint),
    ('softlockup', softlockup), ('rcu-stall', rcu_stall), ('module-text-timeout', module_text('Timeout: no answer of the controller')),
    ('boot-rootfs', boot_rootfs), ('rcu-stall-other', rcu_stall_other), ('softlockup-lock', softlockup_lock),
    ('hung-task-mutex', hung_mutex), ('oom-cgroup', oom_cgroup), ('init-oops', init_oops), ('null-call-direct', null_call_direct),
    ('smp1-early', cpus(1, early_lab)), ('smp1-late', cpus(1, lambda v: late_of('', 'lab panic 1 late'))),
    ('smp1-nokdump', cpus(1, lambda v: loop_of('', 'lab panic 1 loop'))), ('smp2-late', cpus(2, lambda v: late_of('', 'lab panic 1 late'))),
    ('smp8-early', cpus(8, early_lab)), ('smp16-nokdump', cpus(16, lambda v: loop_of('', 'lab panic 1 loop'), limit=400)),
    ('stuck1-early', stuck([1], early, 2)), ('stuck1-late', stuck([1], late_of, 2)), ('stuck1-nokdump', stuck([1], loop_of, 2)),
    ('stuck-two-early', stuck([1, 3], early, 2)), ('stuck-two-nokdump', stuck([1, 3], loop_of, 2)),
    ('stop-wait', nmispin_mid), ('irqs-off-nokdump', irqs_off_nokdump),
    ('cpu1-offline-late', offline1(late_of)), ('cpu1-offline-nokdump', offline1(loop_of)),
    ('nosmp', limited('nosmp', [0])), ('nr-cpus-2', limited('nr_cpus=2', [0, 1])),
    ('maxcpus-2', limited('maxcpus=2', [0, 1, 2, 3], [2, 3])), ('mem-4g', memory(4096)),
    ('mem-640m', memory(640)), ('mem-10g', memory(10240)), ('mem-640m-qemu', memory(640, False)), ('mem-10g-qemu', memory(10240, False)),
    ('crash-kernel-early', in_crash_kernel(early_lab, False)), ('crash-kernel-early-vmcoreinfo', in_crash_kernel(early_lab, True)),
    ('crash-kernel-late', in_crash_kernel(lambda v: late_of('', 'lab panic 1 late'), False)),
    ('backtraces-late', backtraces(late_of)), ('backtraces-nokdump', backtraces(loop_of)), ('backtraces-stuck', backtraces_stuck),
    ('backlog-flush', backlog_flush), ('replay', replay), ('flag-sysfs', flag_sysfs), ('flag-nokdump', flag_nokdump),
    ('log-gone-direct', log_gone_direct), ('log-gone-late', log_gone_late), ('log-gone-loop', log_gone_loop),
    ('said-panic-early', said_panic_early), ('said-panic-direct', said_panic_direct), ('no-dumper-late', no_dumper_late),
    ('kexec-busy', kexec_busy), ('going-offline-early', going_offline(early)), ('going-offline-nokdump', going_offline(loop_of)),
    ('die-in-chain', die_in_chain), ('traced-hang', traced(hang)), ('traced-early', traced(early_lab)), ('traced-late', traced(late)),
    ('traced-direct', traced(oops_direct)), ('pvpanic-pause', pvpanic_pause), ('rebooted-live', rebooted_live), ('rebooted-live-2', rebooted_live),
    ('mitigated-late', mitigated(late)), ('mitigated-hang', mitigated(hang)), ('mitigated-stop', mitigated(notify_stop)),
    ('mitigated-loop', mitigated(qemu_loop)), ('mitigated-oops-direct', mitigated(oops_direct)), ('mitigated-live', mitigated(live_load)),
    ('nmi-after-serr', nmi_after_serr), ('sys-info-part', sys_info_part), ('kexec-wait', nmispin_mid_kexec),
    ('gone-block-early', gone_block(early)), ('gone-block-late', gone_block(late_of)), ('gone-code-early', gone_code(early)),
    ('gone-code-late', gone_code(late_of)),
    ('crash-kernel-corrupt-early', crash_kernel_corrupt(early)), ('crash-kernel-corrupt-late', crash_kernel_corrupt(late_of)),
    ('second-panic-up', second(1, 2)), ('second-panic-down', second(3, 2)), ('second-panic-nmi', second(1, 2, True)),
    ('second-panic-nmi-down', second(3, 2, True)),
]


# those that are known to work on arm64 (no NMI, ERST or OVMF there)
ARM64 = ['sysrq-early', 'oops-direct', 'late', 'notify-stop', 'panic-print-late', 'hang-in-notifier', 'qemu-loop', 'fmt-kdump']


def load(arch=None):
    """name -> function: these and those of the file in LAB_SCENARIOS; for arm64 only those known to work there."""
    import text_scenarios
    every, arm64, path = ALL + text_scenarios.ALL, list(ARM64), os.environ.get('LAB_SCENARIOS')
    if path:
        spec = importlib.util.spec_from_file_location('lab_scenarios', path)
        m = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(m)
        every, arm64 = every + m.ALL, arm64 + m.ARM64
    return {n: f for n, f in every if arch != 'arm64' or n in arm64}
