#!/usr/bin/env bash
# engine_test.sh SOURCE BUILD: a container engine (buildah, without a daemon) builds the final stage
# of deploy/Dockerfile from the packages of this build, and runs it as its user. The first stage,
# which compiles, is skipped: it takes as long as the build did. Debian's image is created here, so
# no registry is used. MIRROR names another Debian mirror.
set -euo pipefail
source=$1 build=$2
skip() { echo "skipped: $*"; exit 77; }
[ "$(id -u)" = 0 ] || skip "the engine is tried as root"
for tool in buildah mmdebstrap cpack dpkg-shlibdeps; do command -v "$tool" > /dev/null || skip "there is no $tool"; done
base=$(sed -n 's/^FROM \(debian:\([a-z]*\)-slim\)$/\1/p' "$source/deploy/Dockerfile")
release=${base#debian:} release=${release%-slim}
[ "$release" = "$(. /etc/os-release && echo "$VERSION_CODENAME")" ] || skip "the image is of $release, and these packages are not"
scratch=$(mktemp -d)
store=(--root "$scratch/store" --runroot "$scratch/run" --storage-driver vfs)
trap 'buildah "${store[@]}" rm --all > /dev/null 2>&1 || true; rm -rf "$scratch"' EXIT
clean=$build/clean-$release.tar
if [ ! -f "$clean" ]; then
  mmdebstrap --quiet --variant=minbase --include=ca-certificates "$release" "$build/clean-$release.part.tar" "${MIRROR:-http://deb.debian.org/debian}" > "$scratch/log" 2>&1 ||
    skip "no clean $release can be made here: $(tail -1 "$scratch/log")"
  mv "$build/clean-$release.part.tar" "$clean"
fi
working=$(buildah "${store[@]}" from scratch 2> "$scratch/log") || skip "buildah cannot make a container here: $(tail -1 "$scratch/log")"
buildah "${store[@]}" add -q "$working" "$clean" / > /dev/null
buildah "${store[@]}" commit -q "$working" "docker.io/library/$base" > /dev/null
buildah "${store[@]}" rm "$working" > /dev/null

# The last stage unchanged, with the packages from a folder of the context instead of from the first
# stage.
mkdir "$scratch/context"
"$source/scripts/build-packages.sh" "$build" "$scratch/context/packages" "" capstan capstan-provider-digitalocean > /dev/null
awk -v last="FROM $base" '$0 == last {on = 1} on' "$source/deploy/Dockerfile" | sed 's/type=bind,from=build,source=.packages/type=bind,source=packages/' > "$scratch/context/Dockerfile"
grep -q '^USER 65532:65532$' "$scratch/context/Dockerfile" && ! grep -q from=build "$scratch/context/Dockerfile" || { echo "deploy/Dockerfile ends otherwise than this test knows"; exit 1; }
buildah "${store[@]}" build --isolation chroot --network host --pull=never -q -t capstan:test "$scratch/context" > "$scratch/log" 2>&1 || {
  ! grep -qiE 'could not resolve|temporary failure|unable to connect' "$scratch/log" || skip "apt does not reach the mirror from the container"
  echo "the image is not built:"; tail -20 "$scratch/log"; exit 1; }

# --- The image's metadata, and its contents at run time.
config() { buildah "${store[@]}" inspect --type image --format "{{.OCIv1.Config.$1}}" capstan:test; }
[ "$(config User)" = 65532:65532 ] || { echo "the image's user is $(config User)"; exit 1; }
[ "$(config Entrypoint)" = "[/usr/bin/capstan]" ] || { echo "the image runs $(config Entrypoint)"; exit 1; }
container=$(buildah "${store[@]}" from --pull-never capstan:test)
inside() { buildah "${store[@]}" run --isolation chroot --user 65532:65532 "$container" -- "$@" > "$scratch/said" 2>&1; }
says() { # TEXT COMMAND...
  local text=$1
  shift
  inside "$@" || true
  grep -qF "$text" "$scratch/said" || { echo "$* in the image does not say $text:"; cat "$scratch/said"; exit 1; }
}
says "capstan " /usr/bin/capstan version
says digitalocean /usr/bin/capstan plugins list
says "nothing is left behind" /usr/bin/env HOME=/tmp TMPDIR=/tmp /usr/bin/capstan quickstart --cluster-seconds=1
says "uid=65532" /usr/bin/id
says kubeconfig /usr/bin/capstan $(config Cmd | tr -d '[]')  # its flags are flags of the program; there is no cluster here
says libssl3 /bin/cat /usr/share/capstan/packages.txt
inside /bin/sh -c 'command -v gcc' && { echo "the image holds a compiler"; exit 1; }
echo "$(buildah "${store[@]}" mount "$container" | xargs du -sm | cut -f1) MB in the image"
