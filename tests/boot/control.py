# SPDX-License-Identifier: ISC
"""A control connection: docs/control-protocol.md."""
import array
import json
import os
import socket
import struct

from midge import PATIENCE


class Control:
    def __init__(self, m):
        self.m = m
        self.s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.s.settimeout(PATIENCE)
        self.s.connect(os.path.join(m.run_dir, "control.sock"))
        self.last = 0
        self.early = {}

    def send(self, op, fds=(), **fields):
        self.last += 1
        text = json.dumps(dict(fields, id=self.last, op=op)).encode()
        anc = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
        try:
            self.s.sendmsg([struct.pack("<I", len(text)) + text], anc)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it may have said why: answer() sees
        return self.last

    def exactly(self, n):
        data = b""
        while len(data) < n:
            more = self.s.recv(n - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def answer(self, number):
        while number not in self.early:
            n, = struct.unpack("<I", self.exactly(4))
            a = json.loads(self.exactly(n))
            if a["id"] == 0:  # about the connection, which ends here
                return a
            self.early[a["id"]] = a
        return self.early.pop(number)

    def ask(self, op, fds=(), **fields):
        return self.answer(self.send(op, fds, **fields))

    def send_create(self, name, image=None, **fields):
        with open(image or self.m.image("hello"), "rb") as f:
            return self.send("create", fds=[f.fileno()], name=name, kernel="hello",
                             **dict({"cmdline": "hello", "memory_kb": 8192}, **fields))

    def create(self, name, **fields):
        return self.answer(self.send_create(name, **fields))

    def close(self):
        self.s.close()
