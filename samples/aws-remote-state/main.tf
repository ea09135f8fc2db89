# Reads another team's state from S3 and publishes a report to a second bucket, with whatever credentials the run was
# given in its environment. There is no backend block: the platform keeps this configuration's own state.

terraform {
  required_version = ">= 1.11"
}

variable "region" {
  description = "Region of both buckets."
  type        = string
  default     = "eu-central-1"
}

variable "network_bucket" {
  description = "Bucket that holds network/terraform.tfstate. The plan role may read it."
  type        = string
  default     = "acme-network"
}

variable "reports_bucket" {
  description = "Bucket the report goes to. Only the apply role may write it."
  type        = string
  default     = "acme-reports"
}

data "terraform_remote_state" "network" {
  backend = "s3"

  # No keys here: they come from the environment, and so do the endpoints (AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL_STS)
  # when this is not the real AWS.
  config = {
    bucket         = var.network_bucket
    key            = "network/terraform.tfstate"
    region         = var.region
    use_path_style = true
  }
}

# A second terraform stands for any AWS client a provisioner may call: it signs its requests with the run's credentials
# and writes to the bucket. With the plan role's credentials its first PUT is refused.
resource "terraform_data" "report" {
  triggers_replace = {
    bucket = var.reports_bucket
    vpc_id = data.terraform_remote_state.network.outputs.vpc_id
  }

  provisioner "local-exec" {
    interpreter = ["/bin/sh", "-eu", "-c"]
    working_dir = path.module

    # What the platform tells the outer terraform about itself must not reach the inner one.
    command = <<-EOT
      unset TF_FORCE_LOCAL_BACKEND TFE_RUN_ID TF_WORKSPACE TF_CLI_ARGS TF_CLI_ARGS_init TF_CLI_ARGS_apply
      TF_DATA_DIR="$(mktemp -d)"
      export TF_DATA_DIR
      trap 'rm -rf "$TF_DATA_DIR"' EXIT
      terraform -chdir=publish init -input=false -no-color \
        -backend-config="bucket=$REPORTS_BUCKET" -backend-config="region=$REPORTS_REGION"
      terraform -chdir=publish apply -auto-approve -input=false -no-color
    EOT

    environment = {
      REPORTS_BUCKET    = var.reports_bucket
      REPORTS_REGION    = var.region
      TF_VAR_vpc_id     = data.terraform_remote_state.network.outputs.vpc_id
      TF_VAR_subnet_ids = jsonencode(data.terraform_remote_state.network.outputs.subnet_ids)
    }
  }
}

output "vpc_id" {
  description = "Read from the other state."
  value       = data.terraform_remote_state.network.outputs.vpc_id
}

output "subnet_ids" {
  description = "Read from the other state."
  value       = data.terraform_remote_state.network.outputs.subnet_ids
}
