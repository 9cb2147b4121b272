#!/usr/bin/env bash
# Without an election, a second operator does not start next to the first, and says which process is
# running and what to do. A crashed one blocks nobody. With --leader-elect the second waits.
. "$(dirname "${BASH_SOURCE[0]}")/stack.sh"
start_servers
install
export DIGITALOCEAN_API_URL=$cloud_url
alone() { # FLAGS...: an operator without an election, logging to $scratch/$1.log
  local name=$1; shift
  "$capstan" run --kubeconfig="$scratch/kubeconfig" --create-settle=2s "$@" > "$scratch/$name.log" 2>&1 &
  operator=$!
  started+=("$operator")
}
alone first
first=$operator
held() { [ -n "$(holder)" ]; }
wait_for held || { tail -3 "$scratch/first.log" >&2; finish; }
cluster before
wait_for settled before

expect 1 "$capstan" run --kubeconfig="$scratch/kubeconfig" --create-settle=2s
grep -q "another operator works on this cluster: $(holder)" "$scratch/err" || { fail "it does not name the other"; cat "$scratch/err" >&2; }
grep -q -- "--leader-elect" "$scratch/err" || fail "it does not say what to do"
kill -0 "$first" || fail "the first has ended too"
k get events -n capstan-system -o 'jsonpath={range .items[*]}{.involvedObject.kind} {.reason}: {.message}{"\n"}{end}' |
  grep -q "^Lease TwoOperators: .* does not start: another operator works on this cluster: $(holder)" || fail "no Event says that a second one was started"
! grep -q "INFO leading" "$scratch/first.log" || fail "it says that it leads, where no election takes place"

# With an election it waits for the Lease of the one without.
run
wait_for grep -q "Lease\|lease" "$scratch/run.log"
grep -q "INFO leading" "$scratch/run.log" && fail "it leads next to the first"
kill -TERM "$operator"; wait "$operator"

# After a crash it can start again.
crashed=$(holder)
kill -9 "$first"; wait "$first" 2> /dev/null
alone again
cluster after
wait_for settled after || { tail -3 "$scratch/again.log" >&2; finish; }
[ "$(clusters)" = 2 ] || fail "not two cloud clusters but $(clusters)"
# When it stops, it releases the Lease, once the crashed one no longer holds it.
taken_over() { [ -n "$(holder)" ] && [ "$(holder)" != "$crashed" ]; }
wait_for taken_over || fail "the Lease still names the one that crashed"
kill -TERM "$operator"; wait "$operator"
[ $? = 0 ] || fail "it does not end with 0"
[ -z "$(holder)" ] || fail "the lease was not released"
finish
