# SPDX-License-Identifier: GPL-2.0
"""A service that holds connections: holder.py NAME KIND. Says "ready" once it does.

leaks       reads the EOF of four more each second and closes none, beside four that it does close;
            SIGUSR1: closes them all, and no more
pool        keeps 20 that the other side has closed, as a pool of idle connections does
half-close  goes on sending to three whose other side has sent its FIN
hurries     opens and closes connections, the client first, 200 a second as long as there are ports
"""
import errno
import signal
import socket
import sys
import time

TICK_S = 0.05

kept = []
peers = []
stopped = False


def connect(listener):
    peer = socket.create_connection(listener.getsockname())
    return peer, listener.accept()[0]


def leave_open(listener):
    peer, connection = connect(listener)
    peer.close()
    connection.recv(1)
    kept.append(connection)


def close_both(listener):
    peer, connection = connect(listener)
    peer.close()
    connection.recv(1)
    connection.close()


def leak(listener):
    close_both(listener)
    if not stopped:
        leave_open(listener)
    while stopped and kept:
        kept.pop().close()
    time.sleep(0.2)


def keep_pool(listener):
    while len(kept) < 20:
        leave_open(listener)


def send_on(listener):
    while len(kept) < 3:
        peer, connection = connect(listener)
        peer.shutdown(socket.SHUT_WR)
        peers.append(peer)
        kept.append(connection)
    for peer, connection in zip(peers, kept):
        connection.sendall(b"x" * 100)
        peer.recv(100)


def hurry(listener):
    for _ in range(10):
        try:
            close_both(listener)
        except OSError as error:
            if error.errno != errno.EADDRNOTAVAIL:
                raise


def stop(*_):
    global stopped
    stopped = True


def main():
    step = {"leaks": leak, "pool": keep_pool, "half-close": send_on,
            "hurries": hurry}[sys.argv[2]]
    with open("/proc/self/comm", "w") as comm:
        comm.write(sys.argv[1])
    signal.signal(signal.SIGUSR1, stop)
    listener = socket.create_server(("127.0.0.1", 0))
    step(listener)
    print("ready", flush=True)
    while True:
        step(listener)
        time.sleep(TICK_S)


main()
