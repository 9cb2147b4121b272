#!/usr/bin/env bash
# The alerts fire when they should and not before, according to promtool: alerts_test.sh CAPSTAN
# SOURCE
set -euo pipefail
command -v promtool > /dev/null || { echo "no promtool here (package prometheus)"; exit 77; }
cd "$2/deploy/monitoring"
promtool check rules rules.yaml
promtool test rules rules_test.yaml
