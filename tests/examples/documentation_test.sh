#!/usr/bin/env bash
# The commands in the documentation work, and print what the documentation shows.
. "$(dirname "${BASH_SOURCE[0]}")/../cli/stack.sh"
sources=$3
start_stack
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PATH=$(cd "$(dirname "$capstan")" && pwd):$PATH
export PATH
. "$scratch/environment"
cd "$sources" || exit 1

# A console block is run, wherever it is.
grep -l '^```console' README.md docs/*.md deploy/*.md | while read -r document; do
  echo "-- $document"
  python3 "$here/run_console.py" "$document" || echo "$document" >> "$scratch/failed"
  kubectl delete doks --all --timeout=90s > /dev/null
done
[ ! -s "$scratch/failed" ] || fail "$(tr '\n' ' ' < "$scratch/failed")"

# README: the commands under "Try it", each unchanged, but without waiting for ever.
play() { awk '/^## Try it/ {on = 1} /^## / && !/Try it/ {on = 0} on && /^    kubectl/' README.md | sed 's/^ *//; s/ -w$//'; }
[ "$(play | wc -l)" -ge 4 ] || fail "README has no commands under \"Try it\""
while read -r command; do
  bash -c "$command" > "$scratch/out" 2>&1 < /dev/null || { fail "README: $command"; cat "$scratch/out" >&2; }
  case $command in *apply*) wait_for settled playground ;; esac
done < <(play)
gone playground || fail "README's last command leaves the cluster"

# The server accepts a yaml block that contains an object; a block that begins with spec: is a
# change that it accepts.
mkdir "$scratch/blocks"
python3 - "$scratch/blocks" README.md docs/*.md deploy/*.md << 'P'
import pathlib, re, sys
for path in map(pathlib.Path, sys.argv[2:]):
    for number, block in enumerate(re.findall(r"^```yaml\n(.*?)^```$", path.read_text(), re.M | re.S), 1):
        kind = "object" if "kind: DigitalOceanCluster" in block else "change" if block.startswith("spec:") else ""
        if kind:
            pathlib.Path(sys.argv[1], f"{path.stem}-{number}.{kind}").write_text(block)
P
k apply -f examples/digitalocean/local.yaml > /dev/null || fail "apply local.yaml"
for block in "$scratch"/blocks/*; do
  case $block in
    *.object) k apply --dry-run=server -f "$block" > "$scratch/out" 2>&1 || { fail "$(basename "$block") is refused"; cat "$scratch/out" >&2; } ;;
    *.change) k patch doks playground --type=merge --dry-run=server -p "$(cat "$block")" > "$scratch/out" 2>&1 ||
      { fail "$(basename "$block") is refused"; cat "$scratch/out" >&2; } ;;
  esac
done
finish
