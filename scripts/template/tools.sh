# Installs the programs of the template's checks. To be sourced in the project's root.

CFN_LINT_VERSION=1.51.0
# Its transform writes stack-expanded.yaml: another version may write other bytes.
SAM_TRANSLATOR_VERSION=1.110.0
CFN_GUARD_PACKAGE=@cdklabs/cdk-validator-cfnguard@0.0.62
SIMULATOR_PACKAGE=@cloud-copilot/iam-simulate@0.1.173
TOOLS=${TOOLS:-$PWD/target/tools}

# Prints the path of a python with cfn-lint and SAM's transform in the pinned versions; they bring the AWS SDK.
template_python() {
  local wanted="$CFN_LINT_VERSION $SAM_TRANSLATOR_VERSION" installed
  if command -v cfn-lint >/dev/null &&
    installed=$(python3 -c 'from importlib.metadata import version as v; print(v("cfn-lint"), v("aws-sam-translator"))' 2>/dev/null) &&
    [ "$installed" = "$wanted" ]; then
    command -v python3
    return
  fi
  if [ ! -e "$TOOLS/python/ready-${wanted/ /-}" ]; then
    python3 -m venv "$TOOLS/python"
    "$TOOLS/python/bin/pip" install --quiet --disable-pip-version-check "cfn-lint==$CFN_LINT_VERSION" \
      "aws-sam-translator==$SAM_TRANSLATOR_VERSION" >&2
    touch "$TOOLS/python/ready-${wanted/ /-}"
  fi
  echo "$TOOLS/python/bin/python"
}

# Sets CFN_GUARD and CFN_GUARD_RULES, and NODE_PATH for the simulator.
node_tools() {
  local modules=$TOOLS/npm/node_modules marker system processor
  marker=$TOOLS/npm/ready-$(echo "$CFN_GUARD_PACKAGE $SIMULATOR_PACKAGE" | cksum | cut -d ' ' -f 1)
  if [ ! -e "$marker" ]; then
    mkdir -p "$TOOLS/npm"
    npm install --silent --no-save --prefix "$TOOLS/npm" "$CFN_GUARD_PACKAGE" "$SIMULATOR_PACKAGE" >&2
    touch "$marker"
  fi
  case $(uname -s) in Darwin) system=macos ;; *) system=ubuntu ;; esac
  case $(uname -m) in arm64 | aarch64) processor=aarch64 ;; *) processor=x86_64 ;; esac
  CFN_GUARD=$modules/@cdklabs/cdk-validator-cfnguard/bin/$system/$processor/cfn-guard
  CFN_GUARD_RULES=$modules/@cdklabs/cdk-validator-cfnguard/rules/control-tower/cfn-guard
  chmod +x "$CFN_GUARD"
  export SIMULATOR=$modules/@cloud-copilot/iam-simulate
}
