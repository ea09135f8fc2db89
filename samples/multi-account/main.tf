# Reads two states that are in two AWS accounts, each with the credentials of its own tag. An AWS provider would take the
# same argument, shared_config_files; the s3 backend stands for it, because it needs no download.

terraform {
  required_version = ">= 1.11"
}

# The platform fills this in: a file for each tag, and one for the configuration without a tag, when there is one.
variable "tfc_aws_dynamic_credentials" {
  description = "Shared config files that hold the credentials of this phase."
  type = object({
    default = object({ shared_config_file = string })
    aliases = map(object({ shared_config_file = string }))
  })
}

variable "region" {
  description = "Region of both buckets."
  type        = string
  default     = "eu-central-1"
}

data "terraform_remote_state" "network" {
  backend = "s3"

  config = {
    bucket              = "acme-network"
    key                 = "network/terraform.tfstate"
    region              = var.region
    use_path_style      = true
    shared_config_files = [var.tfc_aws_dynamic_credentials.aliases["NETWORK"].shared_config_file]
  }
}

data "terraform_remote_state" "billing" {
  backend = "s3"

  config = {
    bucket              = "acme-billing"
    key                 = "budget/terraform.tfstate"
    region              = var.region
    use_path_style      = true
    shared_config_files = [var.tfc_aws_dynamic_credentials.aliases["BILLING"].shared_config_file]
  }
}

resource "terraform_data" "report" {
  input = {
    vpc_id         = data.terraform_remote_state.network.outputs.vpc_id
    monthly_budget = data.terraform_remote_state.billing.outputs.monthly_budget
  }
}

output "vpc_id" {
  description = "From account 123456789012."
  value       = data.terraform_remote_state.network.outputs.vpc_id
}

output "monthly_budget" {
  description = "From account 111122223333."
  value       = data.terraform_remote_state.billing.outputs.monthly_budget
}
