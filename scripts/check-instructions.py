#!/usr/bin/env python3
"""Compares the instruction counts of hot paths with benchmarks/instructions/table.tsv.

    scripts/check-instructions.py HOT_PATHS [--compiler NAME --build TYPE] [--update]

HOT_PATHS is the program of benchmarks/instructions. Each path runs under valgrind twice, with a
count and with twice that count; the difference is its cost, without the cost of starting the
program. A change of more than 5 % in either direction fails and prints the numbers: record an
improvement, too, with --update. The first line of the table names the C library, the valgrind
version and the processor vendor of the figures, which include the code of libraries, so nothing is
compared elsewhere. Exit status: 0 unchanged, 1 changed, 77 cannot be measured here.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys

TABLE = pathlib.Path(__file__).resolve().parent.parent / "benchmarks/instructions/table.tsv"
PATHS = ("split", "scan", "put", "event", "status", "list")
COUNT = 400
MOST = 0.05
# The table is for this compiler; others generate other code from the same source.
COMPILER, BUILD = "GNU 12", "Release"
# The libraries select code by processor: force the same selection everywhere.
SAME_EVERYWHERE = {"SIMDJSON_FORCE_IMPLEMENTATION": "westmere",
                   "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2_Usable,-AVX_Fast_Unaligned_Load,-ERMS"}


def skip(why):
    print(f"check-instructions: skipped: {why}")
    sys.exit(77)


def machine():
    """What the figures depend on besides our own code."""
    def first(command):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.stdout.splitlines()[0].strip() if done.stdout.strip() else "unknown"
    vendor = re.search(r"^vendor_id\s*:\s*(\S+)", pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.M)
    return ", ".join([first(["dpkg-query", "-W", "-f=libc ${Version}", "libc6"]), first(["valgrind", "--version"]),
                      first(["dpkg-query", "-W", "-f=simdjson ${Version}", "libsimdjson14"]), vendor.group(1) if vendor else "unknown"])


def instructions(program, path, count):
    run = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program, path, str(count)],
                         capture_output=True, text=True, env={**os.environ, **SAME_EVERYWHERE}, check=False)
    collected = re.search(r"Collected : (\d+)", run.stderr)
    if run.returncode != 0 or not collected:
        sys.exit(f"check-instructions: {path} failed: {run.stderr[-2000:]}")
    return int(collected.group(1))


def cost(program, path):
    return round((instructions(program, path, 2 * COUNT) - instructions(program, path, COUNT)) / COUNT)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--compiler", default="")
    parser.add_argument("--build", default="")
    parser.add_argument("--update", action="store_true", help="write the figures into the table")
    options = parser.parse_args()
    if shutil.which("valgrind") is None:
        skip("valgrind is not installed (scripts/install-dependencies.sh --tests installs it)")
    if options.compiler and not options.compiler.startswith(COMPILER):
        skip(f"the table is of {COMPILER}, this is {options.compiler}")
    if options.build and options.build != BUILD:
        skip(f"the table is of {BUILD} builds, this is {options.build}")
    if os.uname().machine != "x86_64":
        skip(f"the table is of x86_64, this is {os.uname().machine}")
    here = machine()
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    if not options.update and lines[0] != f"# {here}":
        skip(f"the table is of {lines[0].removeprefix('# ')}, this is {here}")
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        now = dict(zip(PATHS, pool.map(lambda path: cost(options.program, path), PATHS)))
    if options.update:
        TABLE.write_text(f"# {here}\n" + "".join(f"{path}\t{now[path]}\n" for path in PATHS), encoding="utf-8")
        print(TABLE.read_text(encoding="utf-8"), end="")
        return 0
    written = {path: int(figure) for path, figure in (line.split("\t") for line in lines[1:])}
    changed = False
    for path in PATHS:
        change = now[path] / written[path] - 1
        far = abs(change) > MOST
        changed = changed or far
        print(f"{path:8} {now[path]:8} instructions, written down {written[path]:8}: {change:+.1%}{'  <-- more than 5 %' if far else ''}")
    if changed:
        print(f"If that is meant, write it down: {sys.argv[0]} {options.program} --update")
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main())
