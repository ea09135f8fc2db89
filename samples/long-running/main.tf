variable "seconds" {
  type        = number
  default     = 60
  description = "How long the slow step takes."
}

resource "terraform_data" "quick" {
  count = 3
  input = "done at once (${count.index + 1} of 3)"
}

# Says something every second, so that there is a log to follow and something to cancel.
resource "terraform_data" "slow" {
  depends_on = [terraform_data.quick]
  input      = var.seconds

  provisioner "local-exec" {
    interpreter = ["/bin/sh", "-c"]
    command     = "i=0; while [ $i -lt ${var.seconds} ]; do i=$((i+1)); echo \"step $i of ${var.seconds}\"; sleep 1; done"
  }
}
