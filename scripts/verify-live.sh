#!/usr/bin/env bash
# Tries a deployment out on the real services, with Atlas accounts and a stored secret that it makes for this and
# deletes again, and prints what it has seen of each assumption that only the real services can settle.
#
# usage: scripts/verify-live.sh --function NAME_OR_ARN --project ATLAS_PROJECT_ID [--yes]      more: --help
# needs python3 and the AWS command line
set -euo pipefail
command -v aws >/dev/null || { echo "verify-live: the AWS command line (aws) is not installed" >&2; exit 2; }
exec python3 "$(dirname "${BASH_SOURCE[0]}")/live/verify.py" "$@"
