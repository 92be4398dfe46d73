# SPDX-License-Identifier: GPL-2.0
"""A connection pool, as urllib3's: pool.py PORT SIZE.

For each byte on standard input it takes all its connections, asks for something on each, puts them
back, and answers with a byte. What the server has closed meanwhile is noticed when it is taken.
"""
import http.client
import os
import select
import sys


class Pool:
    def __init__(self, port, size):
        self.idle = [http.client.HTTPConnection("127.0.0.1", port) for _ in range(size)]

    @staticmethod
    def is_dropped(connection):
        return connection.sock and select.select([connection.sock], [], [], 0)[0]

    def take(self):
        connection = self.idle.pop()
        if self.is_dropped(connection):
            connection.close()
        return connection

    def give(self, connection):
        self.idle.append(connection)


def ask(connection):
    connection.request("GET", "/")
    assert connection.getresponse().read() == b"hello"


def main():
    size = int(sys.argv[2])
    pool = Pool(int(sys.argv[1]), size)
    while os.read(0, 1):
        taken = [pool.take() for _ in range(size)]
        for connection in taken:
            ask(connection)
        for connection in taken:
            pool.give(connection)
        os.write(0, b".")


main()
