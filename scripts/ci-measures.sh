#!/usr/bin/env bash
# Prints the size of the code and of its parts, and fails where one is above its limit.
#
# usage: scripts/ci-measures.sh        needs python3
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

python3 scripts/measures.py --limits scripts/measures.limits
