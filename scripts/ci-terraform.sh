#!/usr/bin/env bash
# Checks the Terraform module: its format, that its variables are the template's parameters, its tests with a mocked provider.
# Then applies it to LocalStack, with the files of a release and two accounts that have no Atlas secret yet: each gets one by the
# admin credential, Terraform's state holds none, and a second plan has nothing to change.
#
# usage: scripts/ci-terraform.sh        needs terraform; for the apply also docker, mvn, JDK 25, python3. Says loudly what it skips
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
skipped() { printf '\n**** SKIPPED: %s ****\n\n' "$*"; }

. scripts/template/tools.sh
python=$(template_python)
"$python" scripts/template/terraform.py | diff terraform/parameters.tf - ||
  { echo "FAIL terraform/parameters.tf: python3 scripts/template/terraform.py > terraform/parameters.tf" >&2; exit 1; }
echo "PASS the module's variables are the template's parameters"

if ! command -v terraform >/dev/null; then
  skipped "terraform is missing: the module's format, tests and apply"
  exit
fi
# Where the machine has a mirror of providers, from that; else from Terraform's registry.
[ -e "${TF_CLI_CONFIG_FILE:-}" ] || unset TF_CLI_CONFIG_FILE
if [ -z "${TF_CLI_CONFIG_FILE:-}" ] && [ -e ../shared/tools/terraform-offline ] && found=$(bash ../shared/tools/terraform-offline); then
  export TF_CLI_CONFIG_FILE=$found
fi
terraform fmt -check -diff -recursive terraform examples/terraform scripts/local/terraform
echo "PASS terraform fmt"

# In copies, since init writes into the folder.
work=target/terraform
rm -rf "$work"
mkdir -p "$work/scripts/local"
cp -r terraform "$work/terraform"
cp -r scripts/local/terraform "$work/scripts/local/terraform"
mkdir -p "$work/examples" && cp -r examples/terraform "$work/examples/terraform"
find "$work" -name .terraform -prune -exec rm -rf {} +
export TF_IN_AUTOMATION=1 CHECKPOINT_DISABLE=1
# init DIRECTORY: whether its providers are to be had
init() { terraform -chdir="$1" init -input=false -backend=false -no-color >"$work/init.log" 2>&1; }

if ! init "$work/terraform"; then
  tail -n 5 "$work/init.log"
  skipped "Terraform's AWS provider is not to be had: validation, tests and apply"
  exit
fi
for module in terraform terraform/account; do
  init "$work/$module"
  terraform -chdir="$work/$module" validate -no-color
  terraform -chdir="$work/$module" test -no-color
done
if init "$work/examples/terraform"; then
  terraform -chdir="$work/examples/terraform" validate -no-color
else
  skipped "MongoDB's Atlas provider is not to be had: validation of examples/terraform"
fi

if ! docker info >/dev/null 2>&1; then
  skipped "no Docker engine: apply to LocalStack"
  exit
fi
. scripts/local/machine.sh
. scripts/local/localstack.sh
start_localstack terraform
scripts/release.sh --reuse >"$work/release.log"
start_atlas
wait_for_localstack

root=$work/scripts/local/terraform
init "$root"
python3 scripts/local/bootstrapped.py prepare "$AWS_ENDPOINT_URL" "http://127.0.0.1:$atlas" "$work/credentials.json" \
  >"$root/accounts.auto.tfvars.json"
export TF_VAR_endpoint=$AWS_ENDPOINT_URL TF_VAR_release=$PWD/target/release
TF_VAR_atlas_base_url=http://host.docker.internal:$atlas
TF_VAR_architecture=$(architecture)
export TF_VAR_atlas_base_url TF_VAR_architecture
echo "== terraform apply (at $SECONDS s)"
terraform -chdir="$root" apply -input=false -auto-approve -no-color >"$work/apply.log" 2>&1 || { cat "$work/apply.log" >&2; exit 1; }
grep '^Apply complete' "$work/apply.log"
alias=$(terraform -chdir="$root" output -raw rotation_lambda_arn)
python3 scripts/local/bootstrapped.py check "$AWS_ENDPOINT_URL" "http://127.0.0.1:$atlas" "$alias" "$root/terraform.tfstate"
terraform -chdir="$root" plan -input=false -no-color -out=second.plan >"$work/plan.log" 2>&1 || { cat "$work/plan.log" >&2; exit 1; }
terraform -chdir="$root" show -json second.plan | python3 scripts/local/bootstrapped.py planned
echo "terraform: all checks passed ($SECONDS s)"
