#!/usr/bin/env bash
# From nothing to a running cluster: installs missing packages, builds Capstan and shows a
# DigitalOceanCluster being created and deleted, on an embedded Kubernetes API and a simulated
# DigitalOcean. Needs no account and no cluster, and no network once the packages are installed.
# Arguments are passed to `capstan quickstart` (see its --help).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts/install-dependencies.sh
# shellcheck source=scripts/build.sh
scripts/build.sh release --no-tests -- capstan capstan_plugin_digitalocean
exec build/release/bin/capstan quickstart "$@"
