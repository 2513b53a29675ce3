"""Checks the template with values: which ones its parameters reject, the longest ones, each changed one, each region.

CloudFormation reports most of this halfway through a deployment: a description or a name that is too long, a region without
SnapStart. A changed parameter that publishes no version is not reported at all.

usage: values.py
"""

import json
import re
import sys

from render import Stack, render, source

ADMIN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:atlas/admin-AbCdEf"
KEY = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
SUBNETS = ",".join(f"subnet-{number:017x}" for number in range(16))
GROUPS = ",".join(f"sg-{number:017x}" for number in range(5))
LAYER = "arn:aws-us-gov:lambda:us-gov-west-1:123456789012:layer:"
ENDPOINT = "https://vpce-0123456789abcdef0-abcdefgh.secretsmanager.eu-central-1.vpce.amazonaws.com"
IN_A_VPC = {
    "VpcSubnetIds": ",".join(SUBNETS.split(",")[:6]),
    "VpcSecurityGroupIds": ",".join(GROUPS.split(",")[:3]),
    "SecretsManagerEndpointUrl": ENDPOINT,
}
# StackSets add 46 characters to the name of a stack set, and CloudFormation allows 128 for a stack.
STACK_NAMES = ["atlas-secret-rotator", "s" * 64, f"StackSet-{'s' * 64}-12345678-1234-1234-1234-123456789012", "s" * 128]

# The longest value of each that the template allows.
LONGEST = {
    "AtlasBaseUrl": "http://" + "h" * 86 + ":65535",
    "AtlasInsecureHosts": "h" * 86 + "," + "h" * 13,
    "SecretExpiresAfterHours": "8760",
    "RotateAfterHours": "8592",
    "OverlapHours": "168",
    "AdminSecretArn": f"arn:aws-us-gov:secretsmanager:us-gov-west-1:123456789012:secret:{'n' * 512}-AbCdEf",
    "AdditionalAdminSecretArns": ADMIN,
    "ManagedTag": "t" * 128,
    "SecretNamePrefix": "p" * 128,
    "KmsKeyArns": KEY,
    "SweepMode": "observe",
    "SweepIntervalMinutes": "720",
    "RotationsPerSweep": "10000",
    "SweepConcurrency": "64",
    "UseWorkQueue": "true",
    "WorkQueueConcurrency": "1000",
    "AlarmTopicArn": "arn:aws:sns:eu-central-1:123456789012:" + "t" * 256,
    "ReportBusName": "b" * 256,
    "PromotionTargetArn": "arn:aws:sns:eu-central-1:123456789012:" + "t" * 256,
    "Architecture": "x86_64",
    "MemorySize": "10240",
    "UseSnapStart": "false",
    "VpcSubnetIds": SUBNETS,
    "VpcSecurityGroupIds": GROUPS,
    "SecretsManagerEndpointUrl": "https://" + "h" * 186 + ":65535",
    "HttpsProxy": "http://user:" + "swordfish" * 21 + "@" + "h" * 100 + ":65535",
    "HttpProxy": "http://" + "i" * 100 + ":65535",
    "NoProxy": "n" * 300,
    "TrustStoreLayerArn": LAYER + "l" * 140 + ":99999",
}

# For each parameter, a value that differs from LONGEST.
OTHERWISE = {
    "AtlasBaseUrl": "https://cloud.mongodb.com",
    "AtlasInsecureHosts": "",
    "SecretExpiresAfterHours": "2160",
    "RotateAfterHours": "720",
    "OverlapHours": "24",
    "AdminSecretArn": LONGEST["AdminSecretArn"].replace("123456789012", "999999999999"),
    "ManagedTag": "t" * 127 + "u",
    "SecretNamePrefix": "p" * 127 + "q",
    "SweepMode": "act",
    "SweepIntervalMinutes": "360",
    "RotationsPerSweep": "25",
    "SweepConcurrency": "8",
    "UseWorkQueue": "false",
    "WorkQueueConcurrency": "4",
    "Architecture": "arm64",
    "MemorySize": "1024",
    "TimeoutSeconds": "300",
    "UseSnapStart": "true",
    "VpcSubnetIds": ",".join(SUBNETS.split(",")[:15]),
    "VpcSecurityGroupIds": ",".join(GROUPS.split(",")[:4]),
    "SecretsManagerEndpointUrl": ENDPOINT,
    "HttpsProxy": LONGEST["HttpsProxy"].replace("65535", "3128"),
    "HttpProxy": LONGEST["HttpProxy"].replace("65535", "3128"),
    "NoProxy": ".amazonaws.com, cloud.mongodb.com:443,*.example.com,[fd00::1],10.0.0.0/8",
    "TrustStoreLayerArn": LONGEST["TrustStoreLayerArn"].replace("99999", "1"),
}

ACCEPTED = [
    {},
    LONGEST,
    IN_A_VPC,
    {"AdminSecretArn": ADMIN.replace("123456789012", "999999999999"), "KmsKeyArns": KEY.replace("123456789012", "999999999999")},
    {"AdditionalAdminSecretArns": f"{ADMIN},{ADMIN}"},
    {"TimeoutSeconds": "300"},
    {"UseWorkQueue": "true", "TimeoutSeconds": "300"},
    {"UseWorkQueue": "true", "SweepIntervalMinutes": "120"},
    {"SweepIntervalMinutes": "15"},
]
REFUSED = [
    {"UseWorkQueue": "true"},
    {"UseWorkQueue": "true", "TimeoutSeconds": "600"},
    {"UseWorkQueue": "true", "TimeoutSeconds": "300", "SweepIntervalMinutes": "30"},
    {"SweepMode": "watch"},
    {"SweepIntervalMinutes": "1440"},
    {"ReportBusName": "two words"},
    {"PromotionTargetArn": "promotions"},
    {"TimeoutSeconds": "120"},
    {"TimeoutSeconds": "901"},
    {"AdminSecretArn": "atlas/admin"},
    {"AdminSecretArn": ADMIN[: -len("-AbCdEf")]},
    {"AdditionalAdminSecretArns": f"{ADMIN},atlas/admin"},
    {"KmsKeyArns": "alias/atlas"},
    {"KmsKeyArns": "arn:aws:kms:eu-central-1:123456789012:alias/atlas"},
    {"SecretNamePrefix": "prod/*"},
    {"SecretNamePrefix": "p" * 129},
    {"VpcSubnetIds": IN_A_VPC["VpcSubnetIds"]},
    {"VpcSecurityGroupIds": GROUPS},
    {"VpcSubnetIds": "vpc-0123456789abcdef0", "VpcSecurityGroupIds": GROUPS},
    {"HttpsProxy": "https://proxy.example:3128"},
    {"HttpsProxy": "http://user:pass@word@proxy.example:3128"},
    {"HttpProxy": "proxy.example:3128"},
    {"NoProxy": "n" * 301},
    {"TrustStoreLayerArn": "arn:aws:lambda:eu-central-1:123456789012:layer:atlas-rotator-cacerts"},
    {"FunctionName": "f" * 65},
    {"FunctionName": "two words"},
]

# All regions without SnapStart, and some with it (Lambda's guide, 2026-11).
NO_SNAP_START = ["ap-southeast-6", "ap-east-2", "cn-north-1", "cn-northwest-1", "us-gov-west-1", "us-gov-east-1"]
SNAP_START = ["us-east-1", "eu-central-1", "ap-southeast-5", "ap-east-1", "mx-central-1", "il-central-1"]

# The console's host, one of each partition.
CONSOLES = {
    "eu-central-1": "eu-central-1.console.aws.amazon.com",
    "cn-north-1": "console.amazonaws.cn",
    "us-gov-west-1": "console.amazonaws-us-gov.com",
}

failures = []


def check(what, holds):
    if not holds:
        failures.append(what)
        print(f"values: {what}")


def refusals(template, values):
    """The errors with which CloudFormation rejects these values before it changes anything."""
    said = []
    for name, value in values.items():
        declared = template["Parameters"].get(name)
        if declared is None:
            raise SystemExit(f"values: the template has no parameter {name}")
        for one in value.split(",") if declared["Type"] == "CommaDelimitedList" else [value]:
            if not (
                re.fullmatch(declared.get("AllowedPattern", ".*"), one)
                and one in map(str, declared.get("AllowedValues", [one]))
                and len(one) <= declared.get("MaxLength", len(one))
                and float(declared.get("MinValue", "-inf")) <= number(one, declared) <= float(declared.get("MaxValue", "inf"))
            ):
                said.append(declared.get("ConstraintDescription", name))
    stack = Rules(template, dict(values))
    for rule in template["Rules"].values():
        if stack.value(rule.get("RuleCondition", True)):
            said += [one["AssertDescription"] for one in rule["Assertions"] if not stack.value(one["Assert"])]
    return said


def number(text, declared):
    return float(text) if declared["Type"] == "Number" else 0


class Rules(Stack):
    """Evaluates rules. They may use Ref and the rule functions, and no others."""

    def contains_(self, argument):
        strings, one = self.value(argument)
        return one in strings

    def join_(self, argument):
        raise SystemExit("values: CloudFormation's rules must not use Fn::Join")

    select_ = split_ = sub_ = if_ = findinmap_ = join_


def only(resources, kind):
    (found,) = [resource["Properties"] for resource in resources.values() if resource["Type"] == kind]
    return found


def function_name(rendered):
    return rendered["Outputs"]["FunctionName"]["Value"]


def version(rendered):
    """What makes CloudFormation replace the version, and so publish a new one."""
    (found,) = [(name, one["Properties"]) for name, one in rendered["Resources"].items() if one["Type"] == "AWS::Lambda::Version"]
    return found


def parameters(template):
    for values in ACCEPTED:
        check(f"rejected, and should not be: {values}: {refusals(template, values)}", not refusals(template, values))
    for values in REFUSED:
        check(f"not rejected: {values}", refusals(template, values))


def lengths(template):
    for values in (LONGEST, IN_A_VPC, {}):
        for stack in STACK_NAMES:
            rendered = render(values, stack=stack)
            resources = rendered["Resources"]
            what = f"with a stack's name of {len(stack)} and {'the longest values' if values is LONGEST else list(values)}"
            environment = only(resources, "AWS::Lambda::Function")["Environment"]["Variables"]
            for name, text, most in [
                ("the version's description", only(resources, "AWS::Lambda::Version")["Description"], 256),
                ("the function's name", function_name(rendered), 64),
                ("the schedule's name", only(resources, "AWS::Scheduler::Schedule")["Name"], 64),
                ("the log group's name", only(resources, "AWS::Logs::LogGroup")["LogGroupName"], 512),
                ("the dashboard's name", only(resources, "AWS::CloudWatch::Dashboard")["DashboardName"], 255),
                ("the environment", "".join(f"{key}{value}" for key, value in environment.items()), 4096),
                *[
                    (f"the description of {name}", one["Properties"]["Description"], 1000)
                    for name, one in resources.items()
                    if one["Type"] == "AWS::IAM::ManagedPolicy"
                ],
            ]:
                check(f"{name} has {len(text)} characters {what}; the maximum is {most}", len(text) <= most)
                check(f"{name} contains a password {what}", "swordfish" not in text or name == "the environment")


def changes(template):
    before = render(LONGEST)
    for name, value in OTHERWISE.items():
        after = render({**LONGEST, name: value})
        check(f"a changed {name} publishes no version", version(before) != version(after))
    untried = used_by_the_function(template) - OTHERWISE.keys()
    check(f"it is not checked whether a changed {', '.join(untried)} publishes a version", not untried)


def used_by_the_function(template):
    """The parameters that the function's own properties refer to, also behind a condition."""
    apart = ("Events", "VersionDescription", "FunctionName")  # another name is another function
    text = json.dumps({name: one for name, one in template["Resources"]["RotatorFunction"]["Properties"].items() if name not in apart})
    text += json.dumps([condition for name, condition in template["Conditions"].items() if f'"{name}"' in text])
    return {name for name in template["Parameters"] if f'"Ref": "{name}"' in text or f"${{{name}}}" in text}


def regions():
    for region in SNAP_START + NO_SNAP_START:
        has = "SnapStart" in only(render({}, region)["Resources"], "AWS::Lambda::Function")
        check(f"in {region} the function {'asks' if has else 'does not ask'} for SnapStart", has == (region in SNAP_START))
    check("UseSnapStart=false asks for it", "SnapStart" not in only(render({"UseSnapStart": "false"})["Resources"], "AWS::Lambda::Function"))


def consoles():
    for region, host in CONSOLES.items():
        url = render({}, region)["Outputs"]["DashboardUrl"]["Value"]
        check(f"in {region} the dashboard is at {url}", url.startswith(f"https://{host}/cloudwatch/home?region={region}#"))


def attachment():
    command = render({"ManagedTag": "team"})["Outputs"]["AttachCommand"]["Value"]
    check("AttachCommand does not tag", "tag-resource" in command and "Key=team," in command and "rotate-secret" in command)


def main():
    template = source()
    parameters(template)
    lengths(template)
    changes(template)
    regions()
    consoles()
    attachment()
    print(f"values: {len(failures)} findings")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
