# Puts the environment of terraform itself into an output. The plan would hold the keys, and so would the state.

output "environment" {
  value = replace(file("/proc/self/environ"), "\u0000", "\n")
}
