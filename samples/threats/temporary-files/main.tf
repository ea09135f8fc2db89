# Fills the memory through files in it.

resource "terraform_data" "attack" {
  provisioner "local-exec" {
    interpreter = ["/bin/bash", "-c"]

    command = <<-EOT
      won() { echo "attack-$((40 + 2))-succeeded: $1"; }
      for place in /tmp /dev/shm; do
        dd if=/dev/zero of="$place/threat-$TFC_RUN_ID" bs=1M count=300 status=none 2>/dev/null && won "has 300 MB in $place"
        rm -f "$place/threat-$TFC_RUN_ID"
      done
    EOT
  }
}
