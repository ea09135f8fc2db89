# Looks for an environment that is no run's: the server's has its own secrets.

resource "terraform_data" "attack" {
  provisioner "local-exec" {
    interpreter = ["/bin/bash", "-c"]

    command = <<-EOT
      won() { echo "attack-$((40 + 2))-succeeded: $1"; }
      for process in /proc/[0-9]*; do
        environment=$(tr '\0' '\n' 2>/dev/null < "$process/environ") || continue
        [ -n "$environment" ] && ! grep -q '^ORCHESTRATOR_RUN_ID=' <<< "$environment" && won "read $process/environ" && break
      done
    EOT
  }
}
