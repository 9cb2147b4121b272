#!/usr/bin/env bash
# core/kinds equals the output of `capstan generate types` for the OpenAPI document next to it:
# drift_test.sh CAPSTAN SOURCE
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$2/scripts/generate-kinds.sh" "$1" "$scratch" > /dev/null
for file in kinds.hpp kinds.cpp; do
  diff -u "$2/core/kinds/$file" "$scratch/$file" || { echo "core/kinds/$file differs: run scripts/generate-kinds.sh CAPSTAN"; exit 1; }
done
# The example's CRD is generated from its short schema, and its types from its CRD.
website=$2/examples/website
"$1" generate crd "$website/website.schema.yaml" | diff -u "$website/crd.yaml" - || { echo "examples/website/crd.yaml differs: capstan generate crd"; exit 1; }
"$1" generate types "$website/crd.yaml" --name website_types --cpp-namespace example --out "$scratch" > /dev/null
for file in website_types.hpp website_types.cpp; do
  diff -u "$website/$file" "$scratch/$file" || { echo "examples/website/$file differs: capstan generate types"; exit 1; }
done
