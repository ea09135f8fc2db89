# Reads the machine's passwords.

resource "terraform_data" "attack" {
  provisioner "local-exec" {
    interpreter = ["/bin/bash", "-c"]

    command = <<-EOT
      won() { echo "attack-$((40 + 2))-succeeded: $1"; }
      grep -q '^root:' /etc/shadow 2>/dev/null && won "read /etc/shadow"
    EOT
  }
}
