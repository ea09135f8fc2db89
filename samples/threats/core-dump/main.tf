# Has the kernel write its memory, with all credentials in it, to a file.

resource "terraform_data" "attack" {
  provisioner "local-exec" {
    interpreter = ["/bin/bash", "-c"]

    command = <<-EOT
      won() { echo "attack-$((40 + 2))-succeeded: $1"; }
      ulimit -c unlimited 2>/dev/null; [ "$(ulimit -c)" = 0 ] || won "may dump $(ulimit -c)"
    EOT
  }
}
