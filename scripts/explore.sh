#!/usr/bin/env bash
# Runs every mishap at every effect of every scenario, then pairs and walks; takes minutes to hours.
# Arguments are passed to capstan-explore: scripts/explore.sh --lives=full --scenario=create-delete
# --pairs=-1 --html=findings.html
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts/install-dependencies.sh --tests
scripts/build.sh release -- capstan-explore
[ $# -gt 0 ] || set -- --lives=full --pairs=1000 --walks=300
exec build/release/bin/capstan-explore "$@"
