variable "name" {
  description = "Name of the CloudFormation stack."
  type        = string
  default     = "atlas-secret-rotator"
}

variable "release" {
  description = "Path of the directory into which the files of one release were downloaded."
  type        = string
  validation {
    condition     = length(fileset(var.release, "atlas-secret-rotator-*.zip")) == 1 && fileexists("${var.release}/stack-expanded.yaml")
    error_message = "release must be a directory with stack-expanded.yaml and one atlas-secret-rotator-VERSION.zip."
  }
}

variable "bucket" {
  description = "Name of an S3 bucket in this region, into which the release's zip and template are put."
  type        = string
}

variable "prefix" {
  description = "What stands before the keys of zip and template in the bucket, such as releases/."
  type        = string
  default     = ""
  validation {
    condition     = var.prefix == "" || endswith(var.prefix, "/")
    error_message = "prefix must be empty or end with /."
  }
}

variable "tags" {
  description = "Tags of the stack, which CloudFormation puts on its resources, and of the two objects."
  type        = map(string)
  default     = {}
}
