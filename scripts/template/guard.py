"""Checks the rendered template against AWS Control Tower's rules, with the suppressions that the template explains.

A resource lists the rules that it does not follow in Metadata.guard.SuppressedRules. The check fails for a finding that is
not suppressed, and for a suppression that no finding needs.

usage: guard.py CFN_GUARD RULES RENDERED
"""

import json
import re
import subprocess
import sys


def main(guard, rules, rendered):
    run = subprocess.run(
        [guard, "validate", "--data", rendered, "--rules", rules, "--show-summary", "none", "--output-format", "json", "--structured"],
        capture_output=True, text=True, check=False,
    )
    try:
        (report,) = json.loads(run.stdout)
    except ValueError:
        raise SystemExit(f"cfn-guard gave no report (exit code {run.returncode}): {run.stderr.strip()}")
    found = set()
    for failed in report["not_compliant"]:
        rule = failed["Rule"]["name"]
        resources = set(re.findall(r'"/Resources/([A-Za-z0-9]+)', json.dumps(failed)))
        found |= {(rule, resource) for resource in resources or {"(the whole template)"}}

    with open(rendered, encoding="utf-8") as file:
        template = json.load(file)["Resources"]
    suppressed = {
        (rule, name)
        for name, resource in template.items()
        for rule in resource.get("Metadata", {}).get("guard", {}).get("SuppressedRules", [])
        # SAM copies the function's metadata to the resources that it generates from it.
        if not (name.startswith("RotatorFunction") and name != "RotatorFunction")
    }
    for rule, resource in sorted(found - suppressed):
        print(f"cfn-guard: {resource} breaks {rule}")
    for rule, resource in sorted(suppressed - found):
        print(f"cfn-guard: {resource} suppresses {rule}, which it does not break")
    kept = len(report["compliant"])
    print(f"cfn-guard: {kept} rules passed, {len(found & suppressed)} findings suppressed with a reason, {len(found ^ suppressed)} wrong")
    return 1 if found ^ suppressed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
