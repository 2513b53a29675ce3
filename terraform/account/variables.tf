variable "name" {
  description = "Name of the stored secret."
  type        = string
}

variable "description" {
  description = "Description of the stored secret."
  type        = string
  default     = "MongoDB Atlas service account, rotated by the Atlas secret rotator"
}

variable "client_id" {
  description = "Client id of the Atlas service account, which need not have a secret yet."
  type        = string
  validation {
    condition     = can(regex("^mdb_sa_id_[a-fA-F0-9]{24}$", var.client_id))
    error_message = "client_id must be mdb_sa_id_ and 24 hexadecimal digits."
  }
}

variable "project_id" {
  description = "Id of the account's project; or organization_id."
  type        = string
  default     = null
}

variable "organization_id" {
  description = "Id of the account's organization; or project_id."
  type        = string
  default     = null
}

variable "managed_tag" {
  description = "Key of the tag that makes the stored secret part of the sweep: output managed_tag of the module."
  type        = string
  default     = "atlas-secret-rotator"
}

variable "rotation" {
  description = <<-EOT
    Where Secrets Manager is to rotate: lambda_arn, the output rotation_lambda_arn of the module; schedule, a schedule expression;
    and window, how long it may take to begin and repeat a rotation. null leaves rotation to the sweep.
  EOT
  type = object({
    lambda_arn = string
    schedule   = optional(string, "rate(30 days)")
    window     = optional(string, "4h")
  })
  default = null
}

variable "secret_expires_after_hours" {
  description = "Lifetime of this account's secrets, where it is not the function's."
  type        = number
  default     = null
}

variable "admin_secret_arn" {
  description = "ARN of this account's own admin credential, where it is not the function's. The function's role must be allowed to read it (additional_admin_secret_arns)."
  type        = string
  default     = null
}

variable "additional_members" {
  description = "Further members of the stored value, such as those under which a consumer reads client id and secret. Nothing secret: it is in Terraform's state."
  type        = map(string)
  default     = {}
}

variable "kms_key_id" {
  description = "KMS key of the stored secret. null means aws/secretsmanager; any other key must be in kms_key_arns of the module."
  type        = string
  default     = null
}

variable "recovery_window_in_days" {
  description = "For how many days the stored secret can be restored once it is deleted."
  type        = number
  default     = 30
}

variable "tags" {
  description = "Further tags of the stored secret."
  type        = map(string)
  default     = {}
}
