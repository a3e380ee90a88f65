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
    more: panic_entered=False; cpus_offline; repeats (panic() nests: notifiers run more than once); anything else."""
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
    return {'append': PN, 'qemu': pvp(v), 'trigger': 'lab panic 2 hang', 'host': dump_after('notifier lab_hang', 3),
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
    d['host'] = [('notifier lab_hang', 3, 'stop', None),
                 ('', 0, 'dump', [('', 'vmcore.elf'), ('kdump-zlib', 'vmcore'),
                                  ('kdump-lzo', 'vmcore.lzo'), ('kdump-snappy', 'vmcore.snappy')]), quit_()]
    d['truth']['how'] += '; the same paused machine in each format'
    return d


def fmt_qemu_vmcoreinfo(v):
    d = hang(v)
    d['qemu'] = d['qemu'] + ['-device', 'vmcoreinfo']
    d['setup'] = 'modprobe qemu_fw_cfg\n' + d['setup']
    d['host'] = [('notifier lab_hang', 3, 'stop', None),
                 ('', 0, 'dump', [('', 'vmcore.elf'), ('paging', 'vmcore.elf-paging'), ('kdump-zlib', 'vmcore')]), quit_()]
    d['truth']['how'] += '; the same paused machine as ELF, as ELF with paging=true and as kdump-zlib, with the QEMU device vmcoreinfo'
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
]


# those that are known to work on arm64 (no NMI, ERST or OVMF there)
ARM64 = ['sysrq-early', 'oops-direct', 'late', 'notify-stop', 'panic-print-late', 'hang-in-notifier', 'qemu-loop', 'fmt-kdump']


def load(arch=None):
    """name -> function: these and those of the file in LAB_SCENARIOS; for arm64 only those known to work there."""
    every, arm64, path = list(ALL), list(ARM64), os.environ.get('LAB_SCENARIOS')
    if path:
        spec = importlib.util.spec_from_file_location('lab_scenarios', path)
        m = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(m)
        every, arm64 = every + m.ALL, arm64 + m.ARM64
    return {n: f for n, f in every if arch != 'arm64' or n in arm64}
