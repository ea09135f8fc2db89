# Takes memory until the machine has none.

resource "terraform_data" "attack" {
  provisioner "local-exec" {
    interpreter = ["/bin/bash", "-c"]

    command = <<-EOT
      won() { echo "attack-$((40 + 2))-succeeded: $1"; }
      perl -e '$x = "x" x 1_500_000_000; $x .= "y"; exit(length($x) > 1_500_000_000 ? 42 : 0)' 2>/dev/null
      [ $? = 42 ] && won "has 1.5 GB"
    EOT
  }
}
