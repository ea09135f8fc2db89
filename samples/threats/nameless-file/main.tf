# Fills the disk with a file that no directory shows.

resource "terraform_data" "attack" {
  provisioner "local-exec" {
    interpreter = ["/bin/bash", "-c"]

    command = <<-EOT
      won() { echo "attack-$((40 + 2))-succeeded: $1"; }
      exec 7> "$HOME/big"; rm "$HOME/big"
      dd if=/dev/zero bs=1M count=100 status=none >&7
      sleep 15; won "has 100 MB on the disk"
    EOT
  }
}
