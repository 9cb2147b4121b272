#!/usr/bin/env python3
"""Writes the medians of a run of scripts/benchmark.sh between the markers of docs/performance.md."""
import datetime
import os
import re
import statistics
import subprocess
import sys

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
LINE = re.compile(r"^(\S+) (ours|peer) (\w+) n=(\d+) wall=([\d.]+)s cpu=([\d.]+)s maxrss=(\d+)MiB rss=(\d+)")
EVENTS = re.compile(r"^(\S+) (ours|peer) events (\d+) cpu per event ([\d.]+) us")
WORK = ("sync", "settled", "limit", "relist", "writelimit", "reconcile", "events", "queue")


def median(values):
    return statistics.median(values) if values else None


def main(lines_path, page_path):
    figures, per_event, sizes = {}, {}, {}
    for line in open(lines_path, encoding="utf-8"):
        if match := LINE.match(line):
            server, side, what, n, wall, cpu, peak, rss = match.groups()
            sizes.setdefault(server)
            key = (server, what, int(n))
            entry = figures.setdefault(key, {}).setdefault(side, {"wall": [], "cpu": [], "peak": [], "rss": []})
            entry["wall"].append(float(wall))
            entry["cpu"].append(float(cpu))
            entry["peak"].append(float(peak))
            entry["rss"].append(float(rss) / 1024)
        elif match := EVENTS.match(line):
            per_event.setdefault((match.group(1), match.group(2)), []).append(float(match.group(4)))
    # Resident memory after a sync is measured after two seconds of rest, on both sides.
    for (server, what, n), sides in figures.items():
        for side, entry in sides.items():
            if what == "sync":
                entry["rss"] = figures.get((server, "settled", n), {}).get(side, entry)["rss"]
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo", encoding="utf-8") if line.startswith("model name")), "?")
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False).stdout.strip()
    out = [f"{datetime.date.today()}, {os.cpu_count()} × {model}, load {os.getloadavg()[0]:.1f}, commit {commit}; medians.", "",
           "| server | work | n | side | CPU s | wall s | peak MiB | resident MiB | CPU ratio | resident ratio |",
           "|---|---|---|---|---|---|---|---|---|---|"]
    for server, what, n in sorted(figures, key=lambda key: (list(sizes).index(key[0]), WORK.index(key[1]) if key[1] in WORK else 99, key[2])):
        if what == "settled":
            continue
        sides = figures[server, what, n]
        for side in ("ours", "peer"):
            entry = sides.get(side)
            if not entry:
                continue
            ratio = ["", ""]
            if side == "peer" and "ours" in sides and median(sides["ours"]["cpu"]):
                ratio = [f"1/{median(entry['cpu']) / median(sides['ours']['cpu']):.1f}", f"1/{median(entry['rss']) / median(sides['ours']['rss']):.1f}"]
            out.append(f"| {server} | {what} | {n} | {'Capstan' if side == 'ours' else 'client-go'} | {median(entry['cpu']):.2f} | {median(entry['wall']):.2f} "
                       f"| {median(entry['peak']):.0f} | {median(entry['rss']):.0f} | {ratio[0]} | {ratio[1]} |")
    for (server, side), values in sorted(per_event.items()):
        out += ["", f"CPU per watch event, {server}, {'Capstan' if side == 'ours' else 'client-go'}: {median(values):.1f} µs."]
    page = open(page_path, encoding="utf-8").read()
    head, rest = page.split(BEGIN, 1)
    tail = rest.split(END, 1)[1]
    with open(page_path, "w", encoding="utf-8") as file:
        file.write(head + BEGIN + "\n" + "\n".join(out) + "\n" + END + tail)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
