# Fills the disk.

resource "terraform_data" "attack" {
  provisioner "local-exec" {
    interpreter = ["/bin/bash", "-c"]

    command = <<-EOT
      won() { echo "attack-$((40 + 2))-succeeded: $1"; }
      dd if=/dev/zero of="$HOME/big" bs=1M count=100 status=none
      sleep 15; won "has 100 MB on the disk"
    EOT
  }
}
