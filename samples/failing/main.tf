# Plans well, and fails when it is applied: what comes before the failure stays in the state.
resource "terraform_data" "fine" {
  input = "made before the failure"
}

resource "terraform_data" "broken" {
  depends_on = [terraform_data.fine]

  provisioner "local-exec" {
    command = "echo 'this is what a failing step looks like' >&2; exit 1"
  }
}
