#!/usr/bin/env bash
# Synthesizes examples/cdk with the files of a release, and checks the template that CDK makes of them: that it has every
# resource of the release's own, that its code is CDK's asset, and cfn-lint.
#
# usage: scripts/ci-cdk.sh        needs npm, git, mvn, JDK 25, python3; says loudly what it skips without npm
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/template/tools.sh

if ! command -v npm >/dev/null; then
  printf '\n**** SKIPPED: npm is missing: examples/cdk is not synthesized ****\n\n'
  exit
fi
scripts/release.sh --reuse >/dev/null
work=$TOOLS/cdk
mkdir -p "$work"
cp examples/cdk/* "$work/"
marker=$work/ready-$(cksum <examples/cdk/package.json | cut -d ' ' -f 1)
if [ ! -e "$marker" ]; then
  npm install --silent --no-audit --no-fund --prefix "$work" >&2
  touch "$marker"
fi
rm -rf "$work/cdk.out"
release=$PWD/target/release
# It warns of much in the template that cfn-lint takes for right, so its words are shown only if it fails.
(cd "$work" && CI=true npx --no-install cdk synth --quiet --no-notices --context "release=$release") >"$work/synth.log" 2>&1 ||
  { cat "$work/synth.log" >&2; exit 1; }
synthesized=$work/cdk.out/atlas-secret-rotator.template.json
python=$(template_python)
"$python" - "$synthesized" target/release/stack-expanded.yaml <<'PYTHON'
import json, sys, yaml

made = json.load(open(sys.argv[1]))
own = yaml.safe_load(open(sys.argv[2]))
missing = set(own["Resources"]) - set(made["Resources"])
assert not missing, f"CDK has left out {missing}"
changed = [name for name, resource in own["Resources"].items()
           if name != "RotatorFunction" and json.dumps(resource.get("Condition")) != json.dumps(made["Resources"][name].get("Condition"))]
assert not changed, f"CDK has changed the condition of {changed}"
function = made["Resources"]["RotatorFunction"]["Properties"]
assert function["Code"]["S3Key"].endswith(".zip") and "cdk" in json.dumps(function["Code"]["S3Bucket"]), function["Code"]
assert "SweepMode" not in made["Parameters"] and "AtlasBaseUrl" in made["Parameters"]
assert set(own["Outputs"]) <= set(made["Outputs"])
print(f"PASS {len(own['Resources'])} resources of the release, its code as an asset; {len(made['Parameters'])} parameters left open")
PYTHON
# Errors only: a parameter that is set here is warned of as one that is not used.
"$(dirname "$python")/cfn-lint" --ignore-checks W --template "$synthesized"
echo "PASS cfn-lint of what CDK synthesizes"
