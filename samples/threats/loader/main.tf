# Needs the workspace's environment variables LD_DEBUG=files and LD_DEBUG_OUTPUT=../../../loader: the loader of every program that sees
# them writes a file there. Of the programs that make the sandbox, that is the data directory.

resource "terraform_data" "attack" {
  provisioner "local-exec" {
    command = "true"
  }
}
