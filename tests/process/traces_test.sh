#!/usr/bin/env bash
# Traces of a real operator reach a collector: a reconcile is a trace, each effect a span of it, and
# the cloud's API sees the same trace. An unreachable collector, or invalid variables, never stop
# work; headers are never shown.
. "$(dirname "${BASH_SOURCE[0]}")/../cli/stack.sh"
start_servers
install
serve collector collector "$scratch/spans"
collector=http://$address
serve cloud recording_proxy "$cloud_url" "$scratch/requests"
export DIGITALOCEAN_API_URL=http://$address
health=$(free_port)
OTEL_EXPORTER_OTLP_ENDPOINT=$collector OTEL_EXPORTER_OTLP_HEADERS=x-key=mysterious \
  OTEL_SERVICE_NAME=fleet OTEL_BSP_SCHEDULE_DELAY=500 run --log-format=json --log-level=debug --health-address="127.0.0.1:$health"
cluster traced
wait_for ready traced || { tail -5 "$scratch/run.log" >&2; finish; }
wait_for grep -q '"name": "create"' "$scratch/spans"
wait_for grep -q '"name": "record"' "$scratch/spans"
python3 - "$scratch/spans" "$scratch/requests" "$scratch/run.log" << 'P' || fail "the spans are not as they should be"
import json, sys
spans = [json.loads(line) for line in open(sys.argv[1])]
requests = [line.split() for line in open(sys.argv[2])]
wrong = []
def check(holds, what):
    if not holds: wrong.append(what)
by_id = {span["spanId"]: span for span in spans}
check(all(s["path"] == "/v1/traces" and s["key"] == "mysterious" for s in spans), "path or header")
check(all(s["resource"]["service.name"] == "fleet" and s["resource"]["service.version"] for s in spans), "resource")
def root(span):
    while span.get("parentSpanId") in by_id: span = by_id[span["parentSpanId"]]
    return span
creates = [s for s in spans if s["name"] == "create"]
check(len(creates) == 1, f"{len(creates)} creates")
reconcile = root(creates[0])
check(reconcile["name"] == "reconcile DigitalOceanCluster" and "parentSpanId" not in reconcile, "the create's reconcile")
check(reconcile["attributes"]["capstan.object"] == "default/traced", "object of the reconcile")
check(creates[0]["attributes"]["capstan.outcome"] == "done", "outcome of the create")
same = [s for s in spans if s["traceId"] == creates[0]["traceId"]]
names = [s["name"] for s in sorted(same, key=lambda s: int(s["startTimeUnixNano"]))]
check([n for n in names if n in ("write intent", "create", "record")] == ["write intent", "create", "record"], f"the protocol: {names}")
posts = [s for s in same if s["name"] == "POST" and s["attributes"].get("url.path") == "/v2/kubernetes/clusters"]
check(len(posts) == 1 and posts[0]["parentSpanId"] == creates[0]["spanId"] and posts[0]["kind"] == 3, "the request of the create")
check(posts and posts[0]["attributes"]["http.response.status_code"] == "201", "its status")
check(posts and ["POST", "/v2/kubernetes/clusters", f"00-{posts[0]['traceId']}-{posts[0]['spanId']}-01"] in requests, "trace context at the cloud")
check(all(len(r) == 3 for r in requests if r[0] != "GET"), "a change without trace context")
check(any(s["name"] == "PATCH" and s["attributes"]["url.path"].endswith("/status") for s in same), "the write of the status")
check(all(int(s["endTimeUnixNano"]) >= int(s["startTimeUnixNano"]) for s in spans), "times")
lines = [json.loads(line) for line in open(sys.argv[3]) if line.startswith("{")]
effects = [line for line in lines if line.get("effect") == "create"]
check(len(effects) == 1 and effects[0]["trace_id"] == creates[0]["traceId"] and effects[0]["plugin"] == "digitalocean"
      and effects[0]["object"] == "DigitalOceanCluster default/traced", f"the log line of the create: {effects}")
print("\n".join(wrong), file=sys.stderr)
sys.exit(bool(wrong))
P
curl -fsS "http://127.0.0.1:$health/metrics" > "$scratch/metrics"
grep -q '^capstan_trace_spans_total{outcome="exported"} [1-9]' "$scratch/metrics" || fail "exported spans are not counted"
! grep -q mysterious "$scratch/run.log" "$scratch/metrics" || fail "a header is shown"
kill "$operator"
wait "$operator"

# Without a collector: work continues, the log reports it once, spans are counted.
OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1 OTEL_BSP_SCHEDULE_DELAY=100 OTEL_BSP_MAX_QUEUE_SIZE=4 run --health-address="127.0.0.1:$health"
cluster alone
wait_for ready alone || fail "a collector that is away stops work"
wait_for grep -q 'traces do not reach their collector' "$scratch/run.log"
[ "$(grep -c 'traces do not reach their collector' "$scratch/run.log")" = 1 ] || fail "the log says it more than once"
curl -fsS "http://127.0.0.1:$health/metrics" > "$scratch/metrics"
grep -q '^capstan_trace_spans_total{outcome="dropped"} [1-9]' "$scratch/metrics" || fail "dropped spans are not counted"
kill "$operator"
wait "$operator"

# Invalid variables: one warning that names the variable, and work continues.
OTEL_EXPORTER_OTLP_ENDPOINT=nonsense run
wait_for grep -q 'traces are not sent.*OTEL_EXPORTER_OTLP_ENDPOINT' "$scratch/run.log"
cluster more
wait_for ready more || fail "a wrong variable stops work"
finish
