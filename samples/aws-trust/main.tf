# Creates in an AWS account what it takes to trust one workspace: the OpenID Connect provider of the platform, a role for
# its plans and a role for its applies. Run it once with an administrator's own credentials, outside the platform.

terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.81" # the first that needs no thumbprints
    }
  }
}

variable "issuer" {
  description = "The platform's issuer: what Orchestrator__Issuer is set to, https and without a closing slash."
  type        = string

  validation {
    condition     = can(regex("^https://[^:?#]+[^:?#/]$", var.issuer))
    error_message = "AWS needs an https:// address without a port, a query or a closing slash."
  }
}

variable "organization" {
  description = "Name of the organization the workspace is in."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]+$", var.organization))
    error_message = "A name has letters, digits, '_' and '-'. A wildcard would trust others as well."
  }
}

variable "project" {
  description = "Name of the project the workspace is in."
  type        = string
  default     = "Default Project"

  validation {
    condition     = can(regex("^[A-Za-z0-9_ -]+$", var.project))
    error_message = "A name has letters, digits, spaces, '_' and '-'. A wildcard would trust others as well."
  }
}

variable "workspace" {
  description = "Name of the workspace."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]+$", var.workspace))
    error_message = "A name has letters, digits, '_' and '-'. A wildcard would trust others as well."
  }
}

variable "audience" {
  description = "The audience of the workspace's tokens (TFC_AWS_WORKLOAD_IDENTITY_AUDIENCE)."
  type        = string
  default     = "aws.workload.identity"
}

variable "create_provider" {
  description = "False when the account has the provider already: there can be one for each issuer."
  type        = bool
  default     = true
}

variable "session_tags" {
  description = "True when the platform puts tags and a source identity into tokens; AWS then asks for two more actions."
  type        = bool
  default     = false
}

variable "max_session_hours" {
  description = "The longest session the roles give."
  type        = number
  default     = 1

  validation {
    condition     = var.max_session_hours >= 1 && var.max_session_hours <= 12
    error_message = "AWS allows 1 to 12 hours."
  }
}

variable "policies" {
  description = "ARNs of the policies that say what terraform may do in each phase."
  type        = object({ plan = set(string), apply = set(string) })
  default = {
    plan  = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
    apply = []
  }
}

locals {
  issuer_host = trimprefix(var.issuer, "https://")
  phases      = toset(["plan", "apply"])

  provider_arn = one(concat(
    aws_iam_openid_connect_provider.platform[*].arn,
    data.aws_iam_openid_connect_provider.platform[*].arn,
  ))

  actions = concat(
    ["sts:AssumeRoleWithWebIdentity"],
    var.session_tags ? ["sts:TagSession", "sts:SetSourceIdentity"] : [],
  )

  attachments = merge([
    for phase in local.phases : { for arn in var.policies[phase] : "${phase} ${arn}" => { phase = phase, arn = arn } }
  ]...)
}

resource "aws_iam_openid_connect_provider" "platform" {
  count = var.create_provider ? 1 : 0

  url            = var.issuer
  client_id_list = [var.audience]
}

data "aws_iam_openid_connect_provider" "platform" {
  count = var.create_provider ? 0 : 1

  url = var.issuer
}

# Each role names the whole subject of one phase, so a plan never gets what an apply may do.
resource "aws_iam_role" "phase" {
  for_each = local.phases

  name                 = "${var.workspace}-${each.key}"
  description          = "The ${each.key} phase of ${var.organization}/${var.workspace}"
  max_session_duration = var.max_session_hours * 3600

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "${title(each.key)}Phase"
        Effect = "Allow"
        Principal = {
          Federated = local.provider_arn
        }
        Action = local.actions
        Condition = {
          StringEquals = {
            "${local.issuer_host}:aud" = var.audience
            "${local.issuer_host}:sub" = "organization:${var.organization}:project:${var.project}:workspace:${var.workspace}:run_phase:${each.key}"
          }
        }
      }
    ]
  })

  lifecycle {
    precondition {
      condition     = length("${var.workspace}-${each.key}") <= 64
      error_message = "A role's name has at most 64 characters: the workspace's name is too long for '${var.workspace}-${each.key}'."
    }
  }
}

resource "aws_iam_role_policy_attachment" "phase" {
  for_each = local.attachments

  role       = aws_iam_role.phase[each.value.phase].name
  policy_arn = each.value.arn
}

output "variables" {
  description = "Environment variables to set on the workspace."
  value = {
    TFC_AWS_PROVIDER_AUTH              = "true"
    TFC_AWS_PLAN_ROLE_ARN              = aws_iam_role.phase["plan"].arn
    TFC_AWS_APPLY_ROLE_ARN             = aws_iam_role.phase["apply"].arn
    TFC_AWS_WORKLOAD_IDENTITY_AUDIENCE = var.audience
  }
}
