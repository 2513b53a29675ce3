#!/usr/bin/env bash
# Deploys to LocalStack, and lets LocalStack call the function. First the files of a release of HEAD: Secrets Manager's
# rotation through the alias, what the schedule calls, and the command line's view of both. Then template.yaml by SAM, with the
# work queue. Checks each time that AWSCURRENT moved, that the new value authenticates at the Atlas stand-in and that the old one
# still does. Then, that the report of a scheduled sweep arrives on the event bus and behind the rule of examples/notify, that
# each stack's alarms read what its function writes, and that verify-live.sh sees what it is to see and leaves nothing behind.
#
# usage: scripts/deploy-localstack.sh        needs docker, sam, mvn, make, unzip, python3, JDK 25; uses aws where it is there
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/local/machine.sh
. scripts/local/localstack.sh

export SAM_CLI_TELEMETRY=0
work=target/deploy-localstack
rm -rf "$work"
mkdir -p "$work"
start_localstack deploy
endpoint=$AWS_ENDPOINT_URL
start_atlas

echo "== a release of HEAD, and sam build of the working tree"
scripts/release.sh --reuse >"$work/release.log"
release=target/release
sam build >"$work/build.log" 2>&1 || { cat "$work/build.log" >&2; exit 1; }
wait_for_localstack

# deploy STACK TEMPLATE NAME=VALUE...: with these parameters in addition to those that this machine needs.
deploy() {
  local stack=$1 template=$2
  shift 2
  echo "== deployment of $template as $stack to LocalStack (at $SECONDS s)"
  sam deploy --template-file "$template" --stack-name "$stack" --resolve-s3 --capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND \
    --no-confirm-changeset --no-progressbar --parameter-overrides "Architecture=$(architecture)" "AtlasBaseUrl=http://host.docker.internal:$atlas" \
    AtlasInsecureHosts=host.docker.internal AlarmTopicArn=arn:aws:sns:eu-central-1:000000000000:alarms "$@" \
    >"$work/$stack.log" 2>&1 </dev/null || { cat "$work/$stack.log" >&2; exit 1; }
  grep 'Successfully created/updated' "$work/$stack.log"
}
check() { python3 scripts/local/deployed.py "$1" "$endpoint" "http://127.0.0.1:$atlas" "$work/credentials.json" "$2"; }

# function_arn STACK: without the alias
function_arn() { python3 -c "import sys; sys.path.insert(0, 'scripts/local'); import emulator
print(emulator.stack_outputs('$endpoint', '$1')['RotationLambdaArn'].removesuffix(':live'))"; }

# The release's files, as docs/deploy.md says: the zip in a bucket, and the template that names it.
python3 scripts/local/deployed.py upload "$endpoint" "$release"/atlas-secret-rotator-*.zip releases
deploy rotator "$release/stack.yaml" CodeBucket=releases
echo "== a rotation by LocalStack's Secrets Manager, and one by the schedule (at $SECONDS s)"
check rotations rotator
AWS_REGION=$AWS_DEFAULT_REGION ATLAS_BASE_URL=http://127.0.0.1:$atlas target/java -jar "$release/atlas-secret-rotator.jar" status

echo "== a report on the bus, and a mail by examples/notify (at $SECONDS s)"
sam deploy --template-file examples/notify/template.yaml --stack-name notify --no-confirm-changeset --no-progressbar \
  --parameter-overrides "FunctionArn=$(function_arn rotator)" MailAddress=oncall@example.com \
  >"$work/notify.log" 2>&1 </dev/null || { cat "$work/notify.log" >&2; exit 1; }
check reports rotator

# A stack of its own: LocalStack cannot add a queue to an existing one. Its tag keeps the two fleets apart.
# As README.md says: what sam build has made of the working tree.
deploy queued .aws-sam/build/template.yaml UseWorkQueue=true TimeoutSeconds=300 ManagedTag=queued
echo "== the schedule's sweep enqueues its work (at $SECONDS s)"
check queue queued

echo "== each deployment's alarms read what its function has written (at $SECONDS s)"
check metrics rotator
check metrics queued

# README.md, "Deploy": observe, tag, check, act, attach, status.
deploy dayone .aws-sam/build/template.yaml ManagedTag=dayone SweepMode=observe
echo "== day one: observe, tag, check, act, attach, status (at $SECONDS s)"
check tagged dayone
function=$(function_arn dayone)
bin/atlas-secret-rotator check --function "$function"
check observed dayone
# Another stack with the same tag: LocalStack does not move an alias when a stack is updated.
# Without an overlap, so that a rotation by Secrets Manager may follow the sweep's at once.
deploy acting .aws-sam/build/template.yaml ManagedTag=dayone SweepMode=act OverlapHours=0
check acted acting
check attached acting
bin/atlas-secret-rotator status --function "$(function_arn acting)"

echo "== verify-live.sh, to its end and interrupted (at $SECONDS s)"
if command -v aws >/dev/null; then
  python3 scripts/local/verified.py "$endpoint" "http://127.0.0.1:$atlas" "$work/credentials.json" rotator
else
  echo "SKIPPED: it needs the AWS command line (aws)"
fi
echo "deployed to LocalStack: all checks passed ($SECONDS s)"
