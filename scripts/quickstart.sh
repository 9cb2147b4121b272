#!/usr/bin/env bash
# From nothing to a running cluster: installs what is missing, builds Capstan and shows a DigitalOceanCluster come and go,
# on an embedded Kubernetes API and a simulated DigitalOcean. No account, no cluster, no network needed after the packages.
# Arguments go to `capstan quickstart` (see its --help).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts/install-dependencies.sh
# shellcheck source=scripts/build.sh
scripts/build.sh release --no-tests -- capstan capstan_plugin_digitalocean
exec build/release/bin/capstan quickstart "$@"
