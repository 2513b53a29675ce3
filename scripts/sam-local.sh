#!/usr/bin/env bash
# Runs the function in Lambda's container on this machine, once for each file in events/, against the stand-ins of Atlas
# and Secrets Manager, and checks each answer and what the stand-ins hold after it. Prints PASS or FAIL a file.
#
# usage: scripts/sam-local.sh        needs docker, sam, mvn, make, unzip, python3, JDK 25
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/local/machine.sh

export AWS_DEFAULT_REGION=eu-central-1 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test SAM_CLI_TELEMETRY=0
unset AWS_PROFILE AWS_SESSION_TOKEN
top=target/sam-local
rm -rf "$top"
mkdir -p "$top"

# Each line is one scene: new stand-ins, and its events one after the other, since some change what others read.
# The scenes run concurrently.
scenes=(
  "status check discover step-createSecret unknown sqs"
  "step-setSecret step-testSecret step-finishSecret schedule-rule"
  "rotate-dry-run rotate rotate-revoke-old sweep-dry-run sweep"
  "rotate-leaked schedule-scheduler sweep-scheduled"
)
python3 scripts/local/answers.py all ${scenes[*]}

echo "== sam build"
sam build >"$top/build.log" 2>&1 || { cat "$top/build.log" >&2; exit 1; }
prepare_stand_ins

play() {
  work=$top/scene-$1
  mkdir -p "$work"
  trap 'kill "$stand_ins" 2>/dev/null || true' EXIT
  # The stand-ins listen for containers too; nothing real is in them.
  start_stand_ins --bind 0.0.0.0 --atlas-port 0 --secrets-manager-port 0
  local atlas secrets_manager
  atlas=$(field "$work/stand-ins.json" atlasPort)
  secrets_manager=$(field "$work/stand-ins.json" secretsManagerPort)
  # The same environment as events/env.json, with the ports that were free.
  sed "s/:8088\"/:$atlas\"/; s/:4566\"/:$secrets_manager\"/" events/env.json >"$work/env.json"
  python3 scripts/local/answers.py play "$work" "http://127.0.0.1:$atlas" "http://127.0.0.1:$secrets_manager" \
    "$(architecture)" ${scenes[$1]}
}

echo "== sam local invoke"
playing=()
trap 'kill "${playing[@]}" 2>/dev/null || true' INT TERM
for scene in "${!scenes[@]}"; do
  (play "$scene") &
  playing+=($!)
done
failed=0
for one in "${playing[@]}"; do
  wait "$one" || failed=1
done
[ "$failed" = 0 ]
echo "sam local: $(echo ${scenes[*]} | wc -w | tr -d ' ') events, all checks passed"
