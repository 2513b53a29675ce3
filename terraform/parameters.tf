# Made by scripts/template/terraform.py from template.yaml; scripts/ci-terraform.sh compares.

variable "atlas_base_url" {
  description = "ATLAS_BASE_URL. Base URL of Atlas; https://cloud.mongodbgov.com for Atlas for Government. Plain http only for a host in AtlasInsecureHosts."
  type        = string
  default     = null
  validation {
    condition     = var.atlas_base_url == null ? true : can(regex("^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?$", var.atlas_base_url)) && length(var.atlas_base_url) <= 100
    error_message = "atlas_base_url must be a URL with scheme, host and optional port, without a path, at most 100 characters."
  }
}

variable "atlas_insecure_hosts" {
  description = "ATLAS_INSECURE_HOSTS. Hosts that may be called without TLS, for tests against a stand-in of Atlas. Leave it empty."
  type        = string
  default     = null
  validation {
    condition     = var.atlas_insecure_hosts == null ? true : can(regex("^([A-Za-z0-9.-]+(,[A-Za-z0-9.-]+)*)?$", var.atlas_insecure_hosts)) && length(var.atlas_insecure_hosts) <= 100
    error_message = "atlas_insecure_hosts must be host names separated by commas, at most 100 characters."
  }
}

variable "secret_expires_after_hours" {
  description = "SECRET_EXPIRES_AFTER_HOURS. Lifetime of a new Atlas secret, in hours. The organization may set a lower maximum."
  type        = number
  default     = null
  validation {
    condition     = var.secret_expires_after_hours == null ? true : var.secret_expires_after_hours >= 8 && var.secret_expires_after_hours <= 8760
    error_message = "secret_expires_after_hours must be 8 to 8760."
  }
}

variable "rotate_after_hours" {
  description = "ROTATE_AFTER_HOURS. Age in hours at which the sweep rotates a secret that Secrets Manager does not rotate. Together with the longer of overlap and margin it must fit into the lifetime."
  type        = number
  default     = null
  validation {
    condition     = var.rotate_after_hours == null ? true : var.rotate_after_hours >= 4 && var.rotate_after_hours <= 8760
    error_message = "rotate_after_hours must be 4 to 8760."
  }
}

variable "overlap_hours" {
  description = "OVERLAP_HOURS. Hours for which the old secret is kept after a rotation. Not longer than RotateAfterHours."
  type        = number
  default     = null
  validation {
    condition     = var.overlap_hours == null ? true : var.overlap_hours >= 0 && var.overlap_hours <= 168
    error_message = "overlap_hours must be 0 to 168."
  }
}

variable "admin_secret_arn" {
  description = "ADMIN_SECRET_ID. A stored secret with an Atlas service account or API key that may manage the others. Empty if each account may rotate itself. It may belong to another AWS account. For an ARN of another region, the replica in this region is read."
  type        = string
  default     = null
  validation {
    condition     = var.admin_secret_arn == null ? true : can(regex("^(arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+-[A-Za-z0-9]{6})?$", var.admin_secret_arn))
    error_message = "admin_secret_arn must be the complete ARN of a stored secret, with its six random characters, or empty."
  }
}

variable "additional_admin_secret_arns" {
  description = "Complete ARNs, in this region, of the admin secrets that stored values name in adminSecretArn. They only extend the function's role; they are not passed to the function."
  type        = list(string)
  default     = null
  validation {
    condition     = var.additional_admin_secret_arns == null ? true : alltrue([for one in var.additional_admin_secret_arns : can(regex("^(arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+-[A-Za-z0-9]{6})?$", one))])
    error_message = "additional_admin_secret_arns must be complete ARNs of stored secrets, with their six random characters, separated by commas."
  }
}

variable "managed_tag" {
  description = "MANAGED_TAG. Key of the tag that makes a stored secret part of the sweep and lets the function's role use it."
  type        = string
  default     = null
  validation {
    condition     = var.managed_tag == null ? true : can(regex("^[A-Za-z0-9_.:/=+@-]{1,128}$", var.managed_tag))
    error_message = "managed_tag must be a tag key without spaces, 1 to 128 characters."
  }
}

variable "secret_name_prefix" {
  description = "SECRET_NAME_PREFIX. Limits the role and the sweep, in addition to tag and attachment, to stored secrets whose name begins with it. Empty means any name."
  type        = string
  default     = null
  validation {
    condition     = var.secret_name_prefix == null ? true : can(regex("^[A-Za-z0-9/_+=.@-]*$", var.secret_name_prefix)) && length(var.secret_name_prefix) <= 128
    error_message = "secret_name_prefix must be the beginning of a stored secret's name, of letters, digits and /_+=.@-, at most 128 characters."
  }
}

variable "kms_key_arns" {
  description = "ARNs of the customer managed KMS keys that encrypt the stored secrets and the admin secrets, also keys of other AWS accounts. Empty if they use aws/secretsmanager. An admin secret of another AWS account always has such a key."
  type        = list(string)
  default     = null
  validation {
    condition     = var.kms_key_arns == null ? true : alltrue([for one in var.kms_key_arns : can(regex("^(arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+)?$", one))])
    error_message = "kms_key_arns must be ARNs of KMS keys, not of aliases, separated by commas."
  }
}

variable "sweep_mode" {
  description = "SWEEP_MODE. observe lets the sweep report what it would do, and change nothing. Rotations by Secrets Manager and by an operator work all the same."
  type        = string
  default     = null
  validation {
    condition     = var.sweep_mode == null ? true : contains(["act", "observe"], tostring(var.sweep_mode))
    error_message = "sweep_mode must be one of act, observe."
  }
}

variable "sweep_interval_minutes" {
  description = "SWEEP_INTERVAL_MINUTES. Minutes between two sweeps. A crashed rotation is finished by the next sweep, and the alarms count in sweeps."
  type        = string
  default     = null
  validation {
    condition     = var.sweep_interval_minutes == null ? true : contains(["15", "30", "60", "120", "180", "360", "720"], tostring(var.sweep_interval_minutes))
    error_message = "sweep_interval_minutes must be one of 15, 30, 60, 120, 180, 360, 720."
  }
}

variable "rotations_per_sweep" {
  description = "ROTATIONS_PER_SWEEP. How many accounts a sweep rotates for their age alone, the nearest to expiry first. Accounts that are about to expire do not count."
  type        = number
  default     = null
  validation {
    condition     = var.rotations_per_sweep == null ? true : var.rotations_per_sweep >= 1 && var.rotations_per_sweep <= 10000
    error_message = "rotations_per_sweep must be 1 to 10000."
  }
}

variable "sweep_concurrency" {
  description = "SWEEP_CONCURRENCY. How many accounts a run works on concurrently, at most. Whatever it is, calls stay below both services' rate limits."
  type        = number
  default     = null
  validation {
    condition     = var.sweep_concurrency == null ? true : var.sweep_concurrency >= 1 && var.sweep_concurrency <= 64
    error_message = "sweep_concurrency must be 1 to 64."
  }
}

variable "use_work_queue" {
  description = "WORK_QUEUE_URL. true creates an SQS queue; the sweep then enqueues its work instead of doing it in one run. It needs TimeoutSeconds 300, or SweepIntervalMinutes 120 or more."
  type        = bool
  default     = null
}

variable "work_queue_concurrency" {
  description = "WORK_QUEUE_CONCURRENCY. How many runs of the function process the queue at once. Each has its own SweepConcurrency; the rate limits of Secrets Manager are divided among them."
  type        = number
  default     = null
  validation {
    condition     = var.work_queue_concurrency == null ? true : var.work_queue_concurrency >= 2 && var.work_queue_concurrency <= 1000
    error_message = "work_queue_concurrency must be 2 to 1000."
  }
}

variable "alarm_topic_arn" {
  description = "SNS topic that the alarms notify. If it is empty, the alarms notify nobody."
  type        = string
  default     = null
  validation {
    condition     = var.alarm_topic_arn == null ? true : can(regex("^(arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+)?$", var.alarm_topic_arn))
    error_message = "alarm_topic_arn must be of the form ^(arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+)?$."
  }
}

variable "create_alarms" {
  description = "false leaves the CloudWatch alarms out."
  type        = bool
  default     = null
}

variable "create_dashboard" {
  description = "false leaves the CloudWatch dashboard out."
  type        = bool
  default     = null
}

variable "send_reports" {
  description = "Send the report of every scheduled sweep to EventBridge (source lambda, the report in detail.responsePayload). A rule on its field notify can mail the summary; examples/notify has one."
  type        = bool
  default     = null
}

variable "report_bus_name" {
  description = "The event bus that gets the reports."
  type        = string
  default     = null
  validation {
    condition     = var.report_bus_name == null ? true : can(regex("^[A-Za-z0-9._/-]{1,256}$", var.report_bus_name))
    error_message = "report_bus_name must be the name of an event bus of this account and region."
  }
}

variable "promotion_target_arn" {
  description = "Target that gets an event (Secret Label Updated) after AWSCURRENT of a stored secret moved: of every stored secret whose name begins with SecretNamePrefix, managed or not. An SNS topic, a queue or a function; its resource policy must allow events.amazonaws.com. Empty means no rule."
  type        = string
  default     = null
  validation {
    condition     = var.promotion_target_arn == null ? true : can(regex("^(arn:aws[a-z-]*:[a-z]+:[a-z0-9-]*:[0-9]{12}:.+)?$", var.promotion_target_arn))
    error_message = "promotion_target_arn must be an ARN, or empty."
  }
}

variable "log_retention_days" {
  description = "How long the logs are kept, in days."
  type        = number
  default     = null
  validation {
    condition     = var.log_retention_days == null ? true : contains(["1", "3", "5", "7", "14", "30", "60", "90", "120", "150", "180", "365", "400", "545", "731", "1096", "1827", "2192", "2557", "2922", "3288", "3653"], tostring(var.log_retention_days))
    error_message = "log_retention_days must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653."
  }
}

variable "function_name" {
  description = "Name of the function and of its schedule. If it is empty, CloudFormation generates one from the stack's name. Another name is another function: stored secrets must be attached to it again."
  type        = string
  default     = null
  validation {
    condition     = var.function_name == null ? true : can(regex("^[A-Za-z0-9_-]{0,64}$", var.function_name))
    error_message = "function_name must be letters, digits, hyphens and underscores, at most 64."
  }
}

variable "architecture" {
  description = "Processor of the function. arm64 costs a fifth less. For sam local choose your own machine's."
  type        = string
  default     = null
  validation {
    condition     = var.architecture == null ? true : contains(["arm64", "x86_64"], tostring(var.architecture))
    error_message = "architecture must be one of arm64, x86_64."
  }
}

variable "memory_size" {
  description = "Memory of the function in MB. Lambda allocates CPU in proportion to it."
  type        = number
  default     = null
  validation {
    condition     = var.memory_size == null ? true : var.memory_size >= 512 && var.memory_size <= 10240
    error_message = "memory_size must be 512 to 10240."
  }
}

variable "timeout_seconds" {
  description = "FUNCTION_TIMEOUT_SECONDS. Time-out of the function, in seconds. A sweep begins an account only while there is time to finish it: up to second 178 of 300, second 478 of 600, second 778 of 900. Accounts that it does not reach are left to the next sweep. With UseWorkQueue and hourly sweeps it must be 300."
  type        = number
  default     = null
  validation {
    condition     = var.timeout_seconds == null ? true : contains(["300", "600", "900"], tostring(var.timeout_seconds))
    error_message = "timeout_seconds must be one of 300, 600, 900."
  }
}

variable "use_snap_start" {
  description = "Use Lambda SnapStart. No effect in regions without it: China, GovCloud, Asia Pacific (New Zealand) and Asia Pacific (Taipei). In a region newer than this list, choose false."
  type        = bool
  default     = null
}

variable "vpc_subnet_ids" {
  description = "Private subnets for the function, if Atlas accepts calls only from known addresses. They need a route to Atlas and to Secrets Manager. Empty means no VPC."
  type        = list(string)
  default     = null
  validation {
    condition     = var.vpc_subnet_ids == null ? true : alltrue([for one in var.vpc_subnet_ids : can(regex("^(subnet-[0-9a-f]{8,17})?$", one))])
    error_message = "vpc_subnet_ids must be ids of subnets, separated by commas."
  }
}

variable "vpc_security_group_ids" {
  description = "Security groups of the function in these subnets."
  type        = list(string)
  default     = null
  validation {
    condition     = var.vpc_security_group_ids == null ? true : alltrue([for one in var.vpc_security_group_ids : can(regex("^(sg-[0-9a-f]{8,17})?$", one))])
    error_message = "vpc_security_group_ids must be ids of security groups, separated by commas."
  }
}

variable "secrets_manager_endpoint_url" {
  description = "AWS_ENDPOINT_URL_SECRETS_MANAGER. For an interface endpoint without private DNS, or an emulator. Empty means AWS's own endpoint."
  type        = string
  default     = null
  validation {
    condition     = var.secrets_manager_endpoint_url == null ? true : can(regex("^(https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?)?$", var.secrets_manager_endpoint_url)) && length(var.secrets_manager_endpoint_url) <= 200
    error_message = "secrets_manager_endpoint_url must be a URL with scheme, host and optional port, without a path, at most 200 characters."
  }
}

variable "https_proxy" {
  description = "HTTPS_PROXY. The proxy through which Atlas and AWS are called, http://HOST:PORT or http://USER:PASSWORD@HOST:PORT. Empty means none. A new password takes effect only if another parameter, such as NoProxy, changes too: the password must not appear in the version's description, which triggers a new version."
  type        = string
  default     = null
  sensitive   = true
  validation {
    condition     = var.https_proxy == null ? true : can(regex("^(http://([^/?#@ ]{1,200}@)?[A-Za-z0-9.-]{1,100}(:[0-9]{1,5})?)?$", var.https_proxy))
    error_message = "https_proxy must be http://HOST:PORT, optionally with USER:PASSWORD@ before the host, each percent-encoded."
  }
}

variable "http_proxy" {
  description = "HTTP_PROXY. The same for calls without TLS, such as to an emulator. Leave it empty."
  type        = string
  default     = null
  sensitive   = true
  validation {
    condition     = var.http_proxy == null ? true : can(regex("^(http://([^/?#@ ]{1,200}@)?[A-Za-z0-9.-]{1,100}(:[0-9]{1,5})?)?$", var.http_proxy))
    error_message = "http_proxy must be http://HOST:PORT, optionally with USER:PASSWORD@ before the host, each percent-encoded."
  }
}

variable "no_proxy" {
  description = "NO_PROXY. Hosts that are called without the proxy, such as .amazonaws.com where Secrets Manager has an interface endpoint."
  type        = string
  default     = null
  validation {
    condition     = var.no_proxy == null ? true : can(regex("^[A-Za-z0-9._*:/,\\[\\] -]*$", var.no_proxy)) && length(var.no_proxy) <= 300
    error_message = "no_proxy must be hosts separated by commas, at most 300 characters."
  }
}

variable "trust_store_layer_arn" {
  description = "JAVA_TOOL_OPTIONS. ARN of a layer version with the file cacerts, the certificate authorities that are trusted instead of Java's own, for a proxy that inspects TLS. docs/runbook.md says how to create it."
  type        = string
  default     = null
  validation {
    condition     = var.trust_store_layer_arn == null ? true : can(regex("^(arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:layer:[A-Za-z0-9_-]+:[0-9]+)?$", var.trust_store_layer_arn))
    error_message = "trust_store_layer_arn must be the ARN of a layer version."
  }
}

locals {
  # Of the stack's parameters those that are set.
  parameters = merge(
    { for name, value in local.plain_parameters : name => value if value != null },
    nonsensitive(var.https_proxy == null) ? {} : { HttpsProxy = var.https_proxy },
    nonsensitive(var.http_proxy == null) ? {} : { HttpProxy = var.http_proxy },
  )
  plain_parameters = {
    AtlasBaseUrl              = var.atlas_base_url
    AtlasInsecureHosts        = var.atlas_insecure_hosts
    SecretExpiresAfterHours   = tostring(var.secret_expires_after_hours)
    RotateAfterHours          = tostring(var.rotate_after_hours)
    OverlapHours              = tostring(var.overlap_hours)
    AdminSecretArn            = var.admin_secret_arn
    AdditionalAdminSecretArns = var.additional_admin_secret_arns == null ? null : join(",", var.additional_admin_secret_arns)
    ManagedTag                = var.managed_tag
    SecretNamePrefix          = var.secret_name_prefix
    KmsKeyArns                = var.kms_key_arns == null ? null : join(",", var.kms_key_arns)
    SweepMode                 = var.sweep_mode
    SweepIntervalMinutes      = var.sweep_interval_minutes
    RotationsPerSweep         = tostring(var.rotations_per_sweep)
    SweepConcurrency          = tostring(var.sweep_concurrency)
    UseWorkQueue              = tostring(var.use_work_queue)
    WorkQueueConcurrency      = tostring(var.work_queue_concurrency)
    AlarmTopicArn             = var.alarm_topic_arn
    CreateAlarms              = tostring(var.create_alarms)
    CreateDashboard           = tostring(var.create_dashboard)
    SendReports               = tostring(var.send_reports)
    ReportBusName             = var.report_bus_name
    PromotionTargetArn        = var.promotion_target_arn
    LogRetentionDays          = tostring(var.log_retention_days)
    FunctionName              = var.function_name
    Architecture              = var.architecture
    MemorySize                = tostring(var.memory_size)
    TimeoutSeconds            = tostring(var.timeout_seconds)
    UseSnapStart              = tostring(var.use_snap_start)
    VpcSubnetIds              = var.vpc_subnet_ids == null ? null : join(",", var.vpc_subnet_ids)
    VpcSecurityGroupIds       = var.vpc_security_group_ids == null ? null : join(",", var.vpc_security_group_ids)
    SecretsManagerEndpointUrl = var.secrets_manager_endpoint_url
    NoProxy                   = var.no_proxy
    TrustStoreLayerArn        = var.trust_store_layer_arn
  }
}
