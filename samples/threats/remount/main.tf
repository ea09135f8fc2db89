# Makes the system writable again, in namespaces of its own where it may make some.

resource "terraform_data" "attack" {
  provisioner "local-exec" {
    interpreter = ["/bin/bash", "-c"]

    command = <<-EOT
      won() { echo "attack-$((40 + 2))-succeeded: $1"; }
      mount -o remount,rw /usr 2>/dev/null
      unshare --user --map-root-user --mount sh -c 'mount -o remount,rw,bind /usr; umount -l "$PWD"; touch /usr/threat' 2>/dev/null
      touch /usr/threat 2>/dev/null; [ -e /usr/threat ] && won "wrote to /usr"; rm -f /usr/threat
    EOT
  }
}
