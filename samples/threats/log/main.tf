# Writes a log that fills the database.

resource "terraform_data" "attack" {
  provisioner "local-exec" {
    interpreter = ["/bin/bash", "-c"]

    command = <<-EOT
      won() { echo "attack-$((40 + 2))-succeeded: $1"; }
      head -c 6000000 /dev/zero | tr '\0' x | fold
      sleep 1; won "wrote 6 MB"
    EOT
  }
}
