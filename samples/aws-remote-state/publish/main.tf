# Run by the provisioner of the configuration above. Its state is the report: one object in the reports bucket.

terraform {
  required_version = ">= 1.11"

  # Bucket and region are given at init.
  backend "s3" {
    key            = "reports/network.tfstate"
    use_path_style = true
    use_lockfile   = true
  }
}

variable "vpc_id" {
  type = string
}

variable "subnet_ids" {
  type = list(string)
}

resource "terraform_data" "report" {
  input = {
    vpc_id       = var.vpc_id
    subnet_count = length(var.subnet_ids)
  }
}

output "report" {
  value = terraform_data.report.output
}
