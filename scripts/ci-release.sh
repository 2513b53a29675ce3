#!/usr/bin/env bash
# Makes a release of HEAD twice, in two directories, and compares the bytes; then looks into its files. The deployment of
# these files is checked by scripts/deploy-localstack.sh.
#
# usage: scripts/ci-release.sh        needs git, mvn, JDK 25, python3, unzip
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/local/machine.sh
. scripts/template/tools.sh

scripts/release.sh --reuse
again=target/release-again/in/another/directory
scripts/release.sh --into "$again" >/dev/null
diff --recursive --brief target/release "$again"
rm -rf target/release-again
echo "PASS the same bytes from two builds in two directories"

release=target/release
(cd "$release" && sha256sum --check --strict --quiet SHA256SUMS)
[ "$(wc -l <"$release/SHA256SUMS")" = "$(find "$release" -type f ! -name SHA256SUMS | wc -l)" ]
echo "PASS SHA256SUMS has every file"

zip=$(echo "$release"/atlas-secret-rotator-*.zip)
unzip -Z1 "$zip" >target/release.entries
if grep -q 'dev/atlasrotator/cli/' target/release.entries; then echo "FAIL the command line is in the zip" >&2; exit 1; fi
grep -q '^dev/atlasrotator/RotatorHandler.class$' target/release.entries
grep -q "\${CodePrefix}$(basename "$zip")\$" "$release/stack.yaml"
grep -q "\${CodePrefix}$(basename "$zip")\$" "$release/stack-expanded.yaml"
echo "PASS the zip has the handler and nothing of the command line; both templates name it"

prepare_stand_ins
target/java -jar "$release/atlas-secret-rotator.jar" --version
target/java -jar "$release/atlas-secret-rotator.jar" --help >/dev/null
unzip -Z1 "$release/atlas-secret-rotator.jar" | grep -c '^software/amazon/awssdk/services/lambda/LambdaClient.class$' >/dev/null
echo "PASS the command line's jar runs by itself"

"$(dirname "$(template_python)")/cfn-lint" --non-zero-exit-code informational \
  --template "$release/stack.yaml" "$release/stack-expanded.yaml"
! grep -q '^Transform:' "$release/stack-expanded.yaml"
echo "PASS cfn-lint: both templates"
