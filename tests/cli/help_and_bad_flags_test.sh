#!/usr/bin/env bash
# --help lists only the flags of its command and exits 0; errors get one line and exit 2.
. "$(dirname "${BASH_SOURCE[0]}")/expect.sh"

expect 0 "$capstan" --help
for command in local apiserver run plan quickstart plugins crds version; do
  prints "$command"
done
expect 0 "$capstan" local --help
prints "--provisioning-seconds"; prints "--log-format"; prints_not "--kubeconfig "; prints_not "--stderrthreshold"; prints_not "gflags"
expect 0 "$capstan" run --help
prints "--create-settle"; prints "--env-token-namespaces"; prints_not "--provisioning-seconds"
prints "--kubeconfig "
expect 0 "$capstan" plan --help
prints "--detailed-exitcode"; prints "--kubeconfig "; prints "-n NAMESPACE"; prints_not "--workers"
expect 0 "$capstan" plugins --help
prints "--plugin-dir"; prints_not "--workers"
expect 0 "$capstan" crds --help
prints "--cel"
expect 0 "$capstan" version --help
expect 0 "$capstan" version
prints "capstan "; prints "plugin ABI "

expect 2 "$capstan"
expect 2 "$capstan" lcoal; one_line_saying "unknown command \"lcoal\""
expect 2 "$capstan" local --prot=1; one_line_saying "unknown flag --prot"
expect 2 "$capstan" local --apiserver_port=many; one_line_saying "--apiserver_port"
expect 2 "$capstan" local --apiserver_port=70000; one_line_saying "70000"
# The simulator's switches.
expect 0 "$capstan" local --digitalocean-behaviour=help; prints "list_lag"; prints "foreign_vpc"; prints "droplet_limit"
expect 2 "$capstan" local --digitalocean_behaviour=frobnicate=1; one_line_saying "--digitalocean-behaviour"
expect 2 "$capstan" local --digitalocean_behaviour=list_lag=soon; one_line_saying "list_lag"
expect 2 "$capstan" local --digitalocean_behaviour=list_lag; one_line_saying "list_lag"
for command in versions sizes regions; do
  expect 0 "$capstan" "$command" --help; prints "--output"; prints "--plugin-dir"; prints_not "--workers"
done
expect 2 "$capstan" run --workers=0; one_line_saying "--workers"
expect 2 "$capstan" run --create_settle=soon; one_line_saying "--create-settle"
expect 2 "$capstan" run --namespaces=Not_A_Name; one_line_saying "Not_A_Name"
expect 2 "$capstan" run --log_format=xml; one_line_saying "--log-format"
expect 2 "$capstan" run extra; one_line_saying "extra"
printf -- '--workers=2\n--wrokers=3\n' > "$scratch/flags"
expect 2 "$capstan" run --flagfile="$scratch/flags"; one_line_saying "flags:2"
finish
