# SPDX-License-Identifier: GPL-2.0-or-later
"""Crashes of which text is left: records in pstore, raw regions with them, the serial console; most without a dump.

More keys of a scenario than in scenarios.py:

    next     {append}: QEMU is started again, with the same files, and reads what the crash left.  For memory to
             outlive QEMU it must lie in a file (RAM_FILE)
    host     ('damage', (file, [(offset, n)...])) changes n bytes each of a file of {work}; ('save', (file, offset, size,
             name)) copies a part of it
    modules  {name: parameters} more modules of the kernel, loaded at the start
    blank    {name: bytes}: empty files in {work}

and of tr():

    no_vmcore   why there is no dump, in the words of the report; 'dump-taken' where there is one, and None where
                a log that ends tells nothing
    dumps       what kmsg_dump() stored: [reason, count] each, oldest first; [] when nothing was
    ecc         [bytes corrected, blocks that cannot be]: what was damaged, by the code
    crashes     how many there were, when not one: the truth is of the first
    lost        lines that are in no record: 'panic' when the record is too small for the panic line

dump, where nothing took one: 'none, in stage STAGE', the last one that the crash reached, or 'none, no panic'.
"""
from scenarios import (DUMP_AND_REBOOT, IPI3, NMI3, PN, SAVE_PSTORE, STD, STD_ORDER, tr)

AT, SIZE = 0x24000000, 0x200000     # memory that the guest leaves alone
MEMMAP = 'memmap=0x%x$0x%x ' % (SIZE, AT)
RAM_FILE = ['-object', 'memory-backend-file,id=ram,mem-path={work}/ram,size=640M,share=on', '-machine', 'memory-backend=ram']
ERST = ['-object', 'memory-backend-file,id=erstnv,mem-path={work}/erst.nv,size=0x10000,share=on', '-device', 'acpi-erst,memdev=erstnv']
OVMF = {'code.fd': '/usr/share/OVMF/OVMF_CODE.fd', 'vars.fd': '/usr/share/OVMF/OVMF_VARS.fd'}
PFLASH = ['-drive', 'if=pflash,format=raw,unit=0,readonly=on,file={work}/code.fd',
          '-drive', 'if=pflash,format=raw,unit=1,file={work}/vars.fd']
EFI = '''
modprobe efivarfs; mount -t efivarfs e /sys/firmware/efi/efivars
[ ! -e /lab/out/booted ] || { mkdir -p /lab/out/efivars; cp /sys/firmware/efi/efivars/dump-* /lab/out/efivars/; }
modprobe efi-pstore pstore_disable=N
'''
SECOND = '[ ! -e /lab/out/booted ] || { say "next boot"; poweroff -f; }\necho 1 > /lab/out/booted\n'
LOUD = 'loglevel=8'                 # the crash kernel says on the console what it does
NEVER = 'none, no panic'


def none_in(stage):
    return 'none, in stage ' + stage


def ramoops(more='', record=0x4000, size=0x10000):
    return 'modprobe ramoops mem_address=0x%x mem_size=0x%x record_size=0x%x console_size=0 max_reason=2 %s\n' % (AT, size, record, more)


def region(after, wait=0, size=0x10000):
    return [(after, wait, 'pmemsave', (AT, size, 'ramoops.bin'))]


# no crash kernel: kmsg_dump(), then a warm reset; the next boot of the same machine copies its /sys/fs/pstore

def reset_after(how, setup, store, append='', trigger='lab panic 1 records', host=(), more=STD, called=STD_ORDER, dumps=(('Panic', 1),),
                **truth):
    return {'kdump': False, 'append': 'panic=3 ' + append, 'reboots': True, 'limit': 300, 'setup': setup + SAVE_PSTORE + more,
            'trigger': trigger, 'host': list(host),
            'truth': tr(how + '; no crash kernel, panic=3: reset, the next boot copied /sys/fs/pstore to pstore/', 1, none_in('reboot'), called,
                        stopped=IPI3, kmsg=True, flush=True, wait=True, no_vmcore='no-crash-kernel', store=store,
                        dumps=[list(d) for d in dumps], **truth)}


def ram(how, params='', append='', record=0x4000, size=0x10000, **more):
    return reset_after('ramoops, ' + how, ramoops(params, record, size), 'ramoops', MEMMAP + append,
                       host=more.pop('host', region('Rebooting in', size=size)), **more)


def ramoops_nokdump(v):
    return ram('compressed')


def ramoops_plain(v):
    return ram('not compressed', append='pstore.compress=none', record=0x10000, size=0x20000)


def ramoops_ecc(v):
    return ram('with ECC', 'ecc=1', ecc=[0, 0])


def ramoops_ecc_32(v):
    return ram('with ECC of 32 bytes a block, not compressed', 'ecc=32', 'pstore.compress=none', 0x10000, 0x20000, ecc=[0, 0])


# Zone 0 begins at AT: a header of 12 bytes, then blocks of 128; 16 bytes of parity correct 8.
def damaged(how, blocks, params='ecc=1', **more):
    def scenario(v):
        at = [(AT + 12 + 128 * b + 7, n) for b, n in blocks]
        size = more.get('size', 0x10000)
        d = ram(how, params, host=[('Rebooting in', 0, 'damage', ('ram', at)), ('', 0, 'save', ('ram', AT, size, 'ramoops.bin'))],
                **more)
        if params:
            d['truth']['ecc'] = [sum(n for _, n in blocks if n <= 8), sum(n > 8 for _, n in blocks)]
        d['qemu'] = RAM_FILE
        d['truth']['how'] += '; before the reset the host damaged it in the blocks [number, bytes] ' + str(blocks)
        return d
    return scenario


def ramoops_small(v):
    # more than a plain record of 8 KiB holds is printed behind the panic line
    return ram('small records, not compressed: the panic line is in none', append='pstore.compress=none', record=0x2000,
               more='lab notifier lab_a 200 print\nlab notifier lab_flood 100 flood 200\nlab notifier lab_b 50 print\nlab kmsgdump x\n',
               called=['lab_a', 'lab_flood', 'lab_b'], lost='panic')


def ramoops_small_packed(v):
    return ram('small records, compressed: the oldest lines are in none', record=0x1000)


def ramoops_oops_panic(v):
    return ram('panic_on_oops: the oops is stored, then the panic', trigger='lab oops 1', dumps=(('Oops', 1), ('Panic', 2)),
               more='echo 1 > /proc/sys/kernel/panic_on_oops\n' + STD, cause='oops')


def of_trigger(d):
    d['truth']['trigger'] = d['truth'].pop('cause', d['truth']['trigger'])
    return d


def next_cannot_unpack(f):
    """QEMU is started again, for a kernel that was told not to compress: it cannot decompress either."""
    def scenario(v):
        d = f(v)
        d.update(reboots=False, next={'append': 'pstore.compress=none'})
        d['qemu'] = d.get('qemu', []) + ([] if 'ram' in ' '.join(d.get('qemu', [])) else RAM_FILE)
        d['truth']['how'] += '; the next boot is with pstore.compress=none'
        return d
    return scenario


def erst_nokdump(v):
    d = reset_after('ERST', '', 'erst', host=[])
    d.update(qemu=ERST, keep=['erst.nv'])
    return d


def efi_nokdump(v):
    d = reset_after('EFI variables', EFI, 'efi', host=[])
    d.update(qemu=PFLASH, files=OVMF, keep=['vars.fd'], limit=420)
    return d


# with a crash kernel: early, nothing is stored; late, both

def kdump(how, setup, store, late, **more):
    return {'append': (PN if late else '') + more.pop('append', ''), 'cap_append': more.pop('cap_append', ''), 'reboots': True, 'limit': 420,
            'setup': setup + SAVE_PSTORE + STD, 'trigger': more.pop('trigger', 'lab panic 1 records'), 'capture': DUMP_AND_REBOOT,
            'truth': tr(how + ('; late kdump' if late else '; early kdump, nothing is stored') + '; the next boot copied /sys/fs/pstore to pstore/',
                        1, 'late' if late else 'early', STD_ORDER if late else [], [] if late else STD_ORDER, stopped=NMI3, kmsg=late,
                        no_vmcore='dump-taken', store=store, dumps=more.pop('dumps', [['Panic', 1]]) if late else [], **more)}


def erst_early(v):
    d = kdump('ERST', '', 'erst', False)
    d.update(qemu=ERST, keep=['erst.nv'])
    return d


def efi_early(v):
    d = kdump('EFI variables', EFI, 'efi', False)
    d.update(qemu=PFLASH, files=OVMF, keep=['vars.fd'])
    return d


def ramoops_ecc_late(v):
    d = kdump('ramoops with ECC', ramoops('ecc=1'), 'ramoops', True, append=MEMMAP, cap_append=MEMMAP + LOUD, ecc=[0, 0])
    d['host'] = region('LABCAP: rebooting')
    return d


def ramoops_oops_late(v):
    d = kdump('ramoops; an oops with panic_on_oops: both are stored', 'echo 1 > /proc/sys/kernel/panic_on_oops\n' + ramoops(), 'ramoops', True,
              append=MEMMAP, cap_append=MEMMAP + LOUD, trigger='lab oops 1', dumps=[['Oops', 1], ['Panic', 2]])
    d['truth']['trigger'] = 'oops'
    d['host'] = region('LABCAP: rebooting')
    return d


# it did not panic

def no_panic(how, trigger, after, setup='', **more):
    return {'kdump': False, 'append': more.pop('append', ''), 'reboots': True, 'limit': 300, 'setup': setup + (SAVE_PSTORE if setup else SECOND) + STD,
            'trigger': trigger, 'host': more.pop('host', []) + [(after, 3, 'system_reset', None)],
            'truth': tr(how + '; the host resets the machine', None, NEVER, [], STD_ORDER, stopped='none', trigger='none', panic_entered=False,
                        no_vmcore='reset-without-panic', repeats=True, **more)}


def ramoops_oops(v):
    return no_panic('an oops that kills a thread, and the kernel goes on', 'lab oops 1', 'end trace', ramoops(), append=MEMMAP,
                    host=region('end trace', 3), store='ramoops', dumps=[['Oops', 1]])


def text_reset(v):
    return no_panic('nothing happened', 'echo "all is well" > /dev/kmsg', 'all is well')


def blk_oops(v):
    """best_effort is all that a plain block device gives: no panic is stored, an oops is, once /sys/fs/pstore was read."""
    d = no_panic('pstore_blk on a disk; an oops that kills a thread, and the kernel goes on',
                 'mount -t pstore pstore /mnt; ls /mnt; sleep 1; lab oops 1; sleep 3; sync; say "stored"',
                 'LABRUN: stored', 'modprobe virtio_blk; sleep 1\nmodprobe pstore_blk blkdev=%s best_effort=Y kmsg_size=16 max_reason=2\n' %
                 ('/dev/vda' if v != '5.10' else '254:0'), store='pstore_blk', dumps=[['Oops', 1]])
    d.update(qemu=['-drive', 'if=none,id=d,format=raw,cache=writethrough,file={work}/zone.bin', '-device', 'virtio-blk-pci,drive=d'],
             blank={'zone.bin': 0x10000}, keep=['zone.bin'])
    return d


# the serial console only

def text_loop(v):
    return {'kdump': False, 'setup': STD, 'trigger': 'lab panic 1 loop', 'host': [('end Kernel panic', 3, 'quit', None)],
            'truth': tr('no crash kernel, panic() ends in its loop; switched off', 1, none_in('halt'), STD_ORDER, stopped=IPI3, kmsg=True,
                        flush=True, no_vmcore='no-crash-kernel')}


def text_reboot(v):
    return {'kdump': False, 'append': 'panic=2', 'reboots': True, 'setup': SECOND + STD, 'trigger': 'lab panic 1 reboot',
            'truth': tr('no crash kernel, panic=2: reset, and the next boot', 1, none_in('reboot'), STD_ORDER, stopped=IPI3, kmsg=True,
                        flush=True, wait=True, no_vmcore='no-crash-kernel')}


def text_no_time(v):
    d = text_reboot(v)
    d['append'] += ' printk.time=0'
    d['truth']['how'] += '; printk.time=0'
    return d


def text_hang(reset):
    def scenario(v):
        d = {'append': PN, 'trigger': 'lab panic 2 hang', 'limit': 300,
             'setup': (SECOND if reset else '') + 'lab notifier lab_a 200 print\nlab notifier lab_hang 100 hang\nlab notifier lab_b 50 print\n'
             'lab kmsgdump x\n',
             'host': [('notifier lab_hang prio', 5, 'system_reset' if reset else 'quit', None)],
             'truth': tr('late kdump, a notifier hangs before it; ' + ('reset, and the next boot' if reset else 'switched off'), 2,
                         none_in('notifiers'), ['lab_a', 'lab_hang'], ['lab_b'], 'lab_hang', stopped=NMI3,
                         no_vmcore='ended-before-late-kdump')}
        if reset:
            d['reboots'] = True
        return d
    return scenario


def crash_kernel_dies(late):
    def scenario(v):
        return {'append': PN if late else '', 'cap_append': LOUD, 'capture': 'echo c > /proc/sysrq-trigger', 'reboots': True, 'limit': 300,
                'setup': SECOND + STD, 'trigger': 'lab panic 1 two in a row',
                'truth': tr(('late' if late else 'early') + ' kdump; the crash kernel panics, too: reset, and the next boot', 1,
                            'late' if late else 'early', STD_ORDER if late else [], [] if late else STD_ORDER, stopped=NMI3, kmsg=late,
                            no_vmcore='crash-kernel-died')}
    return scenario


DUMP_DMESG = '''
makedumpfile -d $LEVEL -c /proc/vmcore /lab/out/vmcore && echo "LABCAP: ok"
makedumpfile --dump-dmesg /proc/vmcore /lab/out/dmesg.txt
dmesg > /lab/out/kexec-dmesg.log
sync; umount /lab; echo LABCAP: rebooting; sleep 1; reboot -f
'''


def text_kdump(late):
    def scenario(v):
        return {'append': PN if late else '', 'cap_append': LOUD, 'capture': DUMP_DMESG, 'reboots': True, 'limit': 300, 'setup': SECOND + STD,
                'trigger': 'lab panic 1 kdump',
                'truth': tr(('late' if late else 'early') + ' kdump; the crash kernel says what it does; then the next boot', 1,
                            'late' if late else 'early', STD_ORDER if late else [], [] if late else STD_ORDER, stopped=NMI3, kmsg=late,
                            no_vmcore='dump-taken')}
    return scenario


def text_oops_direct(v):
    d = text_kdump(False)(v)
    d['setup'] = 'echo 1 > /proc/sys/kernel/panic_on_oops\n' + d['setup']
    d.update(trigger='lab oops 1')
    d['truth'] = tr('panic_on_oops: the oops starts the crash kernel, which says what it does; then the next boot', 1, 'oops-direct', [], STD_ORDER,
                    stopped=NMI3, panic_entered=False, trigger='oops-crash-kexec', no_vmcore='dump-taken')
    return d


# it panics, boots, and panics again

AGAIN = '''
boot=$(cat /lab/out/boots 2>/dev/null); boot=$((boot + 1)); echo $boot > /lab/out/boots
[ $boot -lt 3 ] || touch /lab/out/booted
'''


def two_crashes(f):
    def scenario(v):
        d = f(v)
        d['append'] += ' nokaslr'       # both boots have the same chain, then
        d['setup'] = AGAIN + d['setup'].replace('echo 1 > /lab/out/booted', '')
        d['trigger'] = 'lab panic 1 crash number $boot'
        d['truth'].update(repeats=True, crashes=2)
        d['truth']['how'] += '; and that twice'
        d['limit'] = 500
        return d
    return scenario


# what netconsole sent: it begins with what is in the log buffer

def netconsole(extended, base):
    def scenario(v):
        d = base(v)
        d['modules'] = {'virtio_net': '', 'netconsole': 'netconsole=%s6665@10.0.2.15/eth0,6666@10.0.2.2/52:55:0a:00:02:02' %
                        ('+' if extended else '')}
        d['setup'] = 'sleep 2\n' + d['setup']
        d['qemu'] = d.get('qemu', []) + ['-netdev', 'user,id=n', '-device', 'virtio-net-pci,netdev=n,romfile=',
                                         '-object', 'filter-dump,id=f,netdev=n,file={work}/net.pcap']
        d['truth']['how'] += '; netconsole.log is what netconsole sent' + (', extended' if extended else '')
        return d
    return scenario


ALL = [
    ('ramoops-nokdump', ramoops_nokdump), ('ramoops-plain', ramoops_plain), ('ramoops-ecc', ramoops_ecc), ('ramoops-ecc-32', ramoops_ecc_32),
    ('ramoops-ecc-corrected', damaged('with ECC', [[3, 5], [20, 8]])),
    ('ramoops-ecc-bad', damaged('with ECC', [[3, 5], [30, 20]])),
    ('ramoops-ecc-bad-plain', damaged('with ECC, not compressed', [[3, 5], [30, 20]], append='pstore.compress=none', record=0x10000, size=0x20000)),
    ('ramoops-damaged', damaged('no ECC', [[30, 20]], params='')),
    ('ramoops-small', ramoops_small), ('ramoops-small-packed', ramoops_small_packed),
    ('ramoops-oops-panic', lambda v: of_trigger(ramoops_oops_panic(v))), ('ramoops-oops', ramoops_oops),
    ('ramoops-packed', next_cannot_unpack(ramoops_nokdump)), ('erst-packed', next_cannot_unpack(erst_nokdump)),
    ('efi-packed', next_cannot_unpack(efi_nokdump)),
    ('ramoops-ecc-late', ramoops_ecc_late), ('ramoops-oops-late', ramoops_oops_late),
    ('erst-nokdump', erst_nokdump), ('erst-early', erst_early), ('efi-nokdump', efi_nokdump), ('efi-early', efi_early), ('blk-oops', blk_oops),
    ('text-loop', text_loop), ('text-reboot', text_reboot), ('text-no-time', text_no_time), ('text-hang', text_hang(False)),
    ('text-hang-reset', text_hang(True)), ('text-reset', text_reset),
    ('text-crash-kernel-dies-early', crash_kernel_dies(False)), ('text-crash-kernel-dies-late', crash_kernel_dies(True)),
    ('text-kdump-early', text_kdump(False)), ('text-kdump-late', text_kdump(True)), ('text-oops-direct', text_oops_direct),
    ('text-netconsole', netconsole(False, text_loop)), ('text-netconsole-extended', netconsole(True, text_loop)),
    ('text-two-crashes', two_crashes(text_reboot)), ('efi-two-crashes', two_crashes(efi_nokdump)),
    ('text-netconsole-hang', netconsole(False, text_hang(False))),
]
