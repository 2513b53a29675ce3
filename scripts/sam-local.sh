#!/usr/bin/env bash
# Runs the function in Lambda's container on this machine, once for each file in events/, against the stand-ins of Atlas
# and Secrets Manager, and checks each answer and what the stand-ins hold after it. Prints PASS or FAIL a file.
#
# usage: scripts/sam-local.sh        needs docker, sam, mvn, python3, JDK 25
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/local/machine.sh

JAVA_HOME=$(jdk25)
export JAVA_HOME AWS_DEFAULT_REGION=eu-central-1 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test SAM_CLI_TELEMETRY=0
work=target/sam-local
rm -rf "$work"
mkdir -p "$work"
stand_ins=
finish() { if [ -n "$stand_ins" ]; then kill "$stand_ins" 2>/dev/null || true; fi; }
trap finish EXIT

names=$(python3 scripts/local/answers.py list)

# The stand-ins listen for containers too; nothing real is in them.
start_stand_ins --bind 0.0.0.0 --atlas-port 0 --secrets-manager-port 0
atlas=$(field "$work/stand-ins.json" atlasPort)
secrets_manager=$(field "$work/stand-ins.json" secretsManagerPort)
for arn in $(grep -oEh 'arn:aws:secretsmanager:[^"\\]+' events/*.json | sort -u); do
  if ! grep -qF "\"$arn\"" "$work/stand-ins.json"; then
    echo "events/ name $arn, which the stand-ins do not have:" >&2
    cat "$work/stand-ins.json" >&2
    exit 1
  fi
done
# The same environment as for a person, at the ports that were free.
sed "s/:8088\"/:$atlas\"/; s/:4566\"/:$secrets_manager\"/" events/env.json >"$work/env.json"

sam_build >"$work/build.log" 2>&1 || { cat "$work/build.log" >&2; exit 1; }

failed=0
for name in $names; do
  sam local invoke RotatorFunction --event "events/$name.json" --env-vars "$work/env.json" \
    --add-host host.docker.internal:host-gateway --parameter-overrides "Architecture=$(architecture)" \
    >"$work/$name.answer" 2>"$work/$name.log" </dev/null || true
  python3 scripts/local/answers.py check "$name" "$work/$name.answer" \
    "http://127.0.0.1:$atlas" "http://127.0.0.1:$secrets_manager" || { failed=$((failed + 1)); tail -n 20 "$work/$name.log"; }
done
echo "sam local: $(echo "$names" | wc -l | tr -d ' ') events, $failed failed"
[ "$failed" = 0 ]
