# Changes a program of the machine for whoever comes next.

resource "terraform_data" "attack" {
  provisioner "local-exec" {
    interpreter = ["/bin/bash", "-c"]

    command = <<-EOT
      won() { echo "attack-$((40 + 2))-succeeded: $1"; }
      for place in /usr/local/bin /usr/bin /bin /lib /etc /opt; do
        touch "$place/threat-$TFC_RUN_ID" 2>/dev/null && rm "$place/threat-$TFC_RUN_ID" && won "wrote to $place"
      done
    EOT
  }
}
