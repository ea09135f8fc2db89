# Looks for a way to be root, which a program with the setuid bit could be.

resource "terraform_data" "attack" {
  provisioner "local-exec" {
    interpreter = ["/bin/bash", "-c"]

    command = <<-EOT
      won() { echo "attack-$((40 + 2))-succeeded: $1"; }
      cp /bin/bash "$TMPDIR/bash" && chmod u+s "$TMPDIR/bash"
      [ "$(id -u)" = 0 ] && grep -q 'CapEff:.*[1-9a-f]' /proc/self/status && won "is root"
      su -c id root < /dev/null 2>/dev/null | grep -q 'uid=0' && won "became root"
      find / -xdev -perm -4000 -type f 2>/dev/null | while read -r program; do "$program" --version < /dev/null > /dev/null 2>&1; done
      grep -q 'NoNewPrivs:.*1' /proc/self/status || won "programs can give it privileges"
    EOT
  }
}
