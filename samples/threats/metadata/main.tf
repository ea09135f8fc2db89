# Asks the cloud for the credentials of the machine itself.

resource "terraform_data" "attack" {
  provisioner "local-exec" {
    interpreter = ["/bin/bash", "-c"]

    command = <<-EOT
      won() { echo "attack-$((40 + 2))-succeeded: $1"; }
      timeout 3 bash -c 'exec 3<> /dev/tcp/169.254.169.254/80 && printf "GET /latest/meta-data/ HTTP/1.0\r\n\r\n" >&3 && head -n 1 <&3' 2>/dev/null | grep -q HTTP && won "the metadata service answers"
    EOT
  }
}
