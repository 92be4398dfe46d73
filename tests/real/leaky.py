# SPDX-License-Identifier: GPL-2.0
"""Servers with the bugs that leaks in CLOSE_WAIT are made of: leaky.py PORT BUG.

Writes a byte to standard input, which is a socket pair, once it listens.

forgets-close   reads to the end, and an early return leaves out close()
never-reads     hands the connection on to something that does not look at it any more
stuck-worker    its only worker waits for ever for an answer, and nobody else accepts
"""
import os
import socket
import sys
import threading

kept = []


def forget_close(connection):
    while connection.recv(4096):
        pass
    kept.append(connection)


def never_read(connection):
    kept.append(connection)


def wait_for_ever(connection):
    kept.append(connection)
    threading.Event().wait()


BUGS = {"forgets-close": forget_close, "never-reads": never_read, "stuck-worker": wait_for_ever}


def main():
    handle = BUGS[sys.argv[2]]
    listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=128)
    os.write(0, b".")
    while True:
        handle(listener.accept()[0])


main()
