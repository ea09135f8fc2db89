# Speaks to the kernel about the whole machine.

resource "terraform_data" "attack" {
  provisioner "local-exec" {
    interpreter = ["/bin/bash", "-c"]

    command = <<-EOT
      won() { echo "attack-$((40 + 2))-succeeded: $1"; }
      for file in /proc/sysrq-trigger /proc/sys/kernel/core_pattern /dev/kmsg /dev/mem; do [ -w "$file" ] && won "may write $file"; done
      head -c 4 /proc/kcore 2>/dev/null | grep -q ELF && won "read the kernel's memory"
    EOT
  }
}
