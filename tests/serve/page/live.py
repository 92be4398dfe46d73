# SPDX-License-Identifier: GPL-2.0
"""What test_live.py looks at: a tracer that serves, a program that leaks, and some traffic. All
are in the network namespace of the caller, and the tracer is told to look at no other."""
import os
import resource
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request

PORT = 9941
URL = f"http://127.0.0.1:{PORT}/"
LEAK_PORT = 8080
BUSY_PORT = 8081
PATIENCE = 30
DESCRIPTORS = 1024


def get(path):
    with urllib.request.urlopen(URL + path, timeout=PATIENCE) as answer:
        return answer.read().decode()


class Tracer:
    def __init__(self, tool, log):
        self.tool = tool
        self.log = log
        self.directory = tempfile.mkdtemp(prefix="page-test-")
        self.config = f"{self.directory}/tcpclose-trace.conf"
        with open(self.config, "w", encoding="utf-8") as file:
            file.write("[stuck]\nclose-wait = 2s\n[trace]\nbpf-stats = yes\naudit = 5s\n")
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [self.tool, "serve", "--config", self.config, "--netns", str(os.getpid()),
             f"--web.listen-address=127.0.0.1:{PORT}"], stdout=self.log, stderr=self.log)
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return get("readyz")
            except (urllib.error.URLError, OSError):
                if time.monotonic() > end or self.process.poll() is not None:
                    raise RuntimeError("serve is not ready: see serve.log") from None
                time.sleep(0.1)

    def stop(self):
        self.process.terminate()
        return self.process.wait(PATIENCE)

    def close(self):
        if self.process.poll() is None:
            self.stop()
        shutil.rmtree(self.directory)


class Leak:
    """tests/real/leaky.py, which forgets close(), as a program named `orders`."""

    def __init__(self, top):
        self.directory = tempfile.mkdtemp(prefix="page-test-")
        program = f"{self.directory}/orders"
        os.symlink(shutil.which("python3"), program)
        ours, theirs = socket.socketpair()
        self.process = subprocess.Popen(
            [program, f"{top}/tests/real/leaky.py", str(LEAK_PORT), "forgets-close"],
            stdin=theirs, preexec_fn=lambda: resource.setrlimit(
                resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS)))
        theirs.close()
        ours.settimeout(PATIENCE)
        ours.recv(1)
        ours.close()

    def lose(self, count):
        for _ in range(count):
            socket.create_connection(("127.0.0.1", LEAK_PORT)).close()

    def close(self):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)


class Every:
    """Calls a function at an interval, in a thread, until close()."""

    def __init__(self, seconds, function):
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.run, args=(seconds, function))
        self.thread.start()

    def run(self, seconds, function):
        while not self.ended.wait(seconds):
            function()

    def close(self):
        self.ended.set()
        self.thread.join()


class Traffic:
    """Connections that end in each of the usual ways."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", BUSY_PORT))
        self.idle = []
        self.count = 0
        self.every = Every(0.01, self.connect)

    def connect(self):
        client = socket.create_connection(("127.0.0.1", BUSY_PORT))
        server = self.listener.accept()[0]
        self.count += 1
        if self.count <= 12:
            self.idle += [client, server]
            return
        if self.count % 50 == 0:    # a reset
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        for end in (client, server) if self.count % 3 else (server, client):
            end.close()

    def close(self):
        self.every.close()
        for end in (self.listener, *self.idle):
            end.close()
