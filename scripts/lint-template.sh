#!/usr/bin/env bash
# Checks template.yaml in five ways: SAM's own validation with lint; cfn-lint in this project's pinned version (the examples
# as well), also for regions without SnapStart; AWS Control Tower's rules with cfn-guard; the longest and the invalid values of its parameters;
# and the roles' permissions in a policy simulator.
# Installs what it needs in target/tools. Uses an installed cfn-lint if it has the same version.
#
# usage: scripts/lint-template.sh        needs sam, python3, npm
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/template/tools.sh

export AWS_DEFAULT_REGION=eu-central-1 SAM_CLI_TELEMETRY=0
python=$(template_python)
node_tools
rendered=target/template
mkdir -p "$rendered"

echo "== sam validate --lint"
sam validate --lint --template template.yaml

echo "== cfn-lint $CFN_LINT_VERSION"
"$(dirname "$python")/cfn-lint" --non-zero-exit-code informational --template template.yaml
# E2530: SnapStart in a region without it. The condition HasSnapStart prevents that, and the linter does not evaluate it.
"$(dirname "$python")/cfn-lint" --ignore-checks E2530 --regions us-gov-west-1 cn-north-1 ap-southeast-6 ap-east-2 us-east-1 eu-central-1 \
  --template template.yaml
"$(dirname "$python")/cfn-lint" --non-zero-exit-code informational --template examples/*/template.yaml
echo "clean"

echo "== cfn-guard, with every optional resource"
"$python" scripts/template/render.py FunctionName=atlas-secret-rotator UseWorkQueue=true TimeoutSeconds=300 \
  AdminSecretArn=arn:aws:secretsmanager:eu-central-1:123456789012:secret:atlas/admin-AbCdEf \
  AdditionalAdminSecretArns=arn:aws:secretsmanager:eu-central-1:123456789012:secret:atlas/other-admin-AbCdEf \
  KmsKeyArns=arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555 \
  AlarmTopicArn=arn:aws:sns:eu-central-1:123456789012:alarms >"$rendered/everything.json"
"$python" scripts/template/guard.py "$CFN_GUARD" "$CFN_GUARD_RULES" "$rendered/everything.json"

echo "== parameter values"
"$python" scripts/template/values.py

echo "== permissions of the roles"
"$python" scripts/template/render.py FunctionName=atlas-secret-rotator >"$rendered/default.json"
"$python" scripts/template/render.py FunctionName=atlas-secret-rotator \
  AdminSecretArn=arn:aws:secretsmanager:us-east-1:999999999999:secret:atlas/admin-AbCdEf \
  KmsKeyArns=arn:aws:kms:eu-central-1:999999999999:key/11111111-2222-3333-4444-555555555555 >"$rendered/elsewhere.json"
node scripts/template/policy-check.mjs "$rendered/default.json" "$rendered/everything.json" "$rendered/elsewhere.json"
