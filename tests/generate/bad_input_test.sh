#!/usr/bin/env bash
# Errors in reading or writing of `capstan generate` are reported in one line, with status 1 or 2,
# and nothing is half-written.
set -euo pipefail
capstan=$1 source=$2
scratch=$(mktemp -d)
trap 'chmod -R u+w "$scratch"; rm -rf "$scratch"' EXIT
# expect STATUS TEXT ARGUMENT...
expect() {
  local status=$1 text=$2 said got=0
  shift 2
  said=$("$capstan" generate "$@" 2>&1 > /dev/null) || got=$?
  [ "$got" = "$status" ] || { echo "status $got instead of $status of: generate $*: $said"; exit 1; }
  case $said in *"$text"*) ;; *) echo "\"$text\" is not in: $said"; exit 1 ;; esac
  [ "$(wc -l <<< "$said")" = 1 ] || { echo "more than one line: $said"; exit 1; }
}
crd=$source/tests/generate/crds/keywords.yaml
out=$scratch/out
expect 2 'generate takes what to write' types
expect 2 'name the directory' types "$crd"
expect 1 'there is no version "v9"; there are: v1' types "$crd" --out "$out" --version v9
expect 1 'No such file' types "$scratch/none.yaml" --out "$out"
printf 'a: [1\nb' > "$scratch/bad.yaml"
expect 1 "$scratch/bad.yaml: yaml: line" types "$scratch/bad.yaml" --out "$out"
printf 'kind: Pod\n' > "$scratch/pod.yaml"
expect 1 'not CustomResourceDefinition' types "$scratch/pod.yaml" --out "$out"
sed 's/class: {type: string}/class: {}/' "$crd" > "$scratch/unstructural.yaml"
expect 1 'properties.spec.properties.class: has no type' types "$scratch/unstructural.yaml" --out "$out"
expect 1 'is no C++ namespace' types "$crd" --out "$out" --cpp-namespace 'a b'
expect 1 'must be small letters' types "$crd" --out "$out" --name '../x'
[ ! -e "$out" ] || { echo "something was written: $(ls "$out")"; exit 1; }
expect 1 'is an OpenAPI document' types "$source/core/kinds/openapi.json" --out "$out"
expect 1 'has no kind apps/v1/Deploy;' types "$source/core/kinds/openapi.json" --out "$out" --kinds apps/v1/Deploy
# A directory in place of the second file: the first is unchanged.
mkdir -p "$out/keyword.hpp"
expect 1 'keyword.hpp' types "$crd" --out "$out"
[ ! -e "$out/keyword.cpp" ] || { echo "a source was left behind without its header"; exit 1; }
# Unwritable targets: below a file, and on a read-only file system.
expect 1 '/dev/null/below' types "$crd" --out /dev/null/below
expect 1 '/proc/below' types "$crd" --out /proc/below
printf 'kind: W\ngroup: example.dev\nversion: v1\nspec: {a: strin}\n' > "$scratch/short.yaml"
expect 1 'spec.a: "strin" is no type' crd "$scratch/short.yaml"
expect 1 'cannot run' rbac "$scratch/none"
expect 1 'must be an operator' rbac /bin/false
