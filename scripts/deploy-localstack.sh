#!/usr/bin/env bash
# Deploys template.yaml as it is to LocalStack and lets LocalStack call the function: Secrets Manager's rotation through
# the alias, what the schedule calls and, in a second stack, the work queue. Checks each time that AWSCURRENT moved, that
# the new value authenticates at the Atlas stand-in and that the old one still does.
#
# usage: scripts/deploy-localstack.sh        needs docker, sam, mvn, make, unzip, python3, JDK 25
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/local/machine.sh

image=localstack/localstack:4.14.0
container=atlas-rotator-deploy-$$
export SAM_CLI_TELEMETRY=0
export AWS_DEFAULT_REGION=eu-central-1 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
unset AWS_PROFILE AWS_SESSION_TOKEN
work=target/deploy-localstack
rm -rf "$work"
mkdir -p "$work"
stand_ins=
finish() {
  local status=$?
  if [ "$status" != 0 ]; then
    echo "--- the end of LocalStack's log" >&2
    docker logs --tail 60 "$container" >&2 2>&1 || true
  fi
  if [ -n "$stand_ins" ]; then kill "$stand_ins" 2>/dev/null || true; fi
  # LocalStack names the function's containers after its own. Once it has stopped, nothing else removes them.
  docker stop --time 10 "$container" >/dev/null 2>&1 || true
  docker ps --all --quiet --filter "name=$container" | xargs -r docker rm --force --volumes >/dev/null 2>&1 || true
}
trap finish EXIT

# engine-legacy: LocalStack's newer CloudFormation does not resolve an alias before SAM's transform.
docker run --detach --name "$container" --publish 127.0.0.1::4566 \
  --volume /var/run/docker.sock:/var/run/docker.sock \
  --env PROVIDER_OVERRIDE_CLOUDFORMATION=engine-legacy \
  --env LAMBDA_DOCKER_FLAGS="--add-host host.docker.internal:host-gateway" \
  --env MAIN_CONTAINER_NAME="$container" \
  "$image" >/dev/null
endpoint=http://$(docker port "$container" 4566/tcp | head -n 1)
export AWS_ENDPOINT_URL=$endpoint

prepare_stand_ins
start_stand_ins --bind 0.0.0.0 --atlas-port 0 --secrets-manager-port 0 --credentials "$work/credentials.json"
atlas=$(field "$work/stand-ins.json" atlasPort)

echo "== sam build"
sam build >"$work/build.log" 2>&1 || { cat "$work/build.log" >&2; exit 1; }
for _ in $(seq 120); do
  if docker logs "$container" 2>&1 | grep -q '^Ready\.'; then break; fi
  sleep 0.5
done

# deploy STACK NAME=VALUE...: with these parameters in addition to those that this machine needs.
deploy() {
  local stack=$1
  shift
  echo "== sam deploy of $stack to LocalStack (at $SECONDS s)"
  sam deploy --stack-name "$stack" --resolve-s3 --capabilities CAPABILITY_IAM --no-confirm-changeset \
    --no-progressbar --parameter-overrides "Architecture=$(architecture)" "AtlasBaseUrl=http://host.docker.internal:$atlas" \
    AtlasInsecureHosts=host.docker.internal AlarmTopicArn=arn:aws:sns:eu-central-1:000000000000:alarms "$@" \
    >"$work/$stack.log" 2>&1 </dev/null || { cat "$work/$stack.log" >&2; exit 1; }
  grep 'Successfully created/updated' "$work/$stack.log"
}
check() { python3 scripts/local/deployed.py "$1" "$endpoint" "http://127.0.0.1:$atlas" "$work/credentials.json" "$2"; }

deploy rotator
echo "== a rotation by LocalStack's Secrets Manager, and one by the schedule (at $SECONDS s)"
check rotations rotator

# A stack of its own: LocalStack cannot add a queue to an existing one. Its tag keeps the two fleets apart.
deploy rotator-queue UseWorkQueue=true TimeoutSeconds=300 ManagedTag=queued
echo "== the schedule's sweep enqueues its work (at $SECONDS s)"
check queue rotator-queue
echo "deployed to LocalStack: all checks passed ($SECONDS s)"
