#!/usr/bin/env python3
"""Sums a profile by what the CPU time was spent on.

    perf record -F 3000 -g --call-graph dwarf,8192 -e cpu-clock -o FILE COMMAND
    perf script -i FILE -F comm,ip,sym,dso | scripts/profile-areas.py [--seconds CPU] [--count N]

Prints the share of each area; with the CPU seconds of the command and its number of objects or
events also the microseconds of each. A sample belongs to the area of its innermost frame that has
one: a malloc called by a parser is allocation, the parser's own code is JSON.
"""
import argparse
import collections
import re
import sys

# In order; the first that fits a frame decides. Kernel frames are sorted by their system call.
AREAS = [
    ("allocation", r"^(malloc|free|cfree|calloc|realloc|_int_\w+|operator (new|delete)\b|unlink_chunk|sysmalloc|tcache_\w+)|__GI___libc_(malloc|free)|malloc_consolidate"),
    ("TLS", r"^(SSL_|BIO_|EVP_|CRYPTO_|ERR_)"),
    ("zstd", r"^(ZSTD_|HUF_|FSE_|ZDICT_)"),
    ("JSON", r"simdjson|capstan::json::"),
    ("HTTP", r"capstan::(net|http)::"),
    ("cache and queue", r"capstan::runtime::"),
    ("cloud objects", r"capstan::(managed|external|digitalocean|loader|sdk|abi)::|capstan::plugins::"),
    ("Kubernetes client", r"capstan::kube::"),
]
LIBRARIES = [("TLS", r"/lib(ssl|crypto)"), ("zstd", r"/libzstd"), ("JSON", r"/libsimdjson|/libPocoJSON")]
CALLS = [("kernel: sleeping and waking", r"poll|futex|epoll|nanosleep|sched"), ("kernel: sending", r"send|writev|_write$"),
         ("kernel: receiving", r"recv|readv|_read$"), ("kernel: memory", r"madvise|mmap|munmap|mprotect|brk")]


def samples(lines):
    """Yields the frames (symbol, library) of each sample, innermost first."""
    frames = []
    for line in lines:
        frame = re.match(r"\s+[0-9a-f]+ (.*) \((.*)\)$", line)
        if frame:
            frames.append((frame.group(1), frame.group(2)))
        elif not line.strip() and frames:
            yield frames
            frames = []
    if frames:
        yield frames


def in_kernel(frames):
    call = next((symbol for symbol, _ in frames if symbol.startswith("__x64_sys_")), "")
    return next((area for area, names in CALLS if call and re.search(names, call)), "kernel: other")


def area_of(frames):
    if frames[0][1].startswith("[kernel") or frames[0][1] == "[unknown]" and any(s.startswith("__x64_sys_") for s, _ in frames):
        return in_kernel(frames)
    for symbol, library in frames:
        for area, names in AREAS:
            if re.search(names, symbol):
                return area
        for area, names in LIBRARIES:
            if re.search(names, library):
                return area
    return "other"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, help="CPU seconds of the command")
    parser.add_argument("--count", type=int, help="objects or events that these were spent on")
    options = parser.parse_args()
    counts = collections.Counter(map(area_of, samples(sys.stdin)))
    total = sum(counts.values())
    if total == 0:
        raise SystemExit("profile-areas.py: there is no sample; perf script -F comm,ip,sym,dso prints them")
    for area, count in counts.most_common():
        spent = f" {count / total * options.seconds * 1e6 / options.count:8.1f} µs" if options.seconds and options.count else ""
        print(f"{area:28} {count / total:6.1%}{spent}")


main()
