"""Writes the two templates of a release, for code that is in an S3 bucket.

stack.yaml           template.yaml, with CodeUri in the bucket: for CloudFormation and SAM
stack-expanded.yaml  the same after SAM's transform, with its parameters, rules and conditions: where a transform is not
                     possible or not wanted (stack sets, Terraform, CDK)

A template names the zip of its own release. So code and template cannot be of different releases, and with a new release the
name changes, and with it the version that the alias gets.

usage: package.py VERSION INTO
"""

import pathlib
import sys

import render
import yaml
from samtranslator.yaml_helper import yaml_parse

PARAMETERS = """\
  CodeBucket:
    Type: String
    AllowedPattern: ^[a-z0-9][a-z0-9.-]{{2,62}}$
    ConstraintDescription: the name of an S3 bucket
    Description: The S3 bucket, in the function's region, that holds {zip}.
  CodeBucketHasRegion:
    Type: String
    Default: "false"
    AllowedValues: ["true", "false"]
    Description: true adds a hyphen and the region to the bucket's name, for a stack set over several regions with a bucket in each.
  CodePrefix:
    Type: String
    Default: ""
    AllowedPattern: ^([A-Za-z0-9!_.*'()/-]*/)?$
    MaxLength: 200
    ConstraintDescription: the beginning of a key, which ends with /, or empty
    Description: What stands before {zip} in its key, such as releases/.
"""

CONDITION = """\
  HasBucketInEachRegion: !Equals [!Ref CodeBucketHasRegion, "true"]
"""

CODE = """\
      CodeUri:
        Bucket: !If [HasBucketInEachRegion, !Sub "${{CodeBucket}}-${{AWS::Region}}", !Ref CodeBucket]
        Key: !Sub ${{CodePrefix}}{zip}
"""

GROUP = """\
      - Label: {{ default: The release }}
        Parameters: [CodeBucket, CodeBucketHasRegion, CodePrefix]
"""

# What template.yaml must have, once each, and what it becomes.
EDITS = [
    ("    ParameterGroups:\n", "    ParameterGroups:\n" + GROUP),
    ("\nParameters:\n", "\nParameters:\n" + PARAMETERS),
    ("\nConditions:\n", "\nConditions:\n" + CONDITION),
    ("      CodeUri: .\n", CODE),
    ("      BuildMethod: makefile\n", ""),
]


def packaged(version):
    text = render.TEMPLATE.read_text(encoding="utf-8")
    for old, new in EDITS:
        if text.count(old) != 1:
            raise SystemExit(f"package: template.yaml has {text.count(old)} times, and not once: {old.strip()}")
        text = text.replace(old, new.format(zip=f"atlas-secret-rotator-{version}.zip"))
    return text


class Dumper(yaml.SafeDumper):
    """Texts of several lines as blocks, and no anchors: CloudFormation knows none."""

    def ignore_aliases(self, data):
        return True


def text(dumper, value):
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


Dumper.add_representer(str, text)


def expanded(version):
    """The transform would put default values and a region of its own for what CodeUri refers to, so the code comes after it."""
    template = yaml_parse(packaged(version))
    function = template["Resources"]["RotatorFunction"]["Properties"]
    code = function["CodeUri"]
    # With the zip's name, since what the transform calls the version is a digest of this among others.
    function["CodeUri"] = {"Bucket": "bucket", "Key": f"atlas-secret-rotator-{version}.zip"}
    plain = render.transformed(template)
    plain["Resources"]["RotatorFunction"]["Properties"]["Code"] = {"S3Bucket": code["Bucket"], "S3Key": code["Key"]}
    return yaml.dump(dict(plain), Dumper=Dumper, sort_keys=False, width=120, allow_unicode=True)


if __name__ == "__main__":
    version, into = sys.argv[1], pathlib.Path(sys.argv[2])
    (into / "stack.yaml").write_text(packaged(version), encoding="utf-8")
    (into / "stack-expanded.yaml").write_text(expanded(version), encoding="utf-8")
