# Leaves a process behind that looks like nobody's.

resource "terraform_data" "attack" {
  provisioner "local-exec" {
    interpreter = ["/bin/bash", "-c"]

    command = <<-EOT
      won() { echo "attack-$((40 + 2))-succeeded: $1"; }
      env -i setsid --fork /bin/sh -c 'exec sleep 4719' < /dev/null > /dev/null 2>&1
    EOT
  }
}
