# One Atlas account's stored secret, without the secret: Terraform writes who the account is, and the function the client secret.

locals {
  account = merge(
    { clientId = var.client_id },
    var.project_id == null ? {} : { groupId = var.project_id },
    var.organization_id == null ? {} : { orgId = var.organization_id },
    var.secret_expires_after_hours == null ? {} : { secretExpiresAfterHours = var.secret_expires_after_hours },
    var.admin_secret_arn == null ? {} : { adminSecretArn = var.admin_secret_arn },
  )
}

resource "aws_secretsmanager_secret" "account" {
  name                    = var.name
  description             = var.description
  kms_key_id              = var.kms_key_id
  recovery_window_in_days = var.recovery_window_in_days
  # The tag's value is the account's client id. So whoever may tag says that an admin credential may act for this account, which
  # has no client secret yet with which it could show that.
  tags = merge(var.tags, { (var.managed_tag) = var.client_id })
}

# Another account has no client secret here yet: so what it is is stored again.
resource "terraform_data" "account" {
  input = var.client_id
}

# Terraform knows this version only, which has no client secret, and never the versions that the function stores.
resource "aws_secretsmanager_secret_version" "account" {
  secret_id     = aws_secretsmanager_secret.account.id
  secret_string = jsonencode(merge(var.additional_members, local.account))

  # A change here would be stored as AWSCURRENT, without the client secret that consumers use.
  lifecycle {
    ignore_changes       = [secret_string, version_stages]
    replace_triggered_by = [terraform_data.account]
  }
}

# Begins at once: the first rotation stores the first client secret. Without it the next sweep does.
resource "aws_secretsmanager_secret_rotation" "account" {
  count = var.rotation == null ? 0 : 1

  secret_id           = aws_secretsmanager_secret_version.account.secret_id
  rotation_lambda_arn = var.rotation.lambda_arn
  rotation_rules {
    schedule_expression = var.rotation.schedule
    duration            = var.rotation.window
  }
}
