# As ../output, but not known before the apply: the plan has nothing to hide.

resource "terraform_data" "one" {}

output "environment" {
  value = terraform_data.one.id == "" ? "" : replace(file("/proc/self/environ"), "\u0000", "\n")
}
