#!/usr/bin/env bash
# The program generates its completion and man pages: shells accept them, and they contain every
# command and flag.
. "$(dirname "${BASH_SOURCE[0]}")/expect.sh"
expect 0 "$capstan" complete bash; cp "$scratch/out" "$scratch/capstan.bash"
bash -n "$scratch/capstan.bash" || fail "bash does not take its completion"
# completes WORDS...: the completions of the last word. Not for a pipe to grep -q: bash writes line
# by line, and fails at the second when the first was found.
completes() {
  bash -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); compopt() { :; }; _capstan; printf "%s\n" "${COMPREPLY[@]}"' - "$scratch/capstan.bash" "$@"
}
grep -qx explain <<< "$(completes capstan exp)" || fail "bash does not complete a command"
grep -qx -- --leader-elect <<< "$(completes capstan run --leader)" || fail "bash does not complete a flag"
grep -qx -- --create-settle= <<< "$(completes capstan run --create-s)" || fail "bash does not complete a flag with a value"
[ -z "$(completes capstan version --leader)" ] || fail "bash offers another command's flag"
expect 0 "$capstan" complete zsh; cp "$scratch/out" "$scratch/_capstan"
if command -v zsh > /dev/null; then zsh -n "$scratch/_capstan" || fail "zsh does not take its completion"; else echo "zsh is not there: its completion is not read by it"; fi
expect 0 "$capstan" complete man; cp "$scratch/out" "$scratch/capstan.1"
for command in $("$capstan" complete commands); do
  expect 0 "$capstan" complete man "$command"; cp "$scratch/out" "$scratch/capstan-$command.1"
  grep -qF "capstan\\-$command" "$scratch/capstan.1" || fail "capstan.1 does not name $command"
  "$capstan" "$command" --help | sed -n 's/^  --\([a-z-]*\) .*/\1/p' | while read -r flag; do
    grep -qF "\\-\\-${flag//-/\\-}" "$scratch/capstan-$command.1" || echo "$command $flag"
  done > "$scratch/missing"
  [ ! -s "$scratch/missing" ] || fail "man pages lack flags: $(cat "$scratch/missing")"
done
if command -v groff > /dev/null; then
  for page in "$scratch"/*.1; do
    groff -man -Tutf8 -ww -z "$page" 2> "$scratch/err"; [ ! -s "$scratch/err" ] || fail "$page: $(head -2 "$scratch/err")"
  done
else echo "groff is not there: man pages are not formatted"; fi
expect 2 "$capstan" complete; one_line_saying "bash, zsh"
expect 1 "$capstan" complete man nothing; one_line_saying 'no command "nothing"'
finish
