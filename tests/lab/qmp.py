# SPDX-License-Identifier: GPL-2.0-or-later
"""A small QMP client."""
import json
import os
import socket
import time


class QMP:
    def __init__(self, folder, name, alive, timeout=60):
        """Connects to the socket `name` in folder (by way of /proc: a socket's path has 108 bytes at most)."""
        end = time.time() + timeout
        fd = os.open(folder, os.O_PATH)
        while True:
            try:
                self.s = socket.socket(socket.AF_UNIX)
                self.s.connect('/proc/self/fd/%d/%s' % (fd, name))
                break
            except OSError:
                if time.time() > end or not alive():
                    raise
                time.sleep(0.1)
        os.close(fd)
        self.buf = b''
        self.events = []
        self.closed = False
        self._recv(10)
        self.cmd('qmp_capabilities')

    def _line(self):
        i = self.buf.find(b'\n')
        if i < 0:
            return None
        line, self.buf = self.buf[:i], self.buf[i + 1:]
        return json.loads(line) if line.strip() else {}

    def _recv(self, timeout):
        """One message, or None when nothing came in time."""
        end = time.time() + timeout
        while True:
            m = self._line()
            if m is not None:
                if 'event' in m:
                    m['host_time'] = time.time()
                    self.events.append(m)
                return m
            left = end - time.time()
            if left <= 0:
                return None
            self.s.settimeout(max(left, 0.01))
            try:
                d = self.s.recv(65536)
            except socket.timeout:
                return None
            except OSError:
                d = b''
            if not d:
                self.closed = True
                return None
            self.buf += d

    def poll(self, t=0.5):
        while self._recv(t) is not None:
            t = 0.01

    def cmd(self, name, timeout=300, **args):
        m = {'execute': name}
        if args:
            m['arguments'] = args
        self.s.sendall(json.dumps(m).encode() + b'\n')
        end = time.time() + timeout
        while time.time() < end and not self.closed:
            r = self._recv(end - time.time())
            if r and ('return' in r or 'error' in r):
                return r
        return {'error': {'desc': 'no answer'}}
