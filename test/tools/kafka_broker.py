"""kafka_broker.py -- a real Apache Kafka broker for tests: fetched from Maven Central into the
build directory, started on free ports of the loopback interface, gone with the test.
SPDX-License-Identifier: Apache-2.0
"""
import concurrent.futures
import hashlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
CENTRAL = "https://repo1.maven.org/maven2/"

PROPERTIES = """
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}
num.partitions=2
log.retention.ms=-1
num.network.threads=1
num.io.threads=2
auto.create.topics.enable=true
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=8388608
"""


def jar(line, folder):
    path, digest = line.split()
    to = os.path.join(folder, os.path.basename(path))
    if not os.path.exists(to):
        for attempt in range(3):
            try:
                with urllib.request.urlopen(CENTRAL + path, timeout=60) as answer:
                    data = answer.read()
                break
            except OSError:
                if attempt == 2:
                    raise
                time.sleep(1 + attempt)
        if hashlib.sha256(data).hexdigest() != digest:
            raise RuntimeError("%s is not the file that was expected" % path)
        part = "%s.%d" % (to, os.getpid())
        with open(part, "wb") as file:
            file.write(data)
        os.rename(part, to)


def fetch(version, build):
    """The folder of a version's jars; those that are missing are loaded."""
    folder = os.path.join(build, "kafka-" + version)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(HERE, "kafka_%s.txt" % version), encoding="utf-8") as file:
        lines = [line for line in file if not line.startswith("#")]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda line: jar(line, folder), lines))
    return folder


def free_ports(n):
    sockets = [socket.socket() for _ in range(n)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Broker:
    """One node; `servers` is its address. Use as a context."""

    def __init__(self, build, version="4.1.1"):
        self.jars = fetch(version, build)
        self.root = tempfile.mkdtemp(prefix="kafka-")
        port, controller = free_ports(2)
        self.servers = "127.0.0.1:%d" % port
        self.config = os.path.join(self.root, "server.properties")
        self.log = os.path.join(self.root, "log")
        self.child = None
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(PROPERTIES.format(port=port, controller=controller,
                                         data=os.path.join(self.root, "data")))

    def java(self, *args):
        return ["java", "-Xmx192m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=error", "-cp", self.jars + "/*", *args]

    def tool(self, *args):
        """kafka-topics.sh"""
        subprocess.run(self.java("org.apache.kafka.tools.TopicCommand", "--bootstrap-server",
                                 self.servers, *args), capture_output=True, text=True, check=True)

    def start(self):
        with open(self.log, "ab") as log:
            self.child = subprocess.Popen(self.java("kafka.Kafka", self.config), stdout=log,
                                          stderr=log, stdin=subprocess.DEVNULL)
        host, port = self.servers.split(":")
        for _ in range(480):
            if self.child.poll() is not None:
                break
            try:
                socket.create_connection((host, int(port)), 1).close()
                return
            except OSError:
                time.sleep(0.25)
        with open(self.log, encoding="utf-8", errors="replace") as file:
            raise RuntimeError("the broker does not start:\n" + file.read()[-2000:])

    def stop(self):
        if self.child:
            self.child.terminate()
            try:
                self.child.wait(30)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        self.child = None

    def __enter__(self):
        done = subprocess.run(self.java("kafka.tools.StorageTool", "format", "-t",
                                        "d2VpcndlaXJ3ZWlyd2Vpcg", "-c", self.config),
                              capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stdout + done.stderr)
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.root, ignore_errors=True)
