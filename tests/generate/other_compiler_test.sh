#!/usr/bin/env bash
# The generated types also compile without warnings with clang++: other_compiler_test.sh CAPSTAN
# SOURCE BUILD GENERATED
set -euo pipefail
source=$2 build=$3 generated=$4
command -v clang++ > /dev/null || { echo "no clang++ here"; exit 77; }
for file in "$generated"/*.cpp "$source"/core/kinds/*.cpp; do
  clang++ -std=c++20 -fsyntax-only -Wall -Wextra -Wconversion -Wshadow -pedantic -Werror -Wno-missing-field-initializers \
    -I "$build/include" -I "$source/sdk/include" "$file"
done
