# A LocalStack of its own for one script. To be sourced in the project's root, after machine.sh; $work is the script's directory.

localstack_image=localstack/localstack:4.14.0

# Starts it in the background and sets AWS_ENDPOINT_URL, region and credentials: start_localstack NAME
start_localstack() {
  container=atlas-rotator-$1-$$
  stand_ins=
  export AWS_DEFAULT_REGION=eu-central-1 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
  unset AWS_PROFILE AWS_SESSION_TOKEN
  trap stop_localstack EXIT
  # engine-legacy: LocalStack's newer CloudFormation does not resolve an alias before SAM's transform.
  docker run --detach --name "$container" --publish 127.0.0.1::4566 \
    --volume /var/run/docker.sock:/var/run/docker.sock \
    --env PROVIDER_OVERRIDE_CLOUDFORMATION=engine-legacy \
    --env LAMBDA_DOCKER_FLAGS="--add-host host.docker.internal:host-gateway" \
    --env MAIN_CONTAINER_NAME="$container" \
    "$localstack_image" >/dev/null
  AWS_ENDPOINT_URL=http://$(docker port "$container" 4566/tcp | head -n 1)
  export AWS_ENDPOINT_URL
}

wait_for_localstack() {
  for _ in $(seq 240); do
    if docker logs "$container" 2>&1 | grep -q '^Ready\.'; then return; fi
    sleep 0.5
  done
  echo "LocalStack is not ready after two minutes" >&2
  return 1
}

stop_localstack() {
  local status=$?
  if [ "$status" != 0 ]; then
    echo "--- the end of LocalStack's log" >&2
    docker logs "$container" >"$work/localstack.log" 2>&1 || true
    tail -n 60 "$work/localstack.log" >&2
  fi
  if [ -n "$stand_ins" ]; then kill "$stand_ins" 2>/dev/null || true; fi
  # LocalStack names the function's containers after its own. Once it has stopped, nothing else removes them.
  docker stop --time 10 "$container" >/dev/null 2>&1 || true
  docker ps --all --quiet --filter "name=$container" | xargs -r docker rm --force --volumes >/dev/null 2>&1 || true
}

# The stand-in of Atlas, which the function's containers reach at host.docker.internal. Sets $atlas, its port.
start_atlas() {
  prepare_stand_ins
  start_stand_ins --bind 0.0.0.0 --atlas-port 0 --secrets-manager-port 0 --credentials "$work/credentials.json"
  atlas=$(field "$work/stand-ins.json" atlasPort)
}
