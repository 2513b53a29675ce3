#!/usr/bin/env bash
# Stand-ins of Atlas (port 8088) and Secrets Manager (port 4566) with the scene that events/ speaks of, until Ctrl-C.
# Beside them, in another terminal: sam build && sam local invoke -e events/rotate.json
#
# usage: scripts/stand-ins.sh [--function ARN]        needs mvn, JDK 25
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/local/machine.sh

prepare_stand_ins
echo "Ready when a line with the ports is there:" >&2
# All addresses: the function's container reaches this machine by another one than 127.0.0.1. Nothing real is in them.
exec target/java -cp "target/test-classes:target/classes:$(cat target/stand-ins.classpath)" \
  dev.atlasrotator.simulator.StandIns --bind 0.0.0.0 "$@"
