#!/usr/bin/env bash
# Makes the files of a release from a commit, not from the working tree:
#
#   atlas-secret-rotator-VERSION.zip  the function, as the templates name it
#   atlas-secret-rotator.jar          the command line, for java -jar
#   stack.yaml                        the deployment, for code in an S3 bucket (docs/deploy.md)
#   stack-expanded.yaml               the same after SAM's transform, for stack sets, Terraform and CDK
#   bom.json                          the function's bill of materials (CycloneDX)
#   command-line-bom.cdx.json         the command line's
#   SHA256SUMS                        of all of these
#
# VERSION is that of the tag vVERSION, which must be the one in pom.xml, or for a commit without a tag (a trial) that of pom.xml and
# the commit. From one commit the files are the same, byte by byte.
#
# usage: scripts/release.sh [--reuse] [--into DIRECTORY] [TAG-OR-COMMIT]        needs git, mvn, JDK 25, python3
#   --reuse  does nothing where the directory holds this commit's files already
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

reuse=
into=target/release
while [ $# -gt 0 ]; do
  case $1 in
    --reuse) reuse=yes ;;
    --into) into=$2 && shift ;;
    -*) echo "release: unknown option $1" >&2 && exit 2 ;;
    *) break ;;
  esac
  shift
done
commit=$(git rev-parse --verify --quiet "${1:-HEAD}^{commit}") || { echo "release: no commit ${1:-HEAD}" >&2; exit 2; }
build=$into.build
if [ -n "$reuse" ] && [ "$(cat "$build/commit" 2>/dev/null)" = "$commit" ] &&
  (cd "$into" && sha256sum --check --quiet SHA256SUMS) 2>/dev/null; then
  echo "release: $into has the files of $commit already"
  exit
fi

# The commit's own files build it, in a directory of their own.
rm -rf "$into" "$build"
mkdir -p "$into" "$build/tree"
git archive "$commit" | tar -x -C "$build/tree"
written=$(sed -nE 's|^  <version>(.*)</version>|\1|p' "$build/tree/pom.xml" | head -n 1)
tag=$(git tag --points-at "$commit" --list 'v*' | head -n 1)
version=${tag#v}
if [ -z "$tag" ]; then
  version=$written-${commit:0:12}
  echo "release: $commit has no tag: a trial, $version"
elif [ "$version" != "$written" ]; then
  echo "release: the tag is $tag, and pom.xml says $written" >&2
  exit 1
fi

export TOOLS=${TOOLS:-$PWD/target/tools}
mvn -B -q -f "$build/tree/pom.xml" -Prelease package -Dmaven.test.skip=true -Djacoco.skip=true -Dexec.skip=true
cp "$build/tree/target/atlas-secret-rotator.zip" "$into/atlas-secret-rotator-$version.zip"
cp "$build/tree/target/command-line/atlas-secret-rotator.jar" "$build/tree/target/bom.json" \
  "$build/tree/target/command-line-bom.cdx.json" "$into/"
(
  destination=$(cd "$into" && pwd)
  cd "$build/tree"
  . scripts/template/tools.sh
  python=$(template_python)
  "$python" scripts/template/package.py "$version" "$destination"
)
(cd "$into" && sha256sum -- * | LC_ALL=C sort -k 2 >SHA256SUMS.new && mv SHA256SUMS.new SHA256SUMS)

rm -rf "$build/tree"
echo "$commit" >"$build/commit"
echo "release: $version in $into"
cat "$into/SHA256SUMS"
