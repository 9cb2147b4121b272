#!/usr/bin/env bash
# Builds the Debian packages of a finished build folder:
#   build-packages.sh [BUILD_FOLDER [OUTPUT_FOLDER [VERSION [PACKAGE]...]]]
# (default: build/release, BUILD_FOLDER/packages, the project's version, all packages). Prints the
# files.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=${1:-build/release}
[ -f "$build/CPackConfig.cmake" ] || { echo "build-packages: $build is no build folder; run scripts/build.sh first" >&2; exit 1; }
output=$(realpath -m "${2:-$build/packages}")
for tool in cpack dpkg-shlibdeps; do
  command -v "$tool" > /dev/null || { echo "build-packages: there is no $tool; install cmake and dpkg-dev" >&2; exit 1; }
done
cmake --build "$build" --target capstan_package_files > /dev/null
mkdir -p "$output"
umask 022
only=
for package in "${@:4}"; do only="$only;deb-$package"; done
(cd "$build" && cpack -G DEB -B "$output" ${3:+-D CPACK_PACKAGE_VERSION="$3"} ${only:+-D CPACK_COMPONENTS_ALL="${only#;}"} > "$output/cpack.log" 2>&1) ||
  { tail -20 "$output/cpack.log" >&2; exit 1; }
rm -rf "$output/_CPack_Packages"
ls "$output"/*.deb
