# Looks for the credentials of whoever installed the server.

resource "terraform_data" "attack" {
  provisioner "local-exec" {
    interpreter = ["/bin/bash", "-c"]

    command = <<-EOT
      won() { echo "attack-$((40 + 2))-succeeded: $1"; }
      for home in /root /home/* /var/lib/*; do ls -A "$home" > /dev/null 2>&1 && won "sees $home" && break; done
    EOT
  }
}
