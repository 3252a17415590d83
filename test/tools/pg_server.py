"""pg_server.py -- a real PostgreSQL 15 for tests, in a temporary directory, on a free port of the
loopback interface. It does not run as root, so root starts it as the user "postgres".
SPDX-License-Identifier: Apache-2.0
"""
import os
import shutil
import socket
import subprocess
import tempfile

BIN = "/usr/lib/postgresql/15/bin/"


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Server:
    """One server with a database "postgres". Use as a context."""

    def __init__(self):
        self.root = tempfile.mkdtemp(prefix="pg-")
        self.data = os.path.join(self.root, "data")
        self.port = free_port()
        self.url = "jdbc:postgresql://127.0.0.1:%d/postgres" % self.port
        self.owner = []
        if os.getuid() == 0:
            self.owner = ["runuser", "-u", "postgres", "--"]
            shutil.chown(self.root, "postgres")

    def run(self, *args, **more):
        return subprocess.run([*self.owner, *args], check=True, capture_output=True, text=True,
                              cwd="/", **more)

    def start(self):
        self.run(BIN + "pg_ctl", "-D", self.data, "-w", "-l", os.path.join(self.root, "log"), "-o",
                 "-p %d -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off "
                 "-c max_connections=20 -c shared_buffers=16MB" % self.port, "start",
                 stdin=subprocess.DEVNULL)

    def stop(self):
        self.run(BIN + "pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop")

    def sql(self, text):
        """What psql prints: columns with '|' between."""
        return self.run(BIN + "psql", "-h", "127.0.0.1", "-p", str(self.port), "-U", "weir", "-At",
                        "-v", "ON_ERROR_STOP=1", "-c", text, "postgres").stdout

    def __enter__(self):
        self.run(BIN + "initdb", "-D", self.data, "-U", "weir", "-A", "trust", "-E", "UTF8",
                 "--no-sync", "--locale=C")
        self.start()
        return self

    def __exit__(self, *_):
        try:
            self.stop()
        finally:
            shutil.rmtree(self.root, ignore_errors=True)
