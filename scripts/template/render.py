"""Renders template.yaml as CloudFormation does: SAM's transform, then parameters, conditions and intrinsic functions.

Names that only AWS assigns (ARNs, URLs) become plausible ones in account 123456789012, eu-central-1. The lint script, the
policy check and the check of values use this, so that they check what is deployed and not intrinsic functions.

usage: render.py [Name=value ...]  > rendered.json
"""

import functools
import hashlib
import json
import os
import pathlib
import re
import sys

os.environ.setdefault("AWS_DEFAULT_REGION", "eu-central-1")
os.environ.setdefault("AWS_ACCESS_KEY_ID", "nobody")
os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "nothing")
os.environ.setdefault("SAM_CLI_TELEMETRY", "0")

import boto3  # noqa: E402  (the region must be set first)
from samtranslator.parser.parser import Parser  # noqa: E402
from samtranslator.translator.translator import Translator  # noqa: E402
from samtranslator.yaml_helper import yaml_parse  # noqa: E402

ACCOUNT, REGION, STACK = "123456789012", "eu-central-1", "atlas-secret-rotator"
PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}
OMITTED = object()
TEMPLATE = pathlib.Path(__file__).resolve().parents[2] / "template.yaml"


class Stack:
    def __init__(self, template, values, region=REGION, stack=STACK):
        self.template = template
        self.region, self.stack = region, stack
        self.partition = next((name for start, name in PARTITIONS.items() if region.startswith(start)), "aws")
        self.pseudo = {
            "AWS::AccountId": ACCOUNT,
            "AWS::Partition": self.partition,
            "AWS::Region": region,
            "AWS::StackName": stack,
            "AWS::URLSuffix": "amazonaws.com.cn" if self.partition == "aws-cn" else "amazonaws.com",
        }
        self.parameters = {}
        for name, declared in template["Parameters"].items():
            value = str(values.pop(name, declared.get("Default", "")))
            as_list = declared["Type"] == "CommaDelimitedList"
            self.parameters[name] = value.split(",") if as_list else value
        if values:
            raise SystemExit(f"render: the template has no parameter {', '.join(values)}")

    def render(self):
        kept = {}
        for name, resource in self.template["Resources"].items():
            if "Condition" not in resource or self.holds(resource["Condition"]):
                kept[name] = self.value(resource)
        outputs = {
            name: self.value(output)
            for name, output in self.template["Outputs"].items()
            if "Condition" not in output or self.holds(output["Condition"])
        }
        return {"AWSTemplateFormatVersion": "2010-09-09", "Resources": kept, "Outputs": outputs}

    def holds(self, condition):
        return self.value(self.template["Conditions"][condition])

    def value(self, node):
        if isinstance(node, list):
            return [v for v in map(self.value, node) if v is not OMITTED]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            (key, argument), = node.items()
            if key == "Ref":
                return self.reference(argument)
            if key == "Condition" and isinstance(argument, str):
                return self.holds(argument)
            if key.startswith("Fn::"):
                return getattr(self, key[4:].lower() + "_")(argument)
        rendered = {k: self.value(v) for k, v in node.items()}
        return {k: v for k, v in rendered.items() if v is not OMITTED}

    def reference(self, name):
        if name == "AWS::NoValue":
            return OMITTED
        if name in self.pseudo:
            return self.pseudo[name]
        if name in self.parameters:
            return self.parameters[name]
        return self.attribute(name, "Ref")

    def generated(self, logical_id, length, seed=""):
        """A name as CloudFormation generates it: stack, logical id and a random part, shortened to the service's maximum."""
        end = f"-{logical_id}-{hashlib.sha256(seed.encode()).hexdigest()[:12].upper()}"
        return self.stack[: length - len(end)] + end

    def attribute(self, name, attribute):
        kind = self.template["Resources"][name]["Type"]
        properties = self.template["Resources"][name].get("Properties", {})
        arn = f"arn:{self.partition}:%s:{self.region}:{ACCOUNT}:%s"
        if kind in ("AWS::Lambda::Function", "AWS::Lambda::Alias"):
            function = self.value(properties.get("FunctionName", {"Ref": "AWS::NoValue"}))
            function = self.generated(name, 64) if function is OMITTED else function
            if kind == "AWS::Lambda::Alias":
                return arn % ("lambda", f"function:{function}:live")
            return arn % ("lambda", f"function:{function}") if attribute == "Arn" else function
        if kind == "AWS::IAM::ManagedPolicy":
            # Another description replaces the policy, with another random name.
            seed = self.value(properties["Description"])
            return f"arn:{self.partition}:iam::{ACCOUNT}:policy/{self.generated(name, 128, seed)}"
        if kind == "AWS::IAM::Role" and attribute == "Arn":
            return f"arn:{self.partition}:iam::{ACCOUNT}:role/{name}"
        if kind == "AWS::Logs::LogGroup":
            group = self.value(properties["LogGroupName"])
            return arn % ("logs", f"log-group:{group}:*") if attribute == "Arn" else group
        if kind == "AWS::SQS::Queue" and attribute == "Ref":
            return f"https://sqs.{self.region}.{self.pseudo['AWS::URLSuffix']}/{ACCOUNT}/{name}"
        if attribute == "Arn":
            return arn % {"AWS::SQS::Queue": ("sqs", name), "AWS::Events::Rule": ("events", f"rule/{name}")}[kind]
        return {"Ref": name, "QueueName": name, "Version": "1"}[attribute]

    def getatt_(self, argument):
        name, attribute = argument if isinstance(argument, list) else argument.split(".", 1)
        return self.attribute(name, attribute)

    def sub_(self, argument):
        text, names = argument if isinstance(argument, list) else (argument, {})

        def replace(match):
            name = match.group(1)
            if name in names:
                return str(self.value(names[name]))
            return str(self.getatt_(name) if "." in name else self.reference(name))

        return re.sub(r"\$\{([A-Za-z0-9:.]+)\}", replace, text)

    def if_(self, argument):
        return self.value(argument[1] if self.holds(argument[0]) else argument[2])

    def equals_(self, argument):
        left, right = self.value(argument)
        return left == right

    def not_(self, argument):
        return not self.value(argument[0])

    def and_(self, argument):
        return all(self.value(a) for a in argument)

    def or_(self, argument):
        return any(self.value(a) for a in argument)

    def join_(self, argument):
        return argument[0].join(str(v) for v in self.value(argument[1]))

    def findinmap_(self, argument):
        name, *keys = self.value(argument)
        found = self.template["Mappings"][name]
        for key in keys:
            found = found[key]
        return found

    def select_(self, argument):
        return self.value(argument[1])[int(argument[0])]

    def split_(self, argument):
        return self.value(argument[1]).split(argument[0])


def source():
    return yaml_parse(TEMPLATE.read_text(encoding="utf-8"))


@functools.cache
def transformed_source():
    template = source()
    # The transform expects code that is uploaded already.
    template["Resources"]["RotatorFunction"]["Properties"]["CodeUri"] = "s3://bucket/key"
    return transformed(template)


def transformed(template):
    """A template after SAM's transform, with its parameters still unresolved."""
    translator = Translator({}, Parser(), None, boto3.session.Session(region_name=REGION))
    plain = translator.translate(template, {})
    translator.metrics.publish()  # otherwise it warns that the metrics were not published
    return plain


def render(values, region=REGION, stack=STACK):
    return Stack(transformed_source(), dict(values), region, stack).render()


if __name__ == "__main__":
    json.dump(render(dict(a.split("=", 1) for a in sys.argv[1:])), sys.stdout, indent=2)
