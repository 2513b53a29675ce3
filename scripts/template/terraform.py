"""Prints terraform/parameters.tf: a variable of the Terraform module for each parameter of template.yaml, with its rules.

A variable that is not set is not passed on: CloudFormation has the defaults, and no second place repeats them.

usage: terraform.py > terraform/parameters.tf
"""

import json
import re

from render import source


def name(parameter):
    """AtlasBaseUrl -> atlas_base_url"""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", parameter).lower()


def quoted(text):
    """A string of HCL: as JSON, but an interpolation must not begin."""
    return json.dumps(" ".join(text.split()), ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")


def kind(declared):
    if declared["Type"] == "CommaDelimitedList":
        return "list(string)"
    if declared.get("AllowedValues") == ["true", "false"]:
        return "bool"
    return "number" if declared["Type"] == "Number" else "string"


def rule(variable, declared):
    """The condition of a validation, and what it says; None where everything is allowed."""
    said = declared.get("ConstraintDescription")
    if kind(declared) == "bool":
        return None
    if "AllowedValues" in declared:
        allowed = [str(value) for value in declared["AllowedValues"]]
        return f"contains({json.dumps(allowed)}, tostring({variable}))", "one of " + ", ".join(allowed)
    if "MinValue" in declared:
        low, high = declared["MinValue"], declared["MaxValue"]
        return f"{variable} >= {low} && {variable} <= {high}", f"{low} to {high}"
    if "AllowedPattern" not in declared:
        return None
    pattern = quoted(declared["AllowedPattern"])
    if kind(declared) == "list(string)":
        return f"alltrue([for one in {variable} : can(regex({pattern}, one))])", said
    longest = f" && length({variable}) <= {declared['MaxLength']}" if "MaxLength" in declared else ""
    return f"can(regex({pattern}, {variable})){longest}", said or "of the form " + declared["AllowedPattern"]


def variable(parameter, declared):
    lines = [f'variable "{name(parameter)}" {{']
    lines.append(f"  description = {quoted(declared['Description'])}")
    lines.append(f"  type        = {kind(declared)}")
    lines.append("  default     = null")
    if declared.get("NoEcho"):
        lines.append("  sensitive   = true")
    found = rule(f"var.{name(parameter)}", declared)
    if found:
        condition, says = found
        lines.append("  validation {")
        lines.append(f"    condition     = var.{name(parameter)} == null ? true : {condition}")
        lines.append(f"    error_message = {quoted(f'{name(parameter)} must be {says}.')}")
        lines.append("  }")
    return "\n".join(lines + ["}"])


def passed(parameter, declared):
    given = f"var.{name(parameter)}"
    if kind(declared) == "list(string)":
        return f'{given} == null ? null : join(",", {given})'
    return given if kind(declared) == "string" else f"tostring({given})"


def aligned(pairs, indent):
    width = max(len(left) for left, _ in pairs)
    return "\n".join(f"{indent}{left.ljust(width)} = {right}" for left, right in pairs)


def module(parameters):
    plain = [(p, passed(p, d)) for p, d in parameters.items() if not d.get("NoEcho")]
    secret = [p for p, d in parameters.items() if d.get("NoEcho")]
    yield "# Made by scripts/template/terraform.py from template.yaml; scripts/ci-terraform.sh compares."
    for parameter, declared in parameters.items():
        yield variable(parameter, declared)
    chosen = "\n".join(
        f"    nonsensitive(var.{name(p)} == null) ? {{}} : {{ {p} = var.{name(p)} }}," for p in secret
    )
    yield f"""locals {{
  # Of the stack's parameters those that are set.
  parameters = merge(
    {{ for name, value in local.plain_parameters : name => value if value != null }},
{chosen}
  )
  plain_parameters = {{
{aligned(plain, "    ")}
  }}
}}"""


if __name__ == "__main__":
    print("\n\n".join(module(source()["Parameters"])))
