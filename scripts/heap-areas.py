#!/usr/bin/env python3
"""Sums the memory that a program has in use at its end by what it is used for.

    heaptrack -o FILE COMMAND
    scripts/heap-areas.py FILE.zst [--sites N]

An operator frees everything when it ends properly: kill it with SIGKILL at the moment of interest.
scripts/measure-shards.py --heap does all of this. A block belongs to the area of its innermost frame
that has one. With --sites also the N largest call sites of each area. The allocator's own memory
(headers, free blocks) and stacks of threads are not contained.
"""
import argparse
import collections
import pathlib
import re
import subprocess
import tempfile

# In order; the first that fits a frame decides.
AREAS = [
    ("tables of keys", r"KeyTable"),
    ("recorded effects", r"FlightRecorder::"),
    ("written Events", r"KubeEventRecorder::"),
    ("queue", r"Workqueue"),
    ("cache: dictionary and compression", r"ObjectCodec|ZSTD_|ZDICT_"),
    ("cache: objects", r"MakeBlock"),
    ("cache: reading of JSON", r"ObjectScanner|simdjson|ItemSplitter|WatchFrames"),
    ("state of reconciles", r"capstan::managed::"),
    ("metrics", r"capstan::runtime::Metrics|Instruments"),
    ("plugins", r"capstan::(digitalocean|loader|sdk|abi|plugins)::"),
    ("log", r"Log\b|google::"),
    ("TLS", r"^(SSL_|CRYPTO_|OPENSSL_|BIO_|EVP_|X509)|capstan::net::.*Tls"),
    ("HTTP connections", r"capstan::(net|http)::|Poco::Net"),
    ("controllers and watches", r"capstan::runtime::"),
    ("shards", r"capstan::shards::"),
    ("Kubernetes client", r"capstan::kube::"),
    ("program", r"capstan::"),
    ("loading of code", r"^(_dl_|dl_|call_init|dlopen|_GLOBAL__)"),
]


def stacks(file):
    """Yields the frames, innermost first, and the bytes of each call site."""
    with tempfile.TemporaryDirectory() as scratch:
        out = pathlib.Path(scratch, "stacks")
        subprocess.run(["heaptrack_print", "-f", file, "-p0", "-a0", "-T0", "--flamegraph-cost-type", "leaked", "-F", out,
                        "--disable-builtin-suppressions"], check=True, stdout=subprocess.DEVNULL)
        for line in out.read_text(encoding="utf-8").splitlines():
            frames, _, size = line.rpartition(" ")
            yield frames.split(";")[::-1], int(size)


def area_of(frames):
    return next((area for frame in frames for area, names in AREAS if re.search(names, frame)), "other")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=pathlib.Path)
    parser.add_argument("--sites", type=int, default=0)
    options = parser.parse_args()
    areas, sites = collections.Counter(), collections.defaultdict(collections.Counter)
    for frames, size in stacks(options.file):
        area = area_of(frames)
        areas[area] += size
        sites[area][" < ".join(frame[:110] for frame in frames[:8])] += size
    print(f"{'in all':36}{sum(areas.values()) / 1024:10.0f} KiB")
    for area, size in areas.most_common():
        print(f"{area:36}{size / 1024:10.0f} KiB")
        for site, bytes_of in sites[area].most_common(options.sites):
            print(f"    {bytes_of / 1024:8.0f} KiB {site}")


main()
