#!/usr/bin/env bash
# docs/metrics.md lists exactly the series of a running operator at /metrics, each with its type.
. "$(dirname "${BASH_SOURCE[0]}")/../cli/stack.sh"
document=$(dirname "${BASH_SOURCE[0]}")/../../docs/metrics.md
start_servers
install
export DIGITALOCEAN_API_URL=$cloud_url
port=$(free_port)
run --health-address="127.0.0.1:$port"
cluster measured
wait_for ready measured || { tail -5 "$scratch/run.log" >&2; finish; }
curl -fsS "http://127.0.0.1:$port/metrics" > "$scratch/metrics" || fail "no answer"
python3 - "$document" "$scratch/metrics" << 'P' || fail "docs/metrics.md and /metrics differ"
import re, sys
written, optional, section = {}, set(), ""
for line in open(sys.argv[1]):
    if line.startswith("## "): section = line[3:].strip()
    row = re.match(r"\| `(\w+)` \| (\w+) \|\s*([^|]*?)\s*\| ([^|]+) \|$", line)
    if not row: continue
    name, kind, labels, _ = row.groups()
    written[name] = (kind, labels)
    if section == "Only where they apply": optional.add(name)
shown, labels = {}, {}
for line in open(sys.argv[2]):
    kind = re.match(r"# TYPE (\w+) (\w+)", line)
    if kind: shown[kind[1]] = kind[2]
    sample = re.match(r"(\w+)(?:\{(.*)\})? ", line)
    if sample and not line.startswith("#"):
        name = re.sub(r"_(bucket|sum|count)$", "", sample[1])
        name = name if shown.get(name) == "histogram" else sample[1]
        labels.setdefault(name, set()).update(set(re.findall(r'(\w+)="', sample[2] or "")) - {"le"})
wrong = [f"{name} is shown and not in docs/metrics.md" for name in shown if name not in written]
wrong += [f"{name} is in docs/metrics.md and not shown" for name in written if name not in shown and name not in optional]
for name, kind in shown.items():
    if name not in written: continue
    if written[name][0] != kind: wrong.append(f"{name} is a {kind}, not a {written[name][0]}")
    said = {label.strip() for label in written[name][1].split(",")} - {""}
    if "…" not in said and labels.get(name, said) != said: wrong.append(f"{name} has the labels {sorted(labels[name])}, not {sorted(said)}")
    if kind != "counter" and name.endswith("_total"): wrong.append(f"{name} is called a total and is a {kind}")
print("\n".join(wrong), file=sys.stderr)
sys.exit(bool(wrong))
P
finish
