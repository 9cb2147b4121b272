#!/usr/bin/env bash
# One line per event, as text or JSON, with object, plugin, effect and trace id; modules have their
# own levels.
. "$(dirname "${BASH_SOURCE[0]}")/../cli/stack.sh"
start_servers
install
export DIGITALOCEAN_API_URL=$cloud_url
run --log-format=json --log-level=warning --log-levels=cloud=info,controller=debug
cluster told
wait_for settled told || { tail -5 "$scratch/run.log" >&2; finish; }
python3 - "$scratch/run.log" << 'P' || fail "the log is not as it should be"
import json, re, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
wrong = []
creates = [l for l in lines if l.get("effect") == "create"]
if len(creates) != 1: wrong.append(f"a create is {len(creates)} lines")
for line in creates:
    for key in ("time", "level", "message", "object", "plugin", "effect", "outcome", "took", "module", "trace_id"):
        if not line.get(key): wrong.append(f"a line without {key}: {line}")
    if not re.fullmatch("[0-9a-f]{32}", line.get("trace_id", "")): wrong.append("no trace id")
if not any(l.get("module") == "controller" and l["level"] == "debug" for l in lines): wrong.append("no debug lines of the controller")
if any(l.get("module") not in ("cloud", "controller") and l["level"] in ("info", "debug") for l in lines): wrong.append("other modules say more than warnings")
print("\n".join(wrong), file=sys.stderr)
sys.exit(bool(wrong))
P
for bad in cloud clowd=debug cloud=loud =debug cloud=; do
  expect 2 "$capstan" run --kubeconfig="$scratch/kubeconfig" --log-levels="$bad"; one_line_saying "--log-levels"
done
expect 2 "$capstan" run --kubeconfig="$scratch/kubeconfig" --log-format=xml; one_line_saying "--log-format"
expect 2 "$capstan" run --kubeconfig="$scratch/kubeconfig" --log-level=loud; one_line_saying "--log-level"
finish
