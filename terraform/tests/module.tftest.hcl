# Which parameters the stack gets. No AWS: the provider is mocked.

mock_provider "aws" {
  mock_data "aws_s3_bucket" {
    defaults = {
      id                          = "releases"
      bucket_regional_domain_name = "releases.s3.eu-central-1.amazonaws.com"
    }
  }
  mock_resource "aws_cloudformation_stack" {
    defaults = {
      outputs = {
        RotationLambdaArn = "arn:aws:lambda:eu-central-1:123456789012:function:rotator:live"
        FunctionName      = "rotator"
        RoleArn           = "arn:aws:iam::123456789012:role/rotator"
        ManagedTag        = "atlas-secret-rotator"
      }
    }
  }
}

variables {
  release = "./tests/release"
  bucket  = "releases"
}

run "what_is_not_set_is_not_passed" {
  assert {
    condition     = aws_cloudformation_stack.rotator.parameters == tomap({ CodeBucket = "releases", CodePrefix = "" })
    error_message = "a parameter was passed that nobody has set"
  }
  assert {
    condition     = aws_s3_object.code.key == "atlas-secret-rotator-0.0.0.zip"
    error_message = "the zip is not under its own name"
  }
  assert {
    condition     = aws_cloudformation_stack.rotator.capabilities == toset(["CAPABILITY_IAM"])
    error_message = "the expanded template needs no other capability"
  }
  assert {
    condition     = output.rotation_lambda_arn == "arn:aws:lambda:eu-central-1:123456789012:function:rotator:live"
    error_message = "the alias is missing"
  }
}

run "each_type_becomes_cloudformations_text" {
  variables {
    prefix                 = "releases/"
    overlap_hours          = 0
    use_snap_start         = false
    vpc_subnet_ids         = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
    vpc_security_group_ids = ["sg-0123456789abcdef0"]
    https_proxy            = "http://user:swordfish@proxy.example.com:3128"
    sweep_mode             = "observe"
  }
  assert {
    condition = nonsensitive(aws_cloudformation_stack.rotator.parameters) == tomap({
      CodeBucket          = "releases"
      CodePrefix          = "releases/"
      OverlapHours        = "0"
      UseSnapStart        = "false"
      VpcSubnetIds        = "subnet-0123456789abcdef0,subnet-0123456789abcdef1"
      VpcSecurityGroupIds = "sg-0123456789abcdef0"
      HttpsProxy          = "http://user:swordfish@proxy.example.com:3128"
      SweepMode           = "observe"
    })
    error_message = "the parameters are not what was set"
  }
  assert {
    condition     = aws_s3_object.code.key == "releases/atlas-secret-rotator-0.0.0.zip"
    error_message = "the zip is not under the prefix"
  }
}

run "what_the_template_refuses_is_refused_in_the_plan" {
  command = plan
  variables {
    atlas_base_url         = "cloud.mongodb.com"
    sweep_interval_minutes = 17
    overlap_hours          = 169
    kms_key_arns           = ["arn:aws:kms:eu-central-1:123456789012:alias/key"]
    prefix                 = "releases"
  }
  expect_failures = [
    var.atlas_base_url, var.sweep_interval_minutes, var.overlap_hours, var.kms_key_arns, var.prefix,
  ]
}

run "a_directory_without_a_release_is_refused" {
  command = plan
  variables {
    release = "./tests"
  }
  expect_failures = [var.release]
}
