#!/usr/bin/env python3
"""bench.py -- measures weir, and beside it DuckDB and (asked for) Flink, and prints one table.

    bench.py [--build DIR] [--events N] [--repeat N] [--queries q0,q12] [--core N] [--flink]
             [--no-duckdb] [--json FILE]

Queries are those of bench/sql (q0 ...), those of bench/sql/nexmark as n0 ... n23 (`nexmark` = all),
and group_by, shared, planning, latency, start.

Every engine runs pinned to one core over the same file of events, and they take turns, so that a
change of the machine's mood hits all alike. Medians are compared. What cannot run is left out with
its reason.
SPDX-License-Identifier: Apache-2.0
"""
import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
QUERIES = ("q0", "q1", "q2", "q22", "q12", "q5")
DECODE = {"q12": "q12_decode", "q5": "q5_decode"}
NEXMARK = tuple("n%d" % i for i in range(24))
NEXMARK_TABLES = ("nexmark/source_file", "nexmark/views")
SHARED = 30  # queries over one source
OTHERS = ("group_by", "shared", "planning", "latency", "start")
SAMPLES = 2000


def read(path):
    with open(os.path.join(ROOT, "bench", path), encoding="utf-8") as file:
        return file.read()


class Run:
    """What one run of a program took."""

    def __init__(self, seconds, cpu, rss_mb):
        self.seconds, self.cpu, self.rss_mb = seconds, cpu, rss_mb


class Runs:
    """The runs of one thing."""

    def __init__(self):
        self.items = []

    def median(self):
        return statistics.median(run.seconds for run in self.items)

    def text(self):
        seconds = [run.seconds for run in self.items]
        return "%.3f s [%.3f-%.3f]" % (self.median(), min(seconds), max(seconds))

    def cpu(self):
        return statistics.median(run.cpu for run in self.items)

    def rss_mb(self):
        return max(run.rss_mb for run in self.items)


def measure(launcher, command, core, **env):
    """Runs a command pinned to a core; raises with what it said when it fails."""
    with tempfile.TemporaryFile() as out, tempfile.NamedTemporaryFile("r") as report:
        done = subprocess.run([launcher, str(core), report.name] + command, stdout=out,
                              stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT, check=False,
                              env={**os.environ, **env})
        if done.returncode != 0:
            out.seek(0)
            raise RuntimeError(out.read().decode(errors="replace").strip()[-600:])
        seconds, cpu, kbytes = report.read().split()
    return Run(float(seconds), float(cpu), int(kbytes) / 1024)


class Bench:
    def __init__(self, args):
        self.args = args
        self.weir = os.path.join(ROOT, args.build, "weir")
        self.dir = os.path.join(ROOT, args.build, "bench")
        self.events = os.path.join(self.dir, "events-%d.json" % args.events)
        self.side = os.path.join(self.dir, "side_input.csv")
        self.ratios = []
        self.launcher = os.path.join(ROOT, args.build, "bench", "measure")
        self.rows = []
        os.makedirs(self.dir, exist_ok=True)
        subprocess.run(["ninja", "--quiet", "-C", os.path.join(ROOT, args.build), "bench/measure"],
                       check=True)

    # ---- the engines ----

    def weir_command(self, *names, **variables):
        """weir run on the SQL of some files, put together."""
        path = os.path.join(self.dir, "-".join(names).replace("/", "_") + ".sql")
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(read("sql/%s.sql" % name) for name in names))
        defines = [arg for pair in variables.items() for arg in ("-D", "%s=%s" % pair)]
        return [self.weir, "run", "--quiet", *defines, path]

    def measure(self, command, **env):
        return measure(self.launcher, command, self.args.core, **env)

    def run_weir(self, query):
        if query in NEXMARK:
            out = tempfile.mkdtemp(dir=self.dir)
            run = self.measure(self.weir_command(
                *NEXMARK_TABLES, "nexmark/q" + query[1:], EVENTS=self.events, OUTPUT=out,
                SIDE_INPUT=self.side))
            shutil.rmtree(out)
            return run
        return self.measure(self.weir_command("tables", query, EVENTS=self.events))

    def venv(self, package):
        """The python of a virtual environment that has a package; None with a printed reason."""
        home = os.path.join(self.dir, "venv-" + package.split("=")[0])
        python = os.path.join(home, "bin", "python")
        if os.path.exists(os.path.join(home, ".done")):
            return python
        for command in ([sys.executable, "-m", "venv", home],
                        [python, "-m", "pip", "-q", "install", package]):
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                print("left out: %s: %s" % (package, (done.stderr or done.stdout).strip()[-200:]))
                return None
        open(os.path.join(home, ".done"), "w", encoding="utf-8").close()
        return python

    def run_peer(self, python, script, query, **env):
        """A peer times its own query (without its start) and prints seconds and CPU seconds."""
        path = os.path.join(self.dir, "peer.json")
        run = self.measure([python, "-c", script, query, self.events, path, ROOT], **env)
        with open(path, encoding="utf-8") as file:
            took = json.load(file)
        return Run(took["seconds"], took["cpu"], took.get("rss_mb", run.rss_mb))

    # ---- the measurements ----

    def generate(self):
        with open(self.side, "w", encoding="utf-8") as file:
            file.writelines("%d,%d\n" % (i, i) for i in range(10000))
        if os.path.exists(self.events):
            return
        out = tempfile.mkdtemp(dir=self.dir)
        self.measure(self.weir_command("generate", COUNT=self.args.events, DIR=out))
        names = sorted(os.path.join(top, name) for top, _, names in os.walk(out) for name in names
                       if not name.startswith((".", "_")))
        with open(self.events + ".new", "wb") as whole:
            for name in names:
                with open(name, "rb") as part:
                    shutil.copyfileobj(part, whole)
        shutil.rmtree(out)
        os.rename(self.events + ".new", self.events)

    def compare(self, queries):
        engines = {"weir": self.run_weir}
        duckdb = None if self.args.no_duckdb else self.venv("duckdb")
        if duckdb:
            engines["duckdb"] = lambda query: self.run_peer(duckdb, DUCKDB, query, SIDE=self.side)
        flink = self.venv("apache-flink==2.3.0") if self.args.flink else None
        if flink:
            engines["flink"] = lambda query: self.run_peer(flink, FLINK, query)
        for query in queries:
            runs = {name: Runs() for name in engines
                    if query not in NEXMARK or name == "weir" or self.duckdb_has(query, name)}
            decode = Runs() if query in DECODE else None
            for _ in range(self.args.repeat):
                for name in list(runs):
                    try:
                        runs[name].items.append(engines[name](query))
                    except RuntimeError as error:
                        print("left out: %s %s: %s" % (name, query, error))
                if decode is not None and runs["weir"].items:
                    decode.items.append(self.run_weir(DECODE[query]))
            self.report(query, runs, decode)

    @staticmethod
    def duckdb_has(query, engine):
        path = os.path.join(ROOT, "test", "oracle", "nexmark", "q%s.sql" % query[1:])
        return engine == "duckdb" and os.path.exists(path)

    def report(self, query, runs, decode):
        weir = runs["weir"]
        if not weir.items:
            return self.add(query, "failed", "", "", False)
        rate = self.args.events / weir.median() / 1e6
        self.add(query, weir.text(), "%.2f M events/s, %.2f CPU s, %.0f MB"
                 % (rate, weir.cpu(), weir.rss_mb()), "", None)
        for name, factor in (("duckdb", 1 if query in NEXMARK else 3), ("flink", 25)):
            if name in runs and runs[name].items:
                ratio = runs[name].median() / weir.median()
                self.add("  against " + name, runs[name].text(), "%.2f CPU s, %.0f MB, %.1f x"
                         % (runs[name].cpu(), runs[name].rss_mb(), ratio), ">= %d x" % factor,
                         ratio >= factor)
                if query in NEXMARK and name == "duckdb":
                    self.ratios.append(ratio)
        if decode is not None and decode.items:
            ratio = weir.median() / decode.median()
            self.add("  over decoding", decode.text(), "%.2f x" % ratio, "<= 1.5 x", ratio <= 1.5)
        if query == "q12":
            self.add("  peak memory", "%.1f MB" % weir.rss_mb(), "", "<= 48 MB",
                     weir.rss_mb() <= 48)

    def nexmark_mean(self):
        if self.ratios:
            mean = statistics.geometric_mean(self.ratios)
            self.add("Nexmark against duckdb", "%.1f x" % mean,
                     "geometric mean of %d queries" % len(self.ratios), ">= 3 x", mean >= 3)

    def shared(self):
        """Many queries over one source, as one job: the source is read and decoded once."""
        lines = [read("sql/tables.sql")]
        for i in range(SHARED):
            lines.append("CREATE TABLE sink%d (k BIGINT, n BIGINT) WITH ('connector' = 'blackhole')"
                         ";" % i)

        def insert(i):
            return ("INSERT INTO sink%d SELECT auction, price FROM bid WHERE MOD(auction, 30) = %d;"
                    % (i, i))
        one, every = os.path.join(self.dir, "one.sql"), os.path.join(self.dir, "every.sql")
        with open(one, "w", encoding="utf-8") as file:
            file.write("\n".join(lines + [insert(7)]))
        with open(every, "w", encoding="utf-8") as file:
            file.write("\n".join(lines + ["EXECUTE STATEMENT SET BEGIN"]
                                 + [insert(i) for i in range(SHARED)] + ["END;"]))
        alone, together = Runs(), Runs()
        for _ in range(self.args.repeat):
            for runs, path in (alone, one), (together, every):
                runs.items.append(self.measure(
                    [self.weir, "run", "--quiet", "-D", "EVENTS=" + self.events, path]))
        share = together.cpu() / (SHARED * alone.cpu())
        more = "%.2f CPU s; alone %.2f: %.3f of %d" % (together.cpu(), alone.cpu(), share, SHARED)
        self.add("%d queries, one source" % SHARED, together.text(), more, "<= 0.2", share <= 0.2)

    def planning(self):
        """What EXPLAIN of the longest Nexmark query takes more than EXPLAIN of SELECT 1."""
        explain, least = Runs(), Runs()
        name = max(NEXMARK, key=lambda name: len(read("sql/nexmark/q%s.sql" % name[1:])))
        self.weir_command(*NEXMARK_TABLES, "nexmark/q" + name[1:])
        path = os.path.join(self.dir, "planning.sql")
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(read("sql/%s.sql" % part) for part in
                                 (*NEXMARK_TABLES, "nexmark/q" + name[1:]))
                       .replace("INSERT INTO", "EXPLAIN INSERT INTO"))
        for _ in range(30):
            for runs, command in (explain, ["-D", "EVENTS=" + self.events, path]), \
                    (least, ["-e", "EXPLAIN SELECT 1"]):
                runs.items.append(self.measure([self.weir, "run", "--quiet", *command]))
        ms = (explain.median() - least.median()) * 1e3
        self.add("planning, longest query", "%.2f ms" % ms, "nexmark/q%s.sql" % name[1:], "<= 5 ms",
                 ms <= 5)

    def group_by(self):
        rows = 5 * self.args.events
        with_keys, scan = Runs(), Runs()
        for _ in range(self.args.repeat):
            with_keys.items.append(self.measure(self.weir_command("group_by", ROWS=rows)))
            scan.items.append(self.measure(self.weir_command("group_by_scan", ROWS=rows)))
        ns = (with_keys.median() - scan.median()) / rows * 1e9
        self.add("group by, 1 M keys", with_keys.text(), "%.0f ns a row" % ns, "<= 50 ns", ns <= 50)

    def start(self):
        stripped = os.path.join(self.dir, "weir-stripped")
        subprocess.run(["strip", "-o", stripped, self.weir], check=True)
        runs = Runs()
        for _ in range(50):
            runs.items.append(self.measure([stripped, "run", "-e", "SELECT 1"]))
        size = os.path.getsize(stripped) / 1e6
        ms = runs.median() * 1e3
        self.add("start, SELECT 1", "%.1f ms" % ms, "", "<= 10 ms", ms <= 10)
        self.add("  memory", "%.1f MB" % runs.rss_mb(), "", "<= 4 MB", runs.rss_mb() <= 4)
        self.add("  size, stripped", "%.1f MB" % size, "", "<= 4 MB", size <= 4)

    def latency(self):
        with socket.create_server(("127.0.0.1", 0)) as out, \
                socket.create_server(("127.0.0.1", 0)) as into:
            command = self.weir_command("latency", IN=into.getsockname()[1],
                                        OUT=out.getsockname()[1])
            child = subprocess.Popen(["taskset", "-c", str(self.args.core)] + command,
                                     stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            try:
                into.settimeout(10)
                out.settimeout(10)
                micros = exchange(into, out)
            except OSError as error:
                child.kill()
                return print("left out: latency: %s: %s" % (error, child.stderr.read().decode()))
            finally:
                child.kill()
                child.wait()
        micros.sort()
        p50, p99 = micros[len(micros) // 2], micros[len(micros) * 99 // 100]
        self.add("latency through sockets", "p99 %.0f us" % p99, "p50 %.0f us, %d rows"
                 % (p50, len(micros)), "<= 1000 us", p99 <= 1000)

    # ---- the table ----

    def add(self, what, value, more, target, is_met):
        self.rows.append((what, value, more, target, is_met))
        mark = {None: "", True: "met", False: "MISSED"}[is_met]
        print("%-24s %-28s %-40s %-12s %s" % (what, value, more, target, mark), flush=True)

    def save(self):
        if self.args.json:
            with open(self.args.json, "w", encoding="utf-8") as file:
                json.dump([dict(zip(("what", "value", "more", "target", "met"), row))
                           for row in self.rows], file, indent=1)


def exchange(into, out):
    """Sends rows one by one and waits for the answer to each; microseconds of all but the first."""
    source, _ = into.accept()
    source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    day = 86400
    source.sendall(b"0,1970-01-01 00:00:00\n")
    sink, micros = None, []
    for i in range(1, SAMPLES + 100):
        clock = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(i % day))
        start = time.perf_counter()
        source.sendall(b"%d,%s\n" % (i, clock.encode()))
        if sink is None:
            sink, _ = out.accept()
            sink.settimeout(10)
        if not sink.recv(4096):
            raise OSError("the connection was closed")
        if i >= 100:
            micros.append((time.perf_counter() - start) * 1e6)
        time.sleep(0.0005)
    return micros


# What a peer's own process runs: query, file of events, where to put the times, root.
DUCKDB = r"""
import json, os, resource, sys, time
import duckdb
query, events, out, root = sys.argv[1:]
read = lambda name: open("%s/%s.sql" % (root, name)).read()
is_nexmark = query[0] == "n"
con = duckdb.connect(":memory:")
con.execute("SET threads = 1")
con.execute("SET TimeZone = 'UTC'")
con.execute(read("bench/duckdb/nexmark" if is_nexmark else "bench/duckdb/tables")
            .replace("${EVENTS}", events).replace("${SIDE_INPUT}", os.environ["SIDE"]))
if is_nexmark:
    flink, _, text = read("test/oracle/nexmark/q" + query[1:]).partition("-- DuckDB\n")
    text = text or flink.replace("`", '"')
else:
    text = read("bench/duckdb/" + query)
usage = lambda: resource.getrusage(resource.RUSAGE_SELF)
cpu, start = usage(), time.perf_counter()
# The hash makes every output column be computed.
con.execute("SELECT count(*), sum(hash(t)::HUGEINT) FROM (%s) t" % text).fetchall()
seconds, now = time.perf_counter() - start, usage()
json.dump({"seconds": seconds, "cpu": now.ru_utime + now.ru_stime - cpu.ru_utime - cpu.ru_stime,
           "rss_mb": now.ru_maxrss / 1024}, open(out, "w"))
"""
FLINK = r"""
import glob, json, os, re, sys, time
from pyflink.common import Configuration
from pyflink.table import EnvironmentSettings, TableEnvironment
query, events, out, root = sys.argv[1:]
read = lambda name: open("%s/bench/sql/%s.sql" % (root, name)).read()

def statements(name):
    text = re.sub(r"(?m)^--.*$", "", read(name)).replace("${EVENTS}", "file://" + events)
    return [part.strip() for part in text.split(";") if part.strip()]

def jvm():
    for path in glob.glob("/proc/[0-9]*/stat"):
        try:
            text = open(path).read()
            rest = text[text.rindex(")") + 2:].split()
            if "(java)" in text and int(rest[1]) == os.getpid():
                most = re.search(r"VmHWM:\s+(\d+)", open(path[:-4] + "status").read())
                return ((int(rest[11]) + int(rest[12])) / os.sysconf("SC_CLK_TCK"),
                        int(most.group(1)) / 1024)
        except (OSError, ValueError, AttributeError):
            pass
    return 0.0, 0.0

best = None
for attempt in range(3):  # the first ones pay for the JVM's warm-up: the best counts
    conf = Configuration()
    for key, value in {"parallelism.default": "1", "table.exec.mini-batch.enabled": "true",
                       "table.exec.mini-batch.allow-latency": "2s",
                       "table.exec.mini-batch.size": "50000", "state.backend.type": "hashmap",
                       "taskmanager.memory.managed.size": "256m",
                       "taskmanager.memory.network.min": "256m",
                       "taskmanager.memory.network.max": "256m",
                       "table.local-time-zone": "UTC"}.items():
        conf.set_string(key, value)
    env = TableEnvironment.create(EnvironmentSettings.new_instance().in_streaming_mode()
                                  .with_configuration(conf).build())
    for text in statements("tables"):
        env.execute_sql(text)
    *ddl, last = statements(query)
    for text in ddl:
        env.execute_sql(text)
    cpu, result = jvm()[0], None
    result = env.execute_sql(last)
    result.wait()
    millis = result.get_job_client().get_job_execution_result().result().get_net_runtime()
    took = {"seconds": millis / 1000, "cpu": jvm()[0] - cpu, "rss_mb": jvm()[1]}
    if best is None or took["seconds"] < best["seconds"]:
        best = took
json.dump(best, open(out, "w"))
"""


def main():
    parser = argparse.ArgumentParser(description="measures weir beside its peers")
    parser.add_argument("--build", default="build")
    parser.add_argument("--events", type=int, default=1000000)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--core", type=int, default=0)
    parser.add_argument("--queries", default=",".join(QUERIES + ("nexmark",) + OTHERS))
    parser.add_argument("--flink", action="store_true")
    parser.add_argument("--no-duckdb", action="store_true")
    parser.add_argument("--json", metavar="FILE")
    args = parser.parse_args()
    if not os.path.exists(os.path.join(ROOT, args.build, "weir")):
        sys.exit("bench.py: %s/weir is missing; run make" % args.build)
    bench = Bench(args)
    wanted = args.queries.replace("nexmark", ",".join(NEXMARK)).split(",")
    print("%d events, one core, median of %d runs [fastest-slowest]" % (args.events, args.repeat))
    queries = [name for name in wanted if name in QUERIES + NEXMARK]
    bench.generate()
    if queries:
        bench.compare(queries)
        bench.nexmark_mean()
    for name in OTHERS:
        if name in wanted:
            try:
                getattr(bench, name)()
            except RuntimeError as error:
                print("left out: %s: %s" % (name, error))
    bench.save()


if __name__ == "__main__":
    main()
