#!/usr/bin/env bash
# install_test.sh SOURCE BUILD RELEASE: two versions of the packages in a clean system of that
# release of Debian: installed, run as another user, upgraded and downgraded while an operator has
# live objects, without any change in the cloud. The clean system is kept in BUILD for the next
# time. MIRROR names another Debian mirror.
set -euo pipefail
source=$1 build=$2 release=$3
skip() { echo "skipped: $*"; exit 77; }
[ "$(id -u)" = 0 ] || skip "a clean system is entered as root"
for tool in mmdebstrap cpack dpkg-shlibdeps curl; do command -v "$tool" > /dev/null || skip "there is no $tool"; done
# Packages depend on the libraries of the release that they are built on;
# scripts/build-packages-for.sh builds those for another one. other_release_test.sh tests that
# another release refuses ours.
version=$(sed -n 's/^project(capstan VERSION \([0-9.]*\).*/\1/p' "$source/CMakeLists.txt")
built_on=$(. /etc/os-release && echo "$VERSION_CODENAME")
theirs=$(dirname "$build")/$release/packages
if [ "$built_on" != "$release" ]; then
  for wanted in "$version" "$version.1"; do
    [ -d "$theirs/$wanted" ] || skip "these packages are built on $built_on, whose libraries $release does not have; first: scripts/build-packages-for.sh $release '' $version $version.1"
  done
fi
mirror=${MIRROR:-http://deb.debian.org/debian}
scratch=$(mktemp -d)
root=$scratch/root
mounted=()
cleanup() {
  for pid in "${pids[@]:-}"; do [ -z "$pid" ] || kill -9 "$pid" 2> /dev/null || true; done
  wait 2> /dev/null || true
  for at in "${mounted[@]:-}"; do [ -z "$at" ] || umount "$at" || true; done
  rm -rf "$scratch"
}
pids=()
trap cleanup EXIT
clean=$build/clean-$release.tar
part=$build/clean-$release.part.tar  # mmdebstrap creates a folder for any other name
if [ ! -f "$clean" ]; then
  mmdebstrap --quiet --variant=minbase --include=ca-certificates "$release" "$part" "$mirror" > "$scratch/log" 2>&1 ||
    skip "no clean $release can be made here: $(tail -1 "$scratch/log")"
  mv "$part" "$clean"
fi
mkdir "$root" && tar -C "$root" -xf "$clean"
mount -t proc proc "$root/proc" 2> /dev/null && mounted+=("$root/proc") || skip "/proc cannot be mounted here"
[ -e "$root/dev/null" ] && echo > "$root/dev/null" 2> /dev/null || { mount --bind /dev "$root/dev" 2> /dev/null && mounted+=("$root/dev") || skip "/dev cannot be mounted here"; }
cp /etc/resolv.conf "$root/etc/resolv.conf" 2> /dev/null || true
for proxy in http_proxy https_proxy; do [ -z "${!proxy:-}" ] || echo "Acquire::${proxy%_proxy}::Proxy \"${!proxy}\";" >> "$root/etc/apt/apt.conf.d/proxy"; done
cp /etc/hosts "$root/etc/hosts" 2> /dev/null || true

mkdir "$root/old" "$root/new"
# packages FOLDER VERSION
packages() {
  if [ "$built_on" = "$release" ]; then "$source/scripts/build-packages.sh" "$build" "$1" "$2" capstan capstan-provider-digitalocean > /dev/null; else cp "$theirs/$2"/*.deb "$1"; fi
}
packages "$root/old" "$version"
packages "$root/new" "$version.1"
inside() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive HOME=/tmp "$@"; }
inside apt-get update > "$scratch/apt" 2>&1 || skip "apt does not reach the mirror from the clean system: $(tail -1 "$scratch/apt")"
put() { inside sh -c "apt-get install -y --no-install-recommends --allow-downgrades /$1/capstan_*.deb /$1/capstan-provider-digitalocean_*.deb" > "$scratch/apt" 2>&1 ||
  { tail -20 "$scratch/apt"; exit 1; }; }
installed() { [ "$(inside dpkg-query -W -f '${Version}' capstan)" = "$1" ] || { echo "version $(inside dpkg-query -W capstan) instead of $1"; exit 1; }; }

# --- Installed, and run as a user other than root.
put old
installed "$version"
user() { chroot --userspec=65534:65534 "$root" /usr/bin/env -i PATH=/usr/bin:/bin HOME=/tmp "$@"; }
user capstan version
says() { # TEXT COMMAND...: its output contains TEXT
  local text=$1
  shift
  user "$@" > "$scratch/said" 2>&1 || true
  grep -qF "$text" "$scratch/said" || { echo "$* does not say $text:"; cat "$scratch/said"; exit 1; }
}
says digitalocean capstan plugins list
says digitaloceanclusters.anutosh491.dev capstan crds
says 'what to do' capstan explain NameTaken
says 'nothing is left behind' capstan quickstart --cluster-seconds=1
for file in etc/capstan/run.flags lib/systemd/system/capstan.service; do [ -s "$root/$file" ] || { echo "there is no /$file"; exit 1; }; done
says /none capstan run --flagfile=/etc/capstan/run.flags --kubeconfig=/none # the flags of the unit are flags of the program

# --- A package together with an older version of the other: each loads the other, whichever is
# newer.
for mixed in "new/capstan-provider-digitalocean" "old/capstan-provider-digitalocean" "new/capstan"; do
  inside sh -c "apt-get install -y --no-install-recommends --allow-downgrades /${mixed}_*.deb" > "$scratch/apt" 2>&1 || { tail -20 "$scratch/apt"; exit 1; }
  says digitalocean capstan plugins list
done
put old
installed "$version"

# --- Live objects: the servers run from this build, the operator in the clean system.
servers=$build/bin/capstan
"$servers" local --operator=false --provisioning-seconds=1 --environment-out="$root/srv/env" --kubeconfig-out="$root/srv/kubeconfig" > "$scratch/servers.log" 2>&1 &
pids+=($!)
for _ in $(seq 300); do [ -s "$root/srv/env" ] && break; sleep 0.1; done
. "$root/srv/env"
export KUBECONFIG=$root/srv/kubeconfig
chmod 644 "$KUBECONFIG"
"$servers" crds | kubectl apply -f - > /dev/null
kubectl create namespace capstan-system > /dev/null
kubectl create secret generic digitalocean-token --from-literal=token="$DIGITALOCEAN_ACCESS_TOKEN" > /dev/null
kubectl apply -f - > /dev/null << Y
apiVersion: anutosh491.dev/v1alpha1
kind: DigitalOceanCluster
metadata: {name: web}
spec: {region: nyc1, version: latest, tokenSecret: digitalocean-token, nodePools: [{name: web, size: s-2vcpu-2gb, count: 1}]}
Y
operate() {
  chroot --userspec=65534:65534 "$root" /usr/bin/env -i PATH=/usr/bin:/bin HOME=/tmp DIGITALOCEAN_API_URL="$DIGITALOCEAN_API_URL" \
    capstan run --kubeconfig=/srv/kubeconfig --leader-elect --create-settle=2s --health-address=127.0.0.1:0 > "$scratch/run.log" 2>&1 &
  operator=$!
  pids+=("$operator")
}
# Reconciled by the current process: its own log says that it leads, and the objects are in sync.
in_sync() {
  for _ in $(seq 600); do
    [ "$(kubectl get doks web -o 'jsonpath={.status.conditions[?(@.type=="Synced")].status}')" = True ] &&
      [ "$(kubectl get lease -n capstan-system capstan -o 'jsonpath={.spec.holderIdentity}')" != "${before:-}" ] && return
    sleep 0.2
  done
  echo "web is not in sync"; tail -5 "$scratch/run.log"; exit 1
}
holder() { kubectl get lease -n capstan-system capstan -o 'jsonpath={.spec.holderIdentity}'; }
cloud() { curl -fsS -H "Authorization: Bearer $DIGITALOCEAN_ACCESS_TOKEN" "$DIGITALOCEAN_API_URL/v2/kubernetes/clusters"; }
operate
in_sync
seen=$(cloud)
[ "$(grep -o '"total":[0-9]*' <<< "$seen")" = '"total":1' ]
for step in "new $version.1" "old $version"; do
  before=$(holder)
  put ${step% *}
  installed "${step#* }"
  kill "$operator" && wait "$operator" 2> /dev/null || true
  operate
  in_sync
  # An edit without effect in the cloud makes the new process reconcile the object before the check
  # below.
  kubectl annotate doks web "touched=${step% *}" --overwrite > /dev/null
  sleep 3
  [ "$(cloud)" = "$seen" ] || { echo "the cloud changed:"; diff <(echo "$seen") <(cloud); exit 1; }
done
kubectl delete doks web --timeout=60s > /dev/null
[ "$(grep -o '"total":[0-9]*' <<< "$(cloud)")" = '"total":0' ]
kill "$operator" && wait "$operator" 2> /dev/null || true

# --- After removal only configuration files are left.
inside apt-get remove -y capstan capstan-provider-digitalocean > /dev/null 2>&1
[ ! -e "$root/usr/bin/capstan" ] || { echo "the program stays"; exit 1; }
[ -e "$root/etc/capstan/run.flags" ] || { echo "the configuration does not stay"; exit 1; }
inside apt-get purge -y capstan > /dev/null 2>&1
[ ! -e "$root/etc/capstan/run.flags" ] || { echo "the configuration stays after a purge"; exit 1; }
echo "$release: installed, run, upgraded and downgraded"
