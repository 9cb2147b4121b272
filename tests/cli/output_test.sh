#!/usr/bin/env bash
# Every command prints a document for programs with -o json and -o yaml, or says in one sentence why
# it has none; each document is valid, and agrees with the text.
. "$(dirname "${BASH_SOURCE[0]}")/expect.sh"
build=$(dirname "$capstan")/..
directory=$build/examples/plugins/libcapstan_directory.so
# says EXPRESSION: standard output is one JSON document d for which EXPRESSION is true.
says() {
  python3 -c 'import json, sys; d = json.load(open(sys.argv[1])); sys.exit(0 if eval(sys.argv[2]) else 1)' "$scratch/out" "$1" ||
    { fail "the document does not say $1:"; head -c 2000 "$scratch/out" >&2; }
}

# --- All commands: none is missing.
without=
for command in $("$capstan" complete commands) complete; do
  if "$capstan" "$command" --help | grep -q '^  --output '; then
    expect 2 "$capstan" "$command" -o xml; [ "$(wc -l < "$scratch/err")" = 1 ] || fail "$command -o xml is not one line"
  else
    without="$without $command"
    for flag in "-o json" -o=yaml --output=json "--output yaml"; do
      expect 2 "$capstan" "$command" $flag; one_line_saying "$command has no -o: "
    done
  fi
done
[ "$without" = " run quickstart complete" ] || fail "these have no document:$without"

# --- new, generate: the written files; without a folder the objects themselves.
cd "$scratch" || exit 1
expect 0 "$capstan" new operator shop -o json; says 'all(open(f) for f in d["files"]) and "shop/CMakeLists.txt" in d["files"]'
expect 0 "$capstan" new provider cloud -o yaml; prints "files:"; prints "- cloud/plugin.cpp"; prints_not "build it"
printf 'kind: Shop\ngroup: example.dev\nversion: v1\nspec: {size: integer}\n' > short.yaml
expect 0 "$capstan" generate crd short.yaml -o json; says 'd["kind"] == "CustomResourceDefinition" and d["spec"]["names"]["kind"] == "Shop"'
expect 0 "$capstan" generate crd short.yaml -o yaml; prints "kind: CustomResourceDefinition"
expect 0 "$capstan" generate crd short.yaml --out written -o json; says 'd == {"files": ["written/crd.yaml"]}'
expect 0 "$capstan" generate types written/crd.yaml --out written -o json; says 'd["files"] == ["written/shop.cpp", "written/shop.hpp"]'
expect 0 "$capstan" generate rbac "$build/bin/website" -o json; says 'd["kind"] == "List" and {o["kind"] for o in d["items"]} >= {"ServiceAccount", "ClusterRole"}'
expect 0 "$capstan" generate rbac "$build/bin/website"; prints "---"; prints "kind: ClusterRole"

# --- plugins verify: every sentence with its result, also if the plugin ends the process in the
# middle.
printf '{"apiVersion":"directory.example/v1","kind":"DirectoryCluster","metadata":{"name":"d"},"spec":{"size":2}}' > d2.json
export DIRECTORY_ROOT=$scratch/clusters
expect 0 "$capstan" plugins verify "$directory" --object=d2.json --dry -o json
says 'd["plugin"].endswith("libcapstan_directory.so") and d["kind"] == "DirectoryCluster" and "bailOut" not in d'
says 'd["failed"] == 0 and d["passed"] + d["skipped"] == len(d["findings"]) == 7'
says '{"check": "The object is admitted as it stands", "result": "passed"} in d["findings"]'
expect 0 "$capstan" plugins verify "$directory" --object=d2.json --dry -o yaml; prints "result: passed"; prints_not "TAP"
DIRECTORY_ROOT=$scratch/file
touch "$DIRECTORY_ROOT"
expect 1 "$capstan" plugins verify "$directory" --object=d2.json --yes --poll-seconds=0.1 --patience-seconds=1 -o json
says 'd["failed"] > 0 and any(f["result"] == "failed" and f["why"] for f in d["findings"])'
unset DIRECTORY_ROOT
printf '{"apiVersion":"bad.example/v1","kind":"crashes","metadata":{"name":"d"},"spec":{}}' > crashes.json
# AddressSanitizer would catch the signal.
ASAN_OPTIONS=${ASAN_OPTIONS:-}:handle_segv=0 expect 1 "$capstan" plugins verify "$build/tests/abi/bad/crashes.so" --object=crashes.json --yes -o json
says 'd["kind"] == "crashes" and d["passed"] > 0 and "ended the process (SIG" in d["bailOut"]'

# --- explore: counts, and each violation with its schedule and timeline.
unset DIGITALOCEAN_API_URL DIGITALOCEAN_ACCESS_TOKEN
cat > web.yaml << Y
apiVersion: anutosh491.dev/v1alpha1
kind: DigitalOceanCluster
metadata: {name: web}
spec: {region: nyc1, version: latest, nodePools: [{name: web, size: s-2vcpu-2gb, count: 1}]}
Y
explore=("$capstan" explore --plugin="$build/lib/capstan/plugins/libcapstan_digitalocean.so")
expect 0 "${explore[@]}" --object=web.yaml --mishaps=409 --budget=3 -o json
says 'd["schedules"] == 4 and d["effects"] > 100 and d["violations"] == [] and d["stopped"] is False'
expect 0 "${explore[@]}" --object=web.yaml --schedule=9:crash-after-commit -o yaml; prints "schedules: 1"; prints "violations: []"
sed 's/count: 1/count: 500/' web.yaml > toomany.yaml
expect 1 "${explore[@]}" --object=toomany.yaml -o json
says 'd["violations"][0]["violation"].startswith("does not come about: Ready") and d["violations"][0]["schedule"] == "none"'
says 'd["violations"][0]["again"].endswith("--schedule=none") and all(e["request"] and e["effect"] for e in d["violations"][0]["timeline"])'

# --- local and apiserver: the addresses of the servers, once they run; no credential.
start() { # NAME ARGUMENTS...: into $scratch/NAME.out, until it is a document
  local name=$1
  shift
  "$capstan" "$@" > "$scratch/$name.out" 2> "$scratch/$name.err" &
  started+=($!)
  wait_for test -s "$scratch/$name.out" || { cat "$scratch/$name.err" >&2; finish; }
  cp "$scratch/$name.out" "$scratch/out"
}
start local local --environment-out="$scratch/environment" -o json
says 'd["server"].startswith("https://127.0.0.1:") and d["page"].startswith("http://127.0.0.1:") and d["operator"] is True'
says 'open(d["kubeconfig"]) and open(d["environment"]) and d["digitalocean_url"].startswith("http://")'
. "$scratch/environment"
prints_not "$DIGITALOCEAN_ACCESS_TOKEN"
start apiserver apiserver --kubeconfig-out="$scratch/kubeconfig" -o yaml
prints "kubeconfig: $scratch/kubeconfig"; prints "server: https://127.0.0.1:"
expect 0 "$capstan" apiserver --write-test-binaries="$scratch/binaries" -o json; says 'd["environment"]["KUBEBUILDER_ASSETS"].endswith("/binaries")'
finish
