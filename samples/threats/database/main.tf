# Reads the database of the server.

resource "terraform_data" "attack" {
  provisioner "local-exec" {
    interpreter = ["/bin/bash", "-c"]

    command = <<-EOT
      won() { echo "attack-$((40 + 2))-succeeded: $1"; }
      data=$(dirname "$(dirname "$(dirname "$PWD")")")
      head -c 15 "$data/orchestrator.db" 2>/dev/null | grep -q 'SQLite format' && won "read $data/orchestrator.db"
    EOT
  }
}
