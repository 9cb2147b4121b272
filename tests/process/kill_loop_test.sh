#!/usr/bin/env bash
# The short form of scripts/kill-loop.sh, on the embedded API server.
CAPSTAN_PROGRAM=$1 exec bash "$(dirname "${BASH_SOURCE[0]}")/../../scripts/kill-loop.sh" --short --embedded
