#!/usr/bin/env bash
# Builds everything and runs all tests. Arguments are passed to ctest: scripts/test.sh -R Workqueue
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts/install-dependencies.sh --tests
scripts/build.sh release
exec ctest --test-dir build/release --output-on-failure --no-tests=error -j "$(nproc)" "$@"
