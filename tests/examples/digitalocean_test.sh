#!/usr/bin/env bash
# Every file of examples/digitalocean/ can be applied as it stands and leads to what it promises. A file that is not known here fails.
. "$(dirname "${BASH_SOURCE[0]}")/local_stack.sh"
start_stack

apply() { # FILE: the placeholder of a token is filled in, nothing else is touched
  sed "s/replace-with-your-token/$(field digitalocean_token)/" "$1" > "$scratch/applied.yaml"
  k apply -f "$scratch/applied.yaml" > "$scratch/apply.log" 2>&1 || { fail "$1 is refused"; cat "$scratch/apply.log" >&2; return 1; }
}
# leads_to_ready FILE NAME: it comes, and it goes again, with nothing left.
leads_to_ready() {
  apply "$1" || return
  wait_for 60 settled "$2" || { k describe doks "$2" >&2; return; }
  k delete doks "$2" --timeout=60s > /dev/null || fail "$2 does not go"
  [ "$(clusters)" = 0 ] || fail "$1 leaves clusters behind: $(clusters)"
}

k create secret generic digitalocean-token --from-literal=token="$(field digitalocean_token)" > /dev/null
for file in "$sources"/examples/digitalocean/*.yaml; do
  echo "-- $file"
  case $(basename "$file") in
    cluster.yaml) leads_to_ready "$file" team-a ;;
    local.yaml) leads_to_ready "$file" playground ;;
    quickstart.yaml) leads_to_ready "$file" quickstart ;;
    *) fail "$file: this test does not know what it promises; say it here" ;;
  esac
done
finish
