# Looks for another run beside its own, and reads what is in its directory.

resource "terraform_data" "attack" {
  provisioner "local-exec" {
    interpreter = ["/bin/bash", "-c"]

    command = <<-EOT
      won() { echo "attack-$((40 + 2))-succeeded: $1"; }
      for other in ../../run-*; do
        [ "$(basename "$other")" = "$TFC_RUN_ID" ] || { grep -qs . "$other"/configuration/*.tf && won "read $other"; }
      done
    EOT
  }
}
