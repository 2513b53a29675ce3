#!/usr/bin/env bash
# Runs stand-ins of Atlas (port 8088) and Secrets Manager (port 4566) with the accounts that events/ names, until Ctrl-C.
# In another terminal: sam build && sam local invoke -e events/rotate.json
#
# usage: scripts/stand-ins.sh [--function ARN]        needs mvn, JDK 25
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/local/machine.sh

prepare_stand_ins
echo "Ready when a line with the ports is printed:" >&2
# Listens on all addresses, since the function's container does not reach this machine at 127.0.0.1. They hold test data only.
exec target/java -cp "target/test-classes:target/classes:$(cat target/stand-ins.classpath)" \
  dev.atlasrotator.simulator.StandIns --bind 0.0.0.0 "$@"
