# A rotated Atlas account whose secret never enters Terraform's state. README.md beside this file says what happens in which order.

terraform {
  required_version = ">= 1.8"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.40, < 7.0"
    }
    mongodbatlas = {
      # A version with without_initial_secret, so none before September 2026; an older one refuses the argument.
      source = "mongodb/mongodbatlas"
    }
  }
}

variable "release" {
  description = "Path of the directory with the release's files."
  type        = string
  default     = "./release"
}

variable "bucket" {
  description = "S3 bucket for the release's zip and template."
  type        = string
}

variable "organization_id" {
  description = "Id of the Atlas organization."
  type        = string
}

variable "admin_secret_arn" {
  description = "ARN of the stored secret with an Atlas credential that may manage the organization's service accounts. Stored by a person, not here."
  type        = string
}

module "rotator" {
  source = "../../terraform"

  release          = var.release
  bucket           = var.bucket
  admin_secret_arn = var.admin_secret_arn
}

# With an initial secret, that secret would be in the state for ever.
resource "mongodbatlas_service_account" "orders" {
  org_id                 = var.organization_id
  name                   = "orders"
  description            = "Read by the orders service; rotated by the Atlas secret rotator"
  roles                  = ["ORG_MEMBER"]
  without_initial_secret = true
}

module "orders" {
  source = "../../terraform/account"

  name            = "prod/orders/atlas"
  client_id       = mongodbatlas_service_account.orders.client_id
  organization_id = var.organization_id
  managed_tag     = module.rotator.managed_tag
  rotation        = { lambda_arn = module.rotator.rotation_lambda_arn }
  tags            = { service = "orders" }
}

output "secret_arn" {
  description = "What the service reads."
  value       = module.orders.arn
}
