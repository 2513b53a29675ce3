locals {
  zip      = one(fileset(var.release, "atlas-secret-rotator-*.zip"))
  template = "${var.release}/stack-expanded.yaml"
}

data "aws_s3_bucket" "release" {
  bucket = var.bucket
}

# The template names the zip of its own release: under this key and no other.
resource "aws_s3_object" "code" {
  bucket      = data.aws_s3_bucket.release.id
  key         = "${var.prefix}${local.zip}"
  source      = "${var.release}/${local.zip}"
  source_hash = filesha256("${var.release}/${local.zip}")
  tags        = var.tags
}

# Longer than what CloudFormation takes directly. Its key changes with its content, which is how the stack notices.
resource "aws_s3_object" "template" {
  bucket       = data.aws_s3_bucket.release.id
  key          = "${var.prefix}stack-expanded-${substr(filesha256(local.template), 0, 16)}.yaml"
  source       = local.template
  content_type = "application/yaml"
  tags         = var.tags
}

resource "aws_cloudformation_stack" "rotator" {
  name         = var.name
  template_url = "https://${data.aws_s3_bucket.release.bucket_regional_domain_name}/${aws_s3_object.template.key}"
  capabilities = ["CAPABILITY_IAM"]
  tags         = var.tags
  parameters = merge(local.parameters, {
    CodeBucket = data.aws_s3_bucket.release.id
    CodePrefix = var.prefix
  })

  depends_on = [aws_s3_object.code]
}
