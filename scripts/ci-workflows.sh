#!/usr/bin/env bash
# Checks .github: actionlint (is each workflow valid?) and zizmor (is it safe? every action pinned by its commit, no more
# permissions than needed), both without a network. Installs them in target/tools if they are not there.
#
# usage: scripts/ci-workflows.sh        needs go and python3; says loudly which check it skips without one
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

ACTIONLINT_VERSION=1.7.12
ZIZMOR_VERSION=1.32.0
tools=${TOOLS:-$PWD/target/tools}
skipped() { printf '\n**** SKIPPED: %s ****\n\n' "$*"; }

# Other versions find other things, so an installed one counts only if it is this.
actionlint=$(command -v actionlint || :)
if [ -z "$actionlint" ] || ! "$actionlint" --version | grep -q "^v\?$ACTIONLINT_VERSION"; then
  actionlint=$tools/go/actionlint
  go=$(command -v go || echo /usr/local/go/bin/go)
  if ! { [ -x "$actionlint" ] && "$actionlint" --version | grep -q "^v\?$ACTIONLINT_VERSION"; } && [ -x "$go" ]; then
    GOBIN=$tools/go GOFLAGS=-mod=mod "$go" install "github.com/rhysd/actionlint/cmd/actionlint@v$ACTIONLINT_VERSION" >&2 || rm -f "$actionlint"
  fi
fi
if [ -x "$actionlint" ]; then
  "$actionlint" .github/workflows/*.yml
  echo "PASS actionlint $ACTIONLINT_VERSION: $(ls .github/workflows | wc -l | tr -d ' ') workflows"
else
  skipped "actionlint $ACTIONLINT_VERSION is missing and could not be installed (it needs go)"
fi

zizmor=$(command -v zizmor || :)
if [ -z "$zizmor" ] || [ "$("$zizmor" --version)" != "zizmor $ZIZMOR_VERSION" ]; then
  zizmor=$tools/zizmor-$ZIZMOR_VERSION/bin/zizmor
  if [ ! -x "$zizmor" ] && command -v python3 >/dev/null; then
    python3 -m venv "$tools/zizmor-$ZIZMOR_VERSION" &&
      "$tools/zizmor-$ZIZMOR_VERSION/bin/pip" install --quiet --disable-pip-version-check "zizmor==$ZIZMOR_VERSION" >&2 || :
  fi
fi
if [ -x "$zizmor" ]; then
  "$zizmor" --offline --no-progress --persona=pedantic .github
  echo "PASS zizmor $ZIZMOR_VERSION"
else
  skipped "zizmor $ZIZMOR_VERSION is missing and could not be installed (it needs python3)"
fi

# What zizmor accepts and this project does not: a tag instead of a commit for GitHub's own actions.
if grep -hE '^ *-? *uses:' .github/workflows/*.yml | grep -vE '@[0-9a-f]{40} # v[0-9.]+$'; then
  echo "FAIL an action is not pinned by its commit, with its version beside it" >&2
  exit 1
fi
echo "PASS every action is pinned by its commit"
