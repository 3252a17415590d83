#!/usr/bin/env python3
"""crash.py -- kills weir, lets it go on, and compares what it wrote with an uninterrupted run.

A trial starts `weir run --state` on a pipeline, kills it (SIGKILL) at a random instant or at a
named fault point, starts it again, kills it again (up to --depth times, also while it recovers),
and at last lets it end. Its files must then have the same bytes, in the order of their numbers.
Steps also end by the clock, so where SQL gives no order the rows may come in another one, and a
stream of changes may have other steps: then the rows must be the same when sorted, and the table
that the changes make, which never take back what was not there.

    crash.py --weir build/weir --kills 2000
    crash.py --weir build/weir --only hop,session --seed 7 --kills 50

Every name in FAULT("...") and FAULT_ERROR("...") of the source is tried too; one that no pipeline
reaches fails the test.
SPDX-License-Identifier: Apache-2.0
"""
import argparse
import collections
import concurrent.futures
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import pipelines  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.join(HERE, "..", "..", "src")
RUN_SECONDS = 120  # of one uninterrupted run


class Pipeline:
    """A query over input that is there, with the output that it must have."""

    def __init__(self, weir, root, name, input_dir):
        self.weir, self.name = weir, name
        self.dir = os.path.join(root, name)
        self.input = input_dir
        os.makedirs(self.dir)
        self.sql = pipelines.PIPELINES[name]
        self.workers = "1" if name in pipelines.ORDERED or random.random() < 0.6 else "2"
        began = time.monotonic()
        self.expected = self.reference("reference", False)
        with_state = self.reference("reference-state", True)
        self.seconds = time.monotonic() - began
        problem = compare(name, self.expected, with_state)
        if problem:
            raise SystemExit(f"{name}: a run with --state differs without any kill: {problem}")

    def reference(self, label, has_state):
        out = os.path.join(self.dir, label)
        state = os.path.join(self.dir, label + "-dir") if has_state else None
        code, text = finish(self.start(out, state, None))
        if code:
            raise SystemExit(f"{self.name}: the uninterrupted run fails\n{text}")
        return read_output(out)

    def start(self, out, state, fault):
        os.makedirs(out, exist_ok=True)
        path = os.path.join(self.dir, os.path.basename(out) + ".sql")
        with open(path, "w") as file:
            file.write(self.sql.replace("${IN}", self.input).replace("${OUT}", out))
        command = [self.weir, "run", "-q", "--step-rows", "150", "--workers", self.workers, "-D",
                   "execution.checkpointing.interval=4ms"]
        if state:
            command += ["--state", state]
        env = dict(os.environ)
        env.pop("WEIR_FAULT", None)
        if fault:
            env["WEIR_FAULT"] = fault
        return subprocess.Popen(command + [path], env=env, stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def finish(process):
    try:
        _, text = process.communicate(timeout=RUN_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        return -1, "it did not end"
    return process.returncode, text


# ---- what was written ----


def read_output(directory):
    """Files by the directory that they are in; part files one after another, by number."""
    found = collections.defaultdict(list)
    for path, _, names in os.walk(directory):
        for name in names:
            part = re.fullmatch(r"part-.*-(\d+)", name)
            with open(os.path.join(path, name), "rb") as file:
                text = re.sub(rb'"time_us":\d+', b"", file.read())  # of dead letters
                found[os.path.relpath(path, directory) + ("" if part else "/" + name)].append(
                    (int(part.group(1)) if part else 0, text))
    return {key: b"".join(text for _, text in sorted(parts)) for key, parts in found.items()}


def fold(text):
    """The table that a stream of changes makes; None when it takes back what is not there."""
    rows = collections.Counter()
    for line in text.decode().splitlines():
        change = json.loads(line)
        for image, count in ((change["before"], -1), (change["after"], 1)):
            if image is None:
                continue
            key = json.dumps(image, sort_keys=True)
            rows[key] += count
            if rows[key] < 0:
                return None
    return +rows


def compare(name, expected, got):
    if expected == got:
        return None
    if any(".inprogress" in key for key in got):
        return "unfinished files are left over: " + ", ".join(sorted(got))
    if expected.keys() != got.keys():
        return f"files differ: {sorted(expected.keys() ^ got.keys())}"
    for key, text in expected.items():
        if got[key] == text:
            continue
        if name in pipelines.CHANGES and fold(text) is not None and fold(text) == fold(got[key]):
            continue
        if name not in pipelines.CHANGES and name not in pipelines.ORDERED and sorted(
                text.splitlines()) == sorted(got[key].splitlines()):
            continue
        a, b = text.splitlines(), got[key].splitlines()
        at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
        return (f"{key}: {len(a)} lines expected, {len(b)} found; the first difference is line "
                f"{at + 1}: {a[at:at + 2]} and {b[at:at + 2]}")
    return None


# ---- trials ----


class Result:
    def __init__(self):
        self.kills = self.ended_before = 0
        self.problem = None
        self.same_bytes = False


def trial(pipeline, label, seed, depth, fault):
    rng = random.Random(seed)
    out = os.path.join(pipeline.dir, label)
    state = out + "-state"
    result = Result()
    has_ended = False
    for _ in range(depth):
        process = pipeline.start(out, state, fault)
        if fault:
            code, text = finish(process)
            hit = code == -signal.SIGKILL or (code > 0 and "fault \"" in text)
        else:
            try:
                process.wait(rng.random() ** 1.5 * pipeline.seconds)
            except subprocess.TimeoutExpired:
                pass
            process.kill()
            code, text = finish(process)
            hit = code == -signal.SIGKILL
        result.kills += hit
        if code == 0:
            has_ended = True
            break
        if not hit:
            result.problem = f"it ended with {code}: {text}"
            return result
        fault = None  # the next one is killed at a random instant
    result.ended_before = has_ended
    code, text = finish(pipeline.start(out, state, None))
    if code:
        result.problem = f"the last run ended with {code}: {text}"
        return result
    got = read_output(out)
    result.problem = compare(pipeline.name, pipeline.expected, got)
    result.same_bytes = got == pipeline.expected
    if not result.problem:
        for path in (out, state):
            shutil.rmtree(path, ignore_errors=True)
    return result


# Points behind servers: the tests of these connectors start one and kill there.
ELSEWHERE = ("kafka.", "pg.")


def fault_names():
    names = set()
    for path, _, files in os.walk(SOURCE):
        for file in files:
            if file.endswith(".c"):
                with open(os.path.join(path, file)) as text:
                    names.update(re.findall(r"FAULT(_ERROR)?\(\"([^\"]+)\"", text.read()))
    return sorted((name, bool(is_error)) for is_error, name in names
                  if not name.startswith(ELSEWHERE))


class Totals:
    def __init__(self):
        self.kills = self.trials = self.same = 0
        self.failures = []
        self.reached = collections.Counter()

    def add(self, name, seed, fault, result):
        self.kills += result.kills
        self.trials += 1
        self.same += result.same_bytes
        if fault and result.kills:
            self.reached[fault.split(":")[0] + (" error" if fault.endswith("error") else "")] += 1
        if result.problem:
            self.failures.append((name, seed, fault, result.problem))
            print(f"DIFFERENT {name} seed {seed} fault {fault}: {result.problem}", flush=True)


def fault_jobs(names, chosen, rng):
    """Every fault point with several counts, in pipelines that take turns."""
    wanted = []
    for name, is_error in names:
        for count in (1, 2, 3):
            wanted.append(f"{name}:{count}")
            if is_error:
                wanted.append(f"{name}:{count}:error")
    order = list(chosen)
    rng.shuffle(order)
    spread = [p for p in ("small_files", "partitions") if p in chosen]
    for i, fault in enumerate(wanted):
        for pipeline in {order[i % len(order)], *spread}:
            yield pipeline, fault


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--weir", required=True)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--depth", type=int, default=5)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--only", help="names of pipelines, with commas")
    parser.add_argument("--seconds", type=float, help="no new trials after this time")
    parser.add_argument("--stop", action="store_true", help="end at the first difference")
    args = parser.parse_args()
    chosen = args.only.split(",") if args.only else list(pipelines.PIPELINES)
    root = tempfile.mkdtemp(prefix="weir-crash-")
    input_dir = os.path.join(root, "input")
    os.makedirs(input_dir)
    pipelines.make_input(input_dir, args.seed)
    random.seed(args.seed)
    totals = Totals()
    rng = random.Random(args.seed)
    began = time.monotonic()
    weir = os.path.abspath(args.weir)
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        ready = dict(zip(chosen, pool.map(lambda n: Pipeline(weir, root, n, input_dir), chosen)))
        print(f"{len(ready)} pipelines, seed {args.seed}, "
              f"{time.monotonic() - began:.0f} s for their references", flush=True)

        def run(job):
            index, name, seed, fault = job
            return job, trial(ready[name], f"t{index}", seed, rng_depth(seed, args.depth), fault)

        names = fault_names()
        jobs = [(name, fault) for name, fault in fault_jobs(names, chosen, rng)]
        index = 0
        while True:
            batch = []
            while jobs and len(batch) < 4 * args.jobs:
                name, fault = jobs.pop()
                batch.append((index, name, args.seed * 1000003 + index, fault))
                index += 1
            late = args.seconds and time.monotonic() - began > args.seconds
            while len(batch) < 4 * args.jobs and totals.kills < args.kills and not late:
                batch.append((index, chosen[index % len(chosen)], args.seed * 1000003 + index,
                              None))
                index += 1
            if not batch or (args.stop and totals.failures):
                break
            for (_, name, seed, fault), result in pool.map(run, batch):
                totals.add(name, seed, fault, result)
    missing = [n for n, _ in names if not totals.reached[n]] if not args.only else []
    missing += [n + " error" for n, is_error in names
                if is_error and not args.only and not totals.reached[n + " error"]]
    print(f"{totals.kills} kills in {totals.trials} trials over {len(ready)} pipelines, "
          f"{len(totals.failures)} differences; {totals.same} with the same bytes, the rest with "
          f"the same rows; {time.monotonic() - began:.0f} s, seed {args.seed}")
    print("fault points reached: " + ", ".join(f"{n} {c}" for n, c in sorted(
        totals.reached.items())))
    if missing:
        print("fault points that no pipeline reached: " + ", ".join(missing))
    if totals.failures and args.stop:
        shutil.rmtree(root, ignore_errors=True)
    elif totals.failures:
        print(f"what the failed trials left is in {root}")
    else:
        shutil.rmtree(root, ignore_errors=True)
    return 1 if totals.failures or missing else 0


def rng_depth(seed, most):
    return random.Random(seed ^ 0x5eed).randint(1, most)


if __name__ == "__main__":
    sys.exit(main())
