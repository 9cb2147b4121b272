#!/usr/bin/env bash
# How libcapstan_frozen_1_0.so was built, once, on Debian 12 (x86-64, gcc 12.2, GNU ld 2.40). It is not built again: a
# host that cannot load the file that is committed breaks every plugin of that age. Twice built it is the same to the byte.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
out=${1:?usage: build.sh FILE}
gcc -std=c11 -O2 -fPIC -fvisibility=hidden -fno-ident -fno-asynchronous-unwind-tables -Wall -Wextra -Werror -I ../../../sdk/include -shared \
  -fuse-ld=bfd -Wl,--build-id=none -Wl,-z,noseparate-code -Wl,--version-script=../../../sdk/cmake/capstan_plugin.map -s plugin_1_0.c -o "$out"
strip --strip-all -R .comment "$out"
