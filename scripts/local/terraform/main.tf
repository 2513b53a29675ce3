# What scripts/ci-terraform.sh applies to LocalStack: the module, and two accounts without any Atlas secret.

variable "endpoint" { type = string }
variable "release" { type = string }
variable "atlas_base_url" { type = string }
variable "architecture" { type = string }
variable "project_id" { type = string }
variable "client_ids" { type = list(string) }
variable "admin_secret_arn" { type = string }

provider "aws" {
  region                      = "eu-central-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
  s3_use_path_style           = true
  endpoints {
    cloudformation = var.endpoint
    s3             = var.endpoint
    secretsmanager = var.endpoint
    sts            = var.endpoint
  }
}

resource "aws_s3_bucket" "releases" {
  bucket = "rotator-releases"
}

module "rotator" {
  source = "../../../terraform"

  release              = var.release
  bucket               = aws_s3_bucket.releases.id
  architecture         = var.architecture
  atlas_base_url       = var.atlas_base_url
  atlas_insecure_hosts = "host.docker.internal"
  admin_secret_arn     = var.admin_secret_arn
  tags                 = { owner = "platform" }
}

module "attached" {
  source = "../../../terraform/account"

  name        = "demo/attached"
  client_id   = var.client_ids[0]
  project_id  = var.project_id
  managed_tag = module.rotator.managed_tag
  rotation    = { lambda_arn = module.rotator.rotation_lambda_arn }
}

module "swept" {
  source = "../../../terraform/account"

  name        = "demo/swept"
  client_id   = var.client_ids[1]
  project_id  = var.project_id
  managed_tag = module.rotator.managed_tag
}

output "rotation_lambda_arn" {
  value = module.rotator.rotation_lambda_arn
}
