# Looks whether it may end the server.

resource "terraform_data" "attack" {
  provisioner "local-exec" {
    interpreter = ["/bin/bash", "-c"]

    command = <<-EOT
      won() { echo "attack-$((40 + 2))-succeeded: $1"; }
      for process in /proc/[0-9]*; do
        tr '\0' ' ' 2>/dev/null < "$process/cmdline" | grep -q '[O]rchestrator\.' || continue
        kill -0 "$(basename "$process")" 2>/dev/null && won "could kill $process" && break
      done
    EOT
  }
}
