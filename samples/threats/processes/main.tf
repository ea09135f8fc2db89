# Starts processes until nobody else can.

resource "terraform_data" "attack" {
  provisioner "local-exec" {
    interpreter = ["/bin/bash", "-c"]

    command = <<-EOT
      won() { echo "attack-$((40 + 2))-succeeded: $1"; }
      for number in $(seq 600); do sleep 30 & done 2>/dev/null
      [ "$(jobs -r | wc -l)" -ge 600 ] && won "has 600 processes"
      kill $(jobs -p) 2>/dev/null; wait 2>/dev/null
    EOT
  }
}
