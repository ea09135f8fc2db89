# Looks at the command lines of everybody else.

resource "terraform_data" "attack" {
  provisioner "local-exec" {
    interpreter = ["/bin/bash", "-c"]

    command = <<-EOT
      won() { echo "attack-$((40 + 2))-succeeded: $1"; }
      [ "$(ls -d /proc/[0-9]* | wc -l)" -gt 40 ] && won "sees $(ls -d /proc/[0-9]* | wc -l) processes"
    EOT
  }
}
