# Sourced by the scripts next to it: bash x_test.sh PROGRAM SCRATCH_FOLDER
set -uo pipefail
capstan=$1
scratch=$2
rm -rf "$scratch" && mkdir -p "$scratch"
failures=0
servers_folder=$(cd "$(dirname "${BASH_SOURCE[0]}")/../servers" && pwd)
# Processes that end with the script, its children. (Never a 0 for a missing one: that would be the
# whole process group, including ctest.) The number of a child that ended long ago may be another
# process's by now. Scripts with their own trap call end_started.
started=()
end_started() {
  local running alive=() pid
  running="$(jobs -pr) $(jobs -ps)"
  running=" ${running//$'\n'/ } "
  for pid in "${started[@]}"; do [[ $running != *" $pid "* ]] || alive+=("$pid"); done
  [ ${#alive[@]} = 0 ] || { kill -CONT "${alive[@]}"; kill -9 "${alive[@]}"; wait "${alive[@]}"; } 2> /dev/null
}
trap end_started EXIT

fail() { echo "FAILED: $*" >&2; failures=$((failures + 1)); }

# expect STATUS COMMAND...: runs it; its outputs are in $scratch/out and $scratch/err.
expect() {
  local wanted=$1 got
  shift
  timeout 300 "$@" > "$scratch/out" 2> "$scratch/err"
  got=$?
  # Said by AddressSanitizer of every program that has fibers.
  sed -i "/ASan doesn't fully support makecontext/d" "$scratch/err"
  [ "$got" = "$wanted" ] || { fail "exit status $got instead of $wanted of: $*"; cat "$scratch/err" >&2; }
}
one_line_saying() { # on standard error
  [ "$(wc -l < "$scratch/err")" = 1 ] || { fail "not one line on standard error:"; cat "$scratch/err" >&2; }
  grep -qF -- "$1" "$scratch/err" || { fail "standard error does not say \"$1\":"; cat "$scratch/err" >&2; }
}
prints() { grep -qF -- "$1" "$scratch/out" || { fail "standard output does not say \"$1\":"; head -20 "$scratch/out" >&2; }; }
prints_not() { ! grep -qF -- "$1" "$scratch/out" || fail "standard output says \"$1\""; }

# wait_for [SECONDS] COMMAND...: until it succeeds. The limit, 90 seconds by default, is for hangs
# only, not for slow machines.
wait_for() {
  local deadline=$((SECONDS + 90))
  if [[ $1 =~ ^[0-9]+$ ]]; then
    [ "$1" -le 90 ] || deadline=$((SECONDS + $1))
    shift
  fi
  until "$@" > /dev/null 2>&1; do
    [ "$SECONDS" -lt "$deadline" ] || { fail "did not happen in time: $*"; return 1; }
    sleep 0.1
  done
}
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
# serve NAME SERVER ARGUMENTS...: starts one of ../servers; sets $address to its address.
serve() {
  local name=$1 server=$2
  shift 2
  python3 -B "$servers_folder/$server.py" "$scratch/$name.port" "$@" 2> "$scratch/$name.err" &
  started+=($!)
  wait_for test -s "$scratch/$name.port" || { cat "$scratch/$name.err" >&2; finish; }
  address=127.0.0.1:$(cat "$scratch/$name.port")
}
finish() {
  # All exchanges with the simulated DigitalOcean must conform to its OpenAPI document, if
  # available.
  local broken
  broken=$(find "$scratch" -maxdepth 2 -type f \( -name '*.log' -o -name '*.err' -o -name err \) -exec grep -hF "breaks its contract" {} + 2> /dev/null | head -5)
  [ -z "$broken" ] || fail "$broken"
  [ "$failures" = 0 ] || exit 1
  exit 0
}
