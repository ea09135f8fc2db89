# Everything a configuration can think of to write its secrets into its own log.

variable "listener" {
  description = "A port on loopback that is to receive the token for the state; 0 for none. Tests use it to know what to search for."
  type        = number
  default     = 0
}

resource "terraform_data" "dump" {
  provisioner "local-exec" {
    interpreter = ["/bin/bash", "-c"]

    command = <<-EOT
      if [ ${var.listener} != 0 ]; then
        printf '%s' "$TF_TOKEN_orchestrator_internal" > /dev/tcp/127.0.0.1/${var.listener}
      fi
      echo '--- environment'; env
      echo '--- processes'; cat /proc/*/environ | tr '\0' '\n'; cat /proc/*/cmdline | tr '\0' '\n'
      echo '--- files'; find .. "$HOME" "$TMPDIR" ../../credentials -type f -not -name '*.tfplan' -exec cat {} + 2>/dev/null
      printf -- '--- %s\n' base64; env | base64 -w0; echo
      for name in AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_CONTAINER_AUTHORIZATION_TOKEN; do
        printf '%s' "x$${!name:-}" | base64 -w0; printf '%s' "$${!name:-}" | base64 -w0
      done
      echo; printf 'split %s\n' "$AWS_SECRET_ACCESS_KEY" >&2
      find ../credentials -type f -exec base64 -w0 {} + 2>/dev/null
      echo "key id $AWS_ACCESS_KEY_ID"
    EOT
  }
}
