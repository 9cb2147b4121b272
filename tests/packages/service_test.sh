#!/usr/bin/env bash
# service_test.sh SOURCE BUILD: the package's unit in a system that systemd has booted, as its first
# process: without a kubeconfig it does not start and says so; with one it runs as its own user, in
# a narrow sandbox, is restarted, killed, upgraded and stopped, and its journal contains its log.
# The system is kept in BUILD for the next time. MIRROR names another Debian mirror.
set -euo pipefail
source=$1 build=$2
skip() { echo "skipped: $*"; exit 77; }
[ "$(id -u)" = 0 ] || skip "a system is booted as root"
for tool in mmdebstrap systemd-nspawn cpack dpkg-shlibdeps kubectl; do command -v "$tool" > /dev/null || skip "there is no $tool"; done
release=$(. /etc/os-release && echo "$VERSION_CODENAME")
version=$(sed -n 's/^project(capstan VERSION \([0-9.]*\).*/\1/p' "$source/CMakeLists.txt")
scratch=$(mktemp -d)
root=$scratch/root
servers=
trap '[ -z "$servers" ] || kill -9 "$servers" 2> /dev/null || true; wait 2> /dev/null || true; rm -rf "$scratch"' EXIT
clean=$build/systemd-$release.tar
if [ ! -f "$clean" ]; then
  mmdebstrap --quiet --variant=minbase --include=ca-certificates,systemd,systemd-sysv,dbus "$release" "$build/systemd-$release.part.tar" \
    "${MIRROR:-http://deb.debian.org/debian}" > "$scratch/log" 2>&1 || skip "no clean $release can be made here: $(tail -1 "$scratch/log")"
  mv "$build/systemd-$release.part.tar" "$clean"
fi
mkdir "$root" && tar -C "$root" -xf "$clean"
mkdir "$root/old" "$root/new"
"$source/scripts/build-packages.sh" "$build" "$root/old" "$version" capstan capstan-provider-digitalocean > /dev/null
"$source/scripts/build-packages.sh" "$build" "$root/new" "$version.1" capstan capstan-provider-digitalocean > /dev/null
cp /etc/resolv.conf "$root/etc/resolv.conf" 2> /dev/null || true
for proxy in http_proxy https_proxy; do [ -z "${!proxy:-}" ] || echo "Acquire::${proxy%_proxy}::Proxy \"${!proxy}\";" >> "$root/etc/apt/apt.conf.d/proxy"; done
inside() { systemd-nspawn -q --register=no --keep-unit -D "$root" --setenv=DEBIAN_FRONTEND=noninteractive "$@"; }
inside true > "$scratch/nspawn" 2>&1 || skip "no container can be started here: $(tail -1 "$scratch/nspawn")"
inside sh -c 'apt-get update && apt-get install -y --no-install-recommends /old/capstan_*.deb /old/capstan-provider-digitalocean_*.deb' > "$scratch/apt" 2>&1 ||
  skip "apt does not reach the mirror from the clean system: $(tail -1 "$scratch/apt")"

# --- The servers run from this build; the booted system shares the network.
"$build/bin/capstan" local --operator=false --kubeconfig-out="$root/root/kubeconfig" --ready-file="$scratch/ready" > "$scratch/servers.log" 2>&1 &
servers=$!
for _ in $(seq 300); do [ -s "$scratch/ready" ] && break; kill -0 "$servers"; sleep 0.1; done
"$build/bin/capstan" crds | kubectl --kubeconfig="$root/root/kubeconfig" apply -f - > /dev/null

# --- The actions of a user at its terminal; it shuts the system down. No error goes unnoticed: the
# last line is "done".
cat > "$root/root/session" << 'SESSION'
#!/bin/bash
exec > /root/said 2>&1
trap 'systemctl poweroff --force --no-block' EXIT
fail() { echo "FAILED: $*"; systemctl status capstan --no-pager; journalctl -u capstan --no-pager | tail -20; exit 1; }
until_() { local _; for _ in $(seq 300); do "$@" > /dev/null 2>&1 && return; sleep 0.2; done; fail "did not happen: $*"; }
active() { [ "$(systemctl is-active capstan)" = "$1" ]; }
pid() { systemctl show -p MainPID --value capstan; }
works() { active active && [ "$(journalctl -u capstan --no-pager | grep -cF "the operator is running")" -ge "$1" ]; } # so many starts
systemd-analyze verify --man=no capstan.service || fail "the unit is wrong"
active inactive || fail "it runs before it is configured"
systemctl start capstan || fail "a start without a kubeconfig is an error"
active inactive && systemctl status capstan --no-pager | grep -q 'ConditionPathExists=/etc/capstan/kubeconfig' || fail "status does not say what is missing"
install -m 600 /root/kubeconfig /etc/capstan/kubeconfig
systemctl enable --now capstan || fail "it does not start"
until_ works 1
first=$(pid)
[ "$(awk '/^Uid:/ {print $2}' "/proc/$first/status")" != 0 ] || fail "it runs as root"
[ "$(awk '/^CapEff:/ {print $2}' "/proc/$first/status")" = 0000000000000000 ] || fail "it has capabilities"
[ "$(awk '/^NoNewPrivs:/ {print $2}' "/proc/$first/status")" = 1 ] || fail "it may get new privileges"
until_ bash -c 'exec 3<> /dev/tcp/127.0.0.1/8081'
echo "exposure $(systemd-analyze security --no-pager capstan.service | sed -n 's/.*Overall exposure level[^0-9]*\([0-9.]*\).*/\1/p')"
systemctl restart capstan || fail "restart"
[ "$(pid)" != "$first" ] || fail "a restart starts nothing new"
until_ works 2
killed=$(pid)
kill -9 "$killed"
until_ works 3
upgraded=$(pid)
DEBIAN_FRONTEND=noninteractive dpkg -i /new/capstan_*.deb /new/capstan-provider-digitalocean_*.deb > /root/dpkg 2>&1 || { cat /root/dpkg; fail "the upgrade"; }
[ "$(pid)" != "$upgraded" ] || fail "an upgrade does not restart the service"
until_ works 4
systemctl stop capstan || fail "stop"
active inactive || fail "it does not stop in peace: $(systemctl is-active capstan)"
[ "$(systemctl show -p Result --value capstan)" = success ] || fail "stopped with $(systemctl show -p Result --value capstan)"
! grep -qF "$(sed -n 's/^ *token: //p' /root/kubeconfig)" <(journalctl --no-pager) || fail "the token is in the journal"
systemctl start capstan && DEBIAN_FRONTEND=noninteractive dpkg -r capstan-provider-digitalocean capstan > /root/dpkg 2>&1 || { cat /root/dpkg; fail "the removal"; }
[ ! -e "/proc/$(pid)/exe" ] || [ "$(pid)" = 0 ] || fail "it runs on after the removal"
echo done
SESSION
chmod 755 "$root/root/session"
cat > "$root/etc/systemd/system/session.service" << 'UNIT'
[Unit]
After=multi-user.target
[Service]
Type=oneshot
ExecStart=/root/session
[Install]
WantedBy=default.target
UNIT
inside systemctl enable session.service > "$scratch/enable" 2>&1
timeout 300 systemd-nspawn -q --register=no --keep-unit -D "$root" -b > "$scratch/boot" 2>&1 < /dev/null || true
[ -s "$root/root/said" ] || skip "no system boots here: $(grep -v '^$' "$scratch/boot" | tail -1)"
cat "$root/root/said"
[ "$(tail -1 "$root/root/said")" = done ] || exit 1
exposure=$(sed -n 's/^exposure //p' "$root/root/said")
[ -n "$exposure" ] && [ "${exposure%.*}" -lt 3 ] || { echo "systemd-analyze security says an exposure of $exposure, which is 3 or more"; exit 1; }
