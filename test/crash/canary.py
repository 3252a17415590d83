#!/usr/bin/env python3
"""canary.py -- does the crash harness notice? Builds wrong versions of weir, one after the other,
in a copy of the source, and fails when crash.py finds nothing to complain about in one of them.

    canary.py [NAME...]
SPDX-License-Identifier: Apache-2.0
"""
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))

# name: file, text, wrong text, pipelines that should show it
CANARIES = {
    "place in the input is not committed": (
        "src/flow/feed.c", "    if (!feed->has_chunk) return;\n    /* Messages",
        "    if (feed) return;\n    /* Messages", "filter,group"),
    "files get their names before the commit": (
        "src/conn/fs_sink.c", "if (!self->is_durable) return file_rename(",
        "return file_rename(", "small_files"),
    "open files are not cut": (
        "src/conn/fs_publish.c",
        "return file_truncate(bucket->fd, bucket->temp, size, err);", "return ST_OK;",
        "filter,json_to_csv"),
    "complete files are forgotten": (
        "src/conn/fs_publish.c",
        "            TRY(fspending_publish(&pending, err));\n        }",
        "            (void)pending;\n        }", "small_files"),
    "changed groups are not committed": (
        "src/store/map.c", "if (!entries[i] || map_head(entries[i])->is_changed) continue;",
        "if (!entries[i] || map_head(entries[i])->is_changed || "
        "!map_head(entries[i])->is_unsaved) continue;", "group,cdc_group"),
    "removed rows stay": (
        "src/store/multimap.c", "            if (!row->is_unsaved) {\n",
        "            if (row->is_unsaved) {\n", "cdc_top,cdc_join,over_time,top"),
    "dropped windows stay": (
        "src/store/map.c", "    if (map->tables[at]->is_saved) map_note_drop(map, slice);", "",
        "tumble,tumble_distinct"),
    "clocks of splits begin anew": (
        "src/op/op_input.c", "        split->watermark = record_i64(in);",
        "        (void)record_i64(in);", "tumble,over_rows"),
    "decoders begin anew": (
        "src/flow/feed.c", "    if (split->decoder->type->load)", "    if (false)", "with_header"),
    "counters are not committed": (
        "src/store/state.c", "    if (value->saved && memcmp(", "    if (value || memcmp(",
        "limit,session,sorted,over_rows"),
}


def run(command, **options):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, **options)


def build(directory):
    done = run(["ninja", "-C", os.path.join(directory, "build"), "weir"])
    if done.returncode:
        raise SystemExit(done.stdout[-3000:])


def main():
    names = sys.argv[1:] or list(CANARIES)
    directory = tempfile.mkdtemp(prefix="weir-canary-")
    tree = os.path.join(directory, "tree")
    shutil.copytree(ROOT, tree, ignore=lambda path, names: [
        n for n in names if path == ROOT and n.startswith(("build", ".git"))])
    done = run(["meson", "setup", "build"], cwd=tree)
    if done.returncode:
        raise SystemExit(done.stdout)
    missed = []
    for name in names:
        file, text, wrong, pipelines = CANARIES[name]
        path = os.path.join(tree, file)
        with open(path) as source:
            good = source.read()
        if good.count(text) != 1:
            raise SystemExit(f"canary \"{name}\": its place in {file} is gone")
        with open(path, "w") as source:
            source.write(good.replace(text, wrong))
        build(tree)
        done = run([sys.executable, os.path.join(HERE, "crash.py"), "--weir",
                    os.path.join(tree, "build", "weir"), "--kills", "60", "--only", pipelines,
                    "--stop", "--seed", "1"])
        is_found = "DIFFERENT" in done.stdout
        missed += [] if is_found else [name]
        first = next((l for l in done.stdout.splitlines() if "DIFFERENT" in l), done.stdout[-300:])
        print(f"{'noticed' if is_found else 'MISSED'}: {name}: {first[:200]}", flush=True)
        with open(path, "w") as source:
            source.write(good)
    shutil.rmtree(directory, ignore_errors=True)
    print(f"{len(names) - len(missed)} of {len(names)} wrong builds were noticed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
