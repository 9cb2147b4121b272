#!/usr/bin/env bash
# How libcapstan_frozen_1_0.so, _1_1.so and _1_2.so were built, each once, with plugin.h of its minor version, on Debian 12 (x86-64,
# gcc 12.2, GNU ld 2.40). They are not built again: a host that cannot load a file that is committed breaks every plugin of that
# age. Twice built with the same plugin.h it is the same to the byte.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
minor=${1:?usage: build.sh MINOR FILE}
out=${2:?usage: build.sh MINOR FILE}
gcc -std=c11 -O2 -fPIC -fvisibility=hidden -fno-ident -fno-asynchronous-unwind-tables -Wall -Wextra -Werror -I ../../../sdk/include -shared \
  -fuse-ld=bfd -Wl,--build-id=none -Wl,-z,noseparate-code -Wl,--version-script=../../../sdk/cmake/capstan_plugin.map -s "plugin_1_$minor.c" -o "$out"
strip --strip-all -R .comment "$out"
