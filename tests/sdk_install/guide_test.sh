#!/usr/bin/env bash
# guide_test.sh PROGRAM SCRATCH SOURCE BUILD: the commands of docs/writing_a_provider.md from an
# empty folder to a verified plugin, each unchanged, one after the other in one shell with an empty
# home.
. "$(dirname "${BASH_SOURCE[0]}")/../cli/expect.sh"
source=$3 build=$4
page=$source/docs/writing_a_provider.md
mkdir -p "$scratch/home" "$scratch/project/build"
ln -s "$build" "$scratch/project/build/release"
awk '/^## From an empty folder/ {on = 1; next} /^## / {on = 0} on && /^    /' "$page" | sed 's/^    //' > "$scratch/commands"
[ "$(wc -l < "$scratch/commands")" -ge 9 ] || fail "the guide has fewer commands than it had"
port=$(free_port)
sed -i "s/8080/$port/g" "$scratch/commands"
# Servers that run for ever are awaited, and ended at the end.
{
  echo 'set -e'
  echo "trap 'kill \$(jobs -p) 2> /dev/null' EXIT"
  while read -r command; do
    case $command in
      "python3 simulated_cloud.py"*)
        echo "$command"
        echo "for i in \$(seq 300); do (exec 3<> /dev/tcp/127.0.0.1/$port) 2> /dev/null && break; sleep 0.1; done"
        ;;
      "capstan local"*)
        echo "$command --ready-file=ready < /dev/null &"
        echo 'for i in $(seq 300); do [ -s ready ] && break; sleep 0.1; done'
        echo '[ -s ready ]'
        ;;
      *) echo "$command" ;;
    esac
  done < "$scratch/commands"
} > "$scratch/script"
(
  cd "$scratch/project" || exit 1
  unset KUBECONFIG
  export HOME=$scratch/home XDG_CACHE_HOME=$scratch/home/.cache
  PATH=$(dirname "$capstan"):$PATH
  bash -x "$scratch/script"
) > "$scratch/out" 2>&1 || { fail "the guide's commands do not lead to a verified plugin:"; tail -30 "$scratch/out" >&2; }
! grep -q '^not ok' "$scratch/out" || { fail "the template is not green"; grep '^not ok' "$scratch/out" >&2; }
grep -q '^ok 30' "$scratch/out" || fail "the suite did not run"
finish
