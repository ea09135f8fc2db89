# Writes to the data directory: a blob, a key, a template, whatever the server may read later.

resource "terraform_data" "attack" {
  provisioner "local-exec" {
    interpreter = ["/bin/bash", "-c"]

    command = <<-EOT
      won() { echo "attack-$((40 + 2))-succeeded: $1"; }
      data=$(dirname "$(dirname "$(dirname "$PWD")")")
      for place in "$data" "$data/keys" "$data/blobs" "$data/runs"; do
        touch "$place/threat-$TFC_RUN_ID" 2>/dev/null && rm "$place/threat-$TFC_RUN_ID" && [ -e "$data/orchestrator.db" ] && won "wrote to $place"
      done
    EOT
  }
}
