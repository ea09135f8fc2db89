variable "who" {
  type    = string
  default = "world"
}

# Ten small things that need no cloud: the built-in resource remembers what it was given.
resource "terraform_data" "greeting" {
  count = 10
  input = "Hello, ${var.who}! (${count.index + 1} of 10)"
}

output "greetings" {
  value = terraform_data.greeting[*].output
}
