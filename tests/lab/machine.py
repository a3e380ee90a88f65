# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs a scenario: boots it in QEMU, breaks it, dumps it.  One QEMU, with a time limit."""
import os
import re
import shutil
import subprocess
import time
import traceback

import scenarios
import truth
from paths import KERNELS, LAB, PLUGIN, die, kernel, tools_dir
from qmp import QMP

TOOLS = '''
LEVEL=%d
run_tool() { t=$1; shift; /lab/tools/ld.so --library-path /lab/tools /lab/tools/$t "$@"; }
kexec() { run_tool kexec "$@"; }
makedumpfile() { run_tool makedumpfile "$@"; }
'''

RUN_HEAD = '''
taskset -p 1 $$ > /dev/null
say() { echo "LABRUN: $*" > /dev/console; }
insmod /lab/labmod.ko || say "labmod did not load"
lab() { echo "$*" > /proc/lab || say "lab $* failed"; }
load_kdump() {
  if ! grep -q ' T _text$' /proc/kallsyms; then
    # arm64 without KALLSYMS_ALL: kexec-tools wants _text and writes a wrong
    # program header without it; it lies 64 KiB below _stext
    { sed -n 's/10000 T _stext$/00000 T _text/p' /proc/kallsyms; cat /proc/kallsyms; } > /etc/kallsyms
    mount --bind /etc/kallsyms /proc/kallsyms
  fi
  kexec %(kexec_how)s -p /lab/vmlinuz --initrd=/lab/initrd --append='%(cap_append)s' || say "kexec -p failed"
  say "kexec_crash_loaded $(cat /sys/kernel/kexec_crash_loaded)"
}
say "cmdline $(cat /proc/cmdline)"
'''

RUN_TAIL = '''
echo 8 > /proc/sys/kernel/printk
lab list
n=0
while [ ! -e /lab/go ] && [ $n -lt 300 ]; do usleep 200000; n=$((n + 1)); done
sleep 1
say "ready"
%(trigger)s
say "triggered"
sleep 600
say "nothing happened"
poweroff -f
'''

CAPTURE = '''
if makedumpfile -d $LEVEL -c /proc/vmcore /lab/out/vmcore; then echo "LABCAP: ok"
else echo "LABCAP: raw"; dd if=/proc/vmcore of=/lab/out/vmcore bs=256k
fi
'''

MARKS = (('init', 'LABINIT: up'), ('ready', 'LABRUN: ready'), ('capture_kernel', 'LABINIT: capture kernel up'),
         ('capture_done', 'LABINIT: capture done'))


def share_modules(to, k, modules):
    """Copies modules of the kernel, and those they need; gives the shell that loads them.  modules: name -> parameters."""
    os.makedirs(to)
    load = {}
    for m, parameters in modules.items():
        said = subprocess.run(['modprobe', '-d', k['modroot'], '-S', k['release'], '--show-depends', m], text=True, check=True,
                              stdout=subprocess.PIPE).stdout
        files = re.findall(r'^insmod (\S+)', said, re.M)
        load.update({f: load.get(f, '') for f in files})
        load[files[-1]] = parameters
    for f in load:
        unpack = {'.xz': ['xz', '-dc'], '.zst': ['zstd', '-dcq']}.get(os.path.splitext(f)[1], ['cat'])
        with open(to + '/' + os.path.basename(f), 'wb') as o:
            subprocess.run(unpack + [f], stdout=o, check=True)
    return ''.join('insmod /lab/modules/%s %s\n' % (os.path.basename(f), p) for f, p in load.items())


def datagrams(pcap):
    """What was sent by UDP to port 6666, as netcat would show it."""
    with open(pcap, 'rb') as f:
        data, at, out = f.read(), 24, b''
    while at + 16 <= len(data):
        n = int.from_bytes(data[at + 8:at + 12], 'little')
        frame, at = data[at + 16:at + 16 + n], at + 16 + n
        udp = frame[14 + (frame[14] & 15) * 4:] if frame[12:14] == b'\x08\0' and frame[23] == 17 else b''
        if udp[2:4] == (6666).to_bytes(2, 'big'):
            out += udp[8:int.from_bytes(udp[4:6], 'big')]
    return out


def share_files(share, sc, k, tools, level, cap_append):
    """What the guest sees at /lab, over 9p; out/ is what comes back."""
    os.makedirs(share + '/out')
    for f in ('vmlinuz', 'initrd'):
        shutil.copy(k[f], share + '/' + f)
    shutil.copy(k['labmod'], share + '/labmod.ko')
    shutil.copytree(tools, share + '/tools')
    how = sc.get('kexec_how', '-c' if k['arch'] == 'arm64' else '-s')
    with open(share + '/run.sh', 'w') as f:
        f.write(TOOLS % level + RUN_HEAD % {'kexec_how': how, 'cap_append': cap_append})
        if sc.get('kdump', True):
            f.write('load_kdump\n')
        if 'modules' in sc:
            f.write(share_modules(share + '/modules', k, sc['modules']))
        f.write(sc.get('setup', '') + '\n' + RUN_TAIL % {'trigger': sc['trigger']})
    with open(share + '/capture.sh', 'w') as f:
        f.write(TOOLS % level + sc.get('capture', CAPTURE) + '\n')


def command(sc, k, out, work, share, append, watched=True):
    """QEMU's words.  watched: by the plugin, which begins its files anew."""
    arm = k['arch'] == 'arm64'
    if arm:
        cmd = ['qemu-system-aarch64', '-machine', sc.get('machine', 'virt,gic-version=3'), '-cpu', sc.get('cpu', 'cortex-a72'),
               '-semihosting-config', 'enable=on,target=native,chardev=dbg']
    else:
        cmd = ['qemu-system-x86_64', '-machine', sc.get('machine', 'q35'), '-cpu', sc.get('cpu', 'max,la57=off'),
               '-device', 'isa-debugcon,iobase=0xe9,chardev=dbg']
    cmd += ['-nodefaults', '-no-user-config', '-display', 'none', '-accel', 'tcg,thread=multi',
            '-smp', str(sc.get('smp', 4)), '-m', '%dM' % sc.get('mem', 768 if arm else 640),
            '-kernel', k['vmlinuz'], '-initrd', k['initrd'], '-append', append,
            '-chardev', 'file,id=con,path=%s/console.log,append=on' % out, '-serial', 'chardev:con',
            '-chardev', 'file,id=dbg,path=%s/debugcon.log,append=on' % out,
            '-qmp', 'unix:qmp.sock,server=on,wait=off',
            '-virtfs', 'local,path=%s,mount_tag=lab,security_model=none' % share,
            '-D', work + '/qemu.log', '-action', 'panic=none']
    if watched:
        cmd += ['-plugin', 'file=%s,syms=%s,out=%s/stages.log,dyn=%s/dyn.syms' % (PLUGIN, k['functions'], out, out), '-d', 'plugin']
    if not sc.get('reboots'):
        cmd += ['-action', 'reboot=shutdown']
    return cmd + [a.replace('{work}', work) for a in sc.get('qemu', [])]


def change(path, places):
    """Inverts n bytes from each offset on."""
    with open(path, 'r+b') as f:
        for at, n in places:
            f.seek(at)
            old = f.read(n)
            f.seek(at)
            f.write(bytes(b ^ 0xff for b in old))


def host_step(q, step, res, out, work):
    """One step of the host; the answers go into res."""
    _, delay, action, arg = step
    end = time.time() + delay
    while time.time() < end and not q.closed:
        q.poll(0.3)
    if action == 'dump':
        for fmt, name in arg:
            t = time.time()
            a = {'paging': fmt == 'paging', 'protocol': 'file:%s/%s' % (out, name)}
            if fmt and fmt != 'paging':
                a['format'] = fmt
            r = q.cmd('dump-guest-memory', **a)
            res['qmp_dumps'].append({'format': fmt or 'elf', 'file': name, 'answer': r, 'seconds': round(time.time() - t, 1)})
    elif action == 'quit':
        q.cmd('quit', timeout=5)
    elif action == 'pmemsave':
        res['pmemsave'] = q.cmd('pmemsave', val=arg[0], size=arg[1], filename=out + '/' + arg[2])
    elif action == 'damage':
        change(work + '/' + arg[0], arg[1])
    elif action == 'save':
        with open(work + '/' + arg[0], 'rb') as f, open(out + '/' + arg[3], 'wb') as to:
            f.seek(arg[1])
            to.write(f.read(arg[2]))
    elif action == 'hmp':
        res.setdefault('hmp', []).append([arg, q.cmd('human-monitor-command', **{'command-line': arg})])
    else:
        res.setdefault('qmp', []).append([action, q.cmd(action, **(arg or {}))])


def drive(p, sc, out, work, t0, times, res):
    """Watches the guest's two consoles, takes the host's steps, until QEMU ends or the time is up."""
    q = QMP(work, 'qmp.sock', lambda: p.poll() is None)
    steps = list(sc.get('host', []))
    while True:
        q.poll(0.3)
        debug = truth.slurp(out + '/debugcon.log')
        text = truth.slurp(out + '/console.log') + debug
        for mark, rx in MARKS:
            if mark not in times and re.search(rx, text):
                times[mark] = round(time.time() - t0, 1)
        if 'chain end' in debug and not os.path.exists(out + '/dyn.syms'):
            # the plugin looks for this file every 0.1 s: where the registered notifiers are; the guest waits for `go`
            with open(work + '/dyn.tmp', 'w') as f:
                for a, n in dict(re.findall(r'LAB \d+ chain -?\d+ ([0-9a-f]{16}) (\S+)', debug)).items():
                    f.write('%s %s\n' % (a, n))
            os.rename(work + '/dyn.tmp', out + '/dyn.syms')
            open(work + '/share/go', 'w').close()
        if steps and re.search(steps[0][0], text):
            host_step(q, steps.pop(0), res, out, work)
        if p.poll() is not None or q.closed:
            break
        if time.time() - t0 > sc.get('limit', 240):
            res['timed_out'] = True
            break
    res['events'] += [{'event': e['event'], 'data': e.get('data'), 't': round(e['host_time'] - t0, 1)} for e in q.events
                     if e['event'] not in ('RTC_CHANGE', 'NIC_RX_FILTER_CHANGED')]


def stop(p):
    for end in (lambda: None, p.terminate, p.kill):
        if p.poll() is None:
            end()
            try:
                p.wait(10)
            except subprocess.TimeoutExpired:
                pass
    return p.returncode


def run(ver, name, suite=None):
    """Runs one scenario; gives the path of its folder and what does not agree with its truth."""
    sc, k = scenarios.load()[name](ver), kernel(ver)
    folder = name + ('+' + suite if suite else '')
    out, work = os.path.join(LAB, 'cores', ver, folder), os.path.join(LAB, 'run', ver, folder)
    for d in (out, work):
        shutil.rmtree(d, ignore_errors=True)
        os.makedirs(d)
    share = work + '/share'
    level = 31 if suite else KERNELS[ver].level
    suite = suite or KERNELS[ver].tools
    tty = 'ttyAMA0' if k['arch'] == 'arm64' else 'ttyS0'
    append = 'console=%s,115200 mitigations=off rdinit=/init loglevel=8 ' % tty
    if sc.get('kdump', True) or sc.get('crashkernel'):
        append += 'crashkernel=%s ' % sc.get('crashkernel', '256M' if k['arch'] == 'arm64' else '192M')
    append = (append + sc.get('append', '')).strip()
    cap_append = ('console=%s nr_cpus=1 irqpoll reset_devices mitigations=off quiet loglevel=4 panic=1 %s' %
                  (tty, sc.get('cap_append', ''))).strip()
    share_files(share, sc, k, tools_dir(suite, k['arch']), level, cap_append)
    for n, f in sc.get('files', {}).items():
        shutil.copy(f, work + '/' + n)
    for n, size in sc.get('blank', {}).items():
        with open(work + '/' + n, 'wb') as f:
            f.truncate(size)
    runs = [(sc, command(sc, k, out, work, share, append))]
    if 'next' in sc:
        again = dict(sc, host=[])
        runs.append((again, command(again, k, out, work, share, append + ' ' + sc['next']['append'], False)))

    t0, times, res = time.time(), {}, {'qemu_exit': None, 'timed_out': False, 'qmp_dumps': [], 'events': []}
    for one, cmd in runs:
        with open(work + '/qemu.err', 'wb') as err:
            p = subprocess.Popen(cmd, cwd=work, stdout=err, stderr=err, stdin=subprocess.DEVNULL)
        try:
            drive(p, one, out, work, t0, times, res)
        except OSError as e:
            raise RuntimeError('QEMU: %s %s' % (e, truth.slurp(work + '/qemu.err')[-2000:])) from e
        finally:
            res['qemu_exit'] = stop(p)
    times['total'] = round(time.time() - t0, 1)
    for f in sorted(os.listdir(share + '/out')):
        shutil.move(share + '/out/' + f, out + '/' + f)
    for f in sc.get('keep', []):
        if os.path.exists(work + '/' + f):
            shutil.move(work + '/' + f, out + '/' + f)
    if os.path.exists(work + '/net.pcap'):
        with open(out + '/netconsole.log', 'wb') as f:
            f.write(datagrams(work + '/net.pcap'))
    shutil.rmtree(share)
    for f in set(os.listdir(work)) & {'ram', 'code.fd', 'vars.fd', 'net.pcap'}:
        os.unlink(work + '/' + f)
    t = truth.write(out, name, sc, k, {'cmdline': append, 'capture_cmdline': cap_append if sc.get('kdump', True) else None,
                                       'makedumpfile': '%s -d %d' % (suite, level), 'cmd': runs[0][1], 'seconds': times, 'run': res})
    return out, t


def run_all(ver, names, suite=None):
    """Runs scenarios one after the other; gives how many did not do what they engineer."""
    known = scenarios.load()
    k, bad = kernel(ver), 0
    if suite and not os.path.isdir(tools_dir(suite, k['arch'])):
        die('no makedumpfile of %s for %s' % (suite, k['arch']))
    for n in names:
        if n not in known:
            die('no scenario %s; see lab list' % n)
    for n in names:
        try:
            out, t = run(ver, n, suite)
            wrong = truth.disagreements(t)
            print('%-10s %-24s %6.1fs  %s  %s' % (ver, os.path.basename(out), t['seconds']['total'], ' '.join(
                '%s=%dK' % (f, s // 1024) for f, s in t['files'].items() if f.startswith('vmcore')),
                '; '.join(wrong) or 'ok'), flush=True)
        except Exception as e:          # the others are still run
            traceback.print_exc()
            wrong = [repr(e)]
            print('%-10s %-24s FAILED: %s' % (ver, n, e), flush=True)
        bad += bool(wrong)
    return min(bad, 99)
