# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes what a run needs, under $LAB; each step is skipped when its result is there.

    kernels/VER/root       kernel image, modules, debug vmlinux
    kernels/VER/release.json   release, package version, where these lie in root
    build/VER              the kernel's own suite, unpacked: compiler and headers
    kernels/VER/labmod.ko  built in there
    tools/SUITE-ARCH       busybox, kexec, makedumpfile with their own libraries
    kernels/VER/initramfs  one for the crashed and for the capture kernel
    stages.so, kernels/VER/functions   the TCG plugin and what it watches

Packages of other suites come through a private apt (apt/SUITE-ARCH) with an
empty dpkg status; they are unpacked, never installed.
"""
import fcntl
import functools
import glob
import gzip
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tarfile
import time

from paths import HERE, KERNELS, LAB, LOADER, PLUGIN, die, kernel_dir, release, tools_dir

SYSTEM = ['qemu-system-x86', 'ovmf', 'gcc', 'libc6-dev', 'binutils', 'cpio', 'kmod', 'xz-utils', 'zstd',
          'debian-archive-keyring']
KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'
MODULES = '''virtio_pci 9p 9pnet_virtio virtio_blk pvpanic pvpanic-mmio pvpanic-pci ipmi_si ipmi_msghandler
    ipmi_devintf ipmi_watchdog ipmi_poweroff ledtrig-heartbeat ledtrig-activity ramoops efi-pstore pstore_blk
    qemu_fw_cfg efivarfs'''.split()
APPLETS = '''sh mount umount modprobe insmod cat echo sleep usleep poweroff reboot ls mkdir cp mv rm dd sync dmesg
    mknod kill ps tail grep awk sed taskset chmod cut wc free head'''.split()


def say(what):
    print('%s %s' % (time.strftime('%H:%M:%S'), what), flush=True)


def sh(cmd, log=None, **kw):
    """Runs cmd; its words go to log, whose end is shown when it fails."""
    log = log or os.path.join(LAB, 'setup.log')
    with open(log, 'w') as f:
        r = subprocess.run(cmd, stdout=f, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, **kw)
    if r.returncode:
        with open(log, errors='replace') as f:
            tail = ''.join(f.readlines()[-15:])
        die('%s failed (%d), see %s:\n%s' % (' '.join(cmd)[:200], r.returncode, log, tail))


def out(cmd):
    return subprocess.run(cmd, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, check=True).stdout


def system_packages(*names):
    missing = [n for n in names if 'ok installed' not in subprocess.run(
        ['dpkg-query', '-W', '-f', '${Status}', n], capture_output=True, text=True).stdout]
    if missing:
        say('installing ' + ' '.join(missing))
        env = dict(os.environ, DEBIAN_FRONTEND='noninteractive')
        sh(['apt-get', '-q', 'update'], env=env)
        sh(['apt-get', '-qy', '--no-install-recommends', 'install'] + missing, env=env)


def mirrors():
    """The archive and its security archive, as the system's own sources name them."""
    text = ''
    for p in ['/etc/apt/sources.list'] + glob.glob('/etc/apt/sources.list.d/*.list') + \
            glob.glob('/etc/apt/sources.list.d/*.sources'):
        if os.path.exists(p):
            with open(p) as f:
                text += ''.join(line for line in f if not line.startswith('#'))
    uris = [u.rstrip('/') for u in re.findall(r'https?://[^\s\]]+', text)]

    main = next((u for u in uris if u.endswith('/debian')), None)
    if not main:
        sys.exit("lab: the system's apt sources name no Debian mirror (an address that ends in /debian)")
    return main, next((u for u in uris if u.endswith('/debian-security')), main + '-security')


class Apt:
    """A private apt for one suite and architecture."""
    def __init__(self, suite, arch):
        self.name = '%s-%s' % (suite, arch)
        d = self.dir = os.path.join(LAB, 'apt', self.name)
        for s in ('state', 'lists/partial', 'archives/partial'):
            os.makedirs(os.path.join(d, s), exist_ok=True)
        open(d + '/status', 'w').close()
        self.options = []
        for k, v in (('Dir::Etc::sourcelist', d + '/sources.list'), ('Dir::Etc::sourceparts', '-'),
                     ('Dir::Etc::preferences', '/dev/null'), ('Dir::Etc::preferencesparts', d + '/state'),
                     ('Dir::State', d + '/state'), ('Dir::State::lists', d + '/lists'),
                     ('Dir::State::status', d + '/status'), ('Dir::Cache', d), ('Dir::Cache::archives', d + '/archives'),
                     ('APT::Architecture', arch), ('APT::Architectures', arch), ('APT::Sandbox::User', 'root'),
                     ('Acquire::Languages', 'none'), ('Acquire::Retries', '3'),
                     ('Acquire::Check-Valid-Until', 'false')):
            self.options += ['-o', '%s=%s' % (k, v)]
        archive, security = mirrors()
        lines = ['%s %s main' % (archive, suite)]
        if suite not in ('sid', 'forky') and not suite.endswith('-backports'):
            lines.append('%s %s-security main' % (security, suite))
        stamp = d + '/updated'
        if os.path.exists(stamp) and time.time() - os.path.getmtime(stamp) < 6 * 3600:
            return
        while True:
            with open(d + '/sources.list', 'w') as f:
                f.write(''.join('deb [arch=%s signed-by=%s] %s\n' % (arch, KEYRING, x) for x in lines))
            r = subprocess.run(['apt-get', '-q'] + self.options + ['update'], capture_output=True, text=True)
            if r.returncode == 0:
                break
            if len(lines) == 1:
                die('apt-get update of %s failed:\n%s' % (lines[0], r.stderr))
            lines.pop()         # an old suite's security archive may be gone
        open(stamp, 'w').close()

    def names(self, prefix):
        return out(['apt-cache'] + self.options + ['pkgnames', prefix]).split()

    def version(self, package):
        return re.search(r'^Version: (\S+)', out(
            ['apt-cache'] + self.options + ['show', '--no-all-versions', package]), re.M).group(1)

    def newest(self, pattern):
        """(the part of the name in parentheses, version) of the newest package whose name matches."""
        found = []
        for n in self.names(re.match(r'[\w-]*', pattern).group(0)):
            m = re.fullmatch(pattern, n)
            if m:
                found.append((m.group(1), self.version(n)))
        return max(found, key=functools.cmp_to_key(debcmp), default=(None, None))

    def download(self, packages, depends):
        """Packages, with all they depend on or alone; gives the files, which the caller removes."""
        debs = os.path.join(self.dir, 'archives')
        how = ['-qy', '--no-install-recommends', '--download-only', 'install'] if depends else ['-q', 'download']
        for old in glob.glob(debs + '/*.deb'):
            os.unlink(old)
        sh(['apt-get'] + self.options + how + packages, cwd=debs)
        return sorted(glob.glob(debs + '/*.deb'))

    def unpack(self, packages, root, depends=True):
        os.makedirs(root, exist_ok=True)
        for top in ('bin', 'sbin', 'lib', 'lib64') if depends else ():      # merged /usr, whatever the suite
            os.makedirs(os.path.join(root, 'usr', top), exist_ok=True)
            if not os.path.lexists(os.path.join(root, top)):
                os.symlink('usr/' + top, os.path.join(root, top))
        for deb in self.download(packages, depends):
            p = subprocess.Popen(['dpkg-deb', '--fsys-tarfile', deb], stdout=subprocess.PIPE)
            subprocess.run(['tar', '-x', '-C', root, '--keep-directory-symlink'], stdin=p.stdout, check=True)
            if p.wait():
                die('cannot unpack ' + deb)
            os.unlink(deb)

    def unpack_vmlinux(self, package, to):
        """Only the vmlinux of a -dbg package: in boot/, since 6.16 or so in lib/modules/ with a link in boot/."""
        deb, = self.download([package], depends=False)
        p = subprocess.Popen(['dpkg-deb', '--fsys-tarfile', deb], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        with tarfile.open(fileobj=p.stdout, mode='r|') as t:
            member = next((m for m in t if m.isreg() and re.search(r'/(boot/vmlinux-|modules/[^/]+/vmlinux$)', m.name)), None)
            if not member:
                die('no vmlinux in ' + deb)
            with open(to + '.new', 'wb') as f:
                shutil.copyfileobj(t.extractfile(member), f, 1 << 20)
        p.stdout.close()        # the rest need not be decompressed
        p.wait()
        os.rename(to + '.new', to)
        os.unlink(deb)


def debcmp(a, b):
    if a[1] == b[1]:
        return (a[0] > b[0]) - (a[0] < b[0])
    return 1 if subprocess.run(['dpkg', '--compare-versions', a[1], 'gt', b[1]]).returncode == 0 else -1


def unpack_kernel(ver):
    k, d = KERNELS[ver], kernel_dir(ver)
    if release(ver):
        return
    pattern = r'linux-image-(%s\.[0-9]+(?:[-+](?:deb|bpo)?[0-9.]+)*-%s)-dbg' % (re.escape(k.series), k.flavour)
    for suite in k.suites:
        apt = Apt(suite, k.arch)
        rel, version = apt.newest(pattern)
        if rel:
            break
    else:
        die('no kernel %s for %s (with -dbg) in %s' % (k.series, k.flavour, ' '.join(k.suites)))
    root = d + '/root'
    shutil.rmtree(root, ignore_errors=True)
    say('%s: downloading and unpacking %s %s from %s' % (ver, rel, version, suite))
    # one package until 6.16 or so, then split; signed packages may lag behind
    have = set(apt.names('linux-'))
    want = [next((n for n in (stem + rel, stem + rel + '-unsigned') if n in have), None)
            for stem in ('linux-image-', 'linux-binary-', 'linux-modules-', 'linux-base-')]
    apt.unpack([n for n in want if n], root, depends=False)
    say('%s: its debug vmlinux (about 1 GB to download)' % ver)
    apt.unpack_vmlinux('linux-image-%s-dbg' % rel, root + '/vmlinux')
    modroot = next((m for m in ('.', 'usr') if os.path.isdir(os.path.join(root, m, 'lib/modules', rel))), None)
    if not modroot:
        die('no lib/modules/%s in %s' % (rel, ' '.join(n for n in want if n)))
    vmlinuz = next(p for p in ('boot/vmlinuz-' + rel, '%s/lib/modules/%s/vmlinuz' % (modroot, rel))
                   if os.path.exists(os.path.join(root, p)))
    with open(d + '/release.json.new', 'w') as f:
        json.dump({'release': rel, 'version': version, 'suite': suite,
                   'vmlinux': 'vmlinux', 'vmlinuz': vmlinuz, 'modroot': modroot}, f)
    os.rename(d + '/release.json.new', d + '/release.json')


def build_module(ver):
    k, d, r = KERNELS[ver], kernel_dir(ver), release(ver)
    src, ko = os.path.join(HERE, 'labmod'), kernel_dir(ver) + '/labmod.ko'
    if os.path.exists(ko) and os.path.getmtime(ko) > max(os.path.getmtime(os.path.join(src, f)) for f in os.listdir(src)):
        return
    root = os.path.join(LAB, 'build', ver)
    headers = 'linux-headers-' + r['release']
    if not os.path.exists(root + '/unpacked'):
        say('%s: the compiler and headers of %s' % (ver, r['suite']))
        shutil.rmtree(root, ignore_errors=True)
        native = Apt(r['suite'], 'amd64')
        tools = ['bash', 'coreutils', 'dash', 'diffutils', 'findutils', 'grep', 'gzip', 'make', 'mawk', 'perl', 'sed', 'tar']
        if k.arch == 'amd64':
            native.unpack([headers] + tools, root)
        else:
            foreign = Apt(r['suite'], k.arch)
            depends = out(['apt-cache'] + foreign.options + ['show', '--no-all-versions', headers])
            gcc = re.search(r'gcc-\d+', depends).group(0)
            kbuild = re.search(r'linux-kbuild-[^ ,\n]+', depends).group(0)
            native.unpack([kbuild, gcc + '-aarch64-linux-gnu'] + tools, root)
            foreign.unpack([headers] + re.findall(r'linux-headers-[^ ,\n]+-common', depends)[:1], root, depends=False)
        for name, target in (('awk', 'mawk'), ('sh', 'dash')):      # what maintainer scripts would do
            if not os.path.lexists('%s/usr/bin/%s' % (root, name)):
                os.symlink(target, '%s/usr/bin/%s' % (root, name))
        for x in ('dev', 'proc'):
            os.makedirs(os.path.join(root, x), exist_ok=True)
        if not os.path.exists(root + '/dev/null'):
            os.mknod(root + '/dev/null', stat.S_IFCHR | 0o666, os.makedev(1, 3))
        open(root + '/unpacked', 'w').close()
    say('%s: building labmod.ko' % ver)
    shutil.rmtree(root + '/labmod', ignore_errors=True)
    shutil.copytree(src, root + '/labmod')
    cross = ['ARCH=arm64', 'CROSS_COMPILE=aarch64-linux-gnu-'] if k.arch == 'arm64' else []
    # objtool reads /proc/self/limits
    script = 'mountpoint -q "$1/proc" || mount -t proc proc "$1/proc"; chroot "$@"; r=$?; umount "$1/proc"; exit $r'
    sh(['sh', '-c', script, 'sh', root, 'make', '-C', '/usr/src/' + headers, 'M=/labmod'] + cross + ['modules'],
       log=d + '/labmod.log', env={'PATH': '/usr/sbin:/usr/bin:/sbin:/bin', 'LC_ALL': 'C'})
    os.replace(root + '/labmod/labmod.ko', ko)


def needed(binary, dirs):
    """The shared libraries a binary needs, those they need too: name -> file."""
    found, todo = {}, [binary]
    while todo:
        for lib in re.findall(r'NEEDED.*\[(.*)\]', out(['readelf', '-dW', todo.pop()])):
            if lib not in found:
                found[lib] = next((os.path.join(x, lib) for x in dirs if os.path.exists(os.path.join(x, lib))), None)
                if not found[lib]:
                    die('%s: no %s' % (binary, lib))
                todo.append(found[lib])
    return found


def unpack_tools(suite, arch):
    """busybox, kexec and makedumpfile of a suite, to be run with its own loader and libraries."""
    d = tools_dir(suite, arch)
    if os.path.isdir(d):
        return
    say('kexec and makedumpfile of %s for %s' % (suite, arch))
    root, new = d + '.root', d + '.new'
    for x in (root, new):
        shutil.rmtree(x, ignore_errors=True)
    Apt(suite, arch).unpack(['busybox-static', 'kexec-tools', 'makedumpfile'], root)
    os.makedirs(new)
    triplet = {'amd64': 'x86_64-linux-gnu', 'arm64': 'aarch64-linux-gnu'}[arch]
    libs = [os.path.join(root, p) for p in ('usr/lib/' + triplet, 'usr/lib', 'usr/lib64')]
    for name in ('busybox', 'kexec', 'makedumpfile'):
        path = shutil.which(name, path=':'.join(os.path.join(root, 'usr', p) for p in ('bin', 'sbin')))
        if not path:
            die('no %s in the packages of %s' % (name, suite))
        shutil.copy(path, new)
        for lib, f in needed(path, libs).items():
            shutil.copy(f, os.path.join(new, lib))
    loader = next(os.path.join(x, LOADER[arch]) for x in libs if os.path.exists(os.path.join(x, LOADER[arch])))
    shutil.copy(loader, new + '/ld.so')
    os.rename(new, d)
    shutil.rmtree(root)


def make_initramfs(ver):
    k, d, r = KERNELS[ver], kernel_dir(ver), release(ver)
    init = os.path.join(HERE, 'init')
    if os.path.exists(d + '/initramfs') and os.path.getmtime(d + '/initramfs') > os.path.getmtime(init):
        return
    say('%s: the initramfs' % ver)
    top, mods = d + '/initramfs.d', d + '/initramfs.d/lib/modules/' + r['release']
    shutil.rmtree(top, ignore_errors=True)
    for x in ('bin', 'sbin', 'proc', 'sys', 'dev', 'lab', 'tmp', 'etc', 'mnt', 'lib/modules/' + r['release']):
        os.makedirs(os.path.join(top, x))
    shutil.copy(os.path.join(tools_dir(k.tools, k.arch), 'busybox'), top + '/bin/busybox')
    for a in APPLETS:
        os.symlink('busybox', '%s/bin/%s' % (top, a))
    shutil.copy(init, top + '/init')
    os.chmod(top + '/init', 0o755)
    # those a kernel has built in or lacks are passed over
    subprocess.run(['depmod', '-b', r['modroot'], r['release']], stderr=subprocess.DEVNULL)
    for m in MODULES:
        p = subprocess.run(['modprobe', '-d', r['modroot'], '-S', r['release'], '--show-depends', m], text=True,
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        for f in re.findall(r'^insmod (\S+)', p, re.M):
            to = os.path.join(mods, os.path.basename(f))
            if f.endswith(('.xz', '.zst')):
                to = os.path.splitext(to)[0]
                with open(to, 'wb') as o:
                    subprocess.run(['xz' if f.endswith('.xz') else 'zstd', '-dcq', f], stdout=o, check=True)
            else:
                shutil.copy(f, to)
    for f in glob.glob('%s/lib/modules/%s/modules.[bo]*' % (r['modroot'], r['release'])):
        if 'modules.builtin' in f or f.endswith('order'):
            shutil.copy(f, mods)
    subprocess.run(['depmod', '-b', top, r['release']], check=True)
    names = out(['find', top, '-mindepth', '1', '-printf', r'%P\n'])
    p = subprocess.run(['cpio', '-o', '-H', 'newc', '--quiet'], input=names.encode(), cwd=top, stdout=subprocess.PIPE, check=True)
    with open(d + '/initramfs.new', 'wb') as f:
        f.write(gzip.compress(p.stdout, 1))
    os.rename(d + '/initramfs.new', d + '/initramfs')
    shutil.rmtree(top)


def make_plugin():
    src = os.path.join(HERE, 'plugin/stages.c')
    if not os.path.exists(PLUGIN) or os.path.getmtime(PLUGIN) < os.path.getmtime(src):
        say('the TCG plugin')
        sh(['gcc', '-O2', '-Wall', '-shared', '-fPIC', '-fvisibility=hidden', '-o', PLUGIN + '.new', src])
        os.rename(PLUGIN + '.new', PLUGIN)


def list_functions(ver):
    """The functions the plugin watches that this kernel has: link-time address and name."""
    src, dst = os.path.join(HERE, 'plugin/functions.txt'), kernel_dir(ver) + '/functions'
    if os.path.exists(dst) and os.path.getmtime(dst) > os.path.getmtime(src):
        return
    say('%s: addresses of the functions watched' % ver)
    with open(src) as f:
        want = set(w for line in f for w in line.split('#')[0].split())
    rows = set()
    for line in out(['readelf', '-sW', release(ver)['vmlinux']]).splitlines():
        f = line.split()
        if len(f) == 8 and f[3] in ('FUNC', 'NOTYPE') and f[6].isdigit() and '.cold' not in f[7]:
            if re.sub(r'\.(isra|part|constprop|llvm).*', '', f[7]) in want:
                rows.add('%s %s\n' % (f[1], f[7]))
    with open(dst + '.new', 'w') as f:
        f.writelines(sorted(rows))
    os.rename(dst + '.new', dst)


def setup(vers):
    for v in vers:
        if v not in KERNELS:
            die('no kernel %s; there are %s' % (v, ' '.join(KERNELS)))
    if os.geteuid():
        die('setup needs root (apt, chroot)')
    os.makedirs(LAB, exist_ok=True)
    lock = open(LAB + '/lock', 'w')
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        die('another setup runs in ' + LAB)
    system_packages(*SYSTEM)
    if any(KERNELS[v].arch == 'arm64' for v in vers):
        system_packages('qemu-system-arm')
    make_plugin()
    for v in vers:
        k, t0 = KERNELS[v], time.time()
        os.makedirs(kernel_dir(v), exist_ok=True)
        unpack_kernel(v)
        list_functions(v)
        for suite in {k.tools, 'sid'} | ({'bookworm'} if k.arch == 'amd64' else set()):
            unpack_tools(suite, k.arch)
        make_initramfs(v)
        build_module(v)
        say('%s: ready, %s (%d s)' % (v, release(v)['release'], time.time() - t0))
