# Makes a device of its own, to read the disk below all files.

resource "terraform_data" "attack" {
  provisioner "local-exec" {
    interpreter = ["/bin/bash", "-c"]

    command = <<-EOT
      won() { echo "attack-$((40 + 2))-succeeded: $1"; }
      number=$(sed -n 's/^ *\([0-9]*\) *\([0-9]*\) .*/\1 \2/p' /proc/partitions | head -n 1)
      mknod "$TMPDIR/disk" b $number 2>/dev/null && won "made a device"; rm -f "$TMPDIR/disk"
    EOT
  }
}
