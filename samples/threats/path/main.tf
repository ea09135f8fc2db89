# Brings programs with the names of those that make the sandbox, in a workspace whose PATH (a variable) begins with this directory.
# They would be started outside of it.

resource "terraform_data" "attack" {
  provisioner "local-exec" {
    command = "true"
  }
}
