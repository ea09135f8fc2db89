using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;

namespace Orchestrator.BrowserTests.Screenshots;

/// <summary>Configurations of the built-in provider that read like people's.</summary>
internal static class Configurations
{
    private const string Readme = """
        # Payments

        What the shop needs to take money: **sessions**, a *ledger*, and the gateways.

        - [Runbook](https://example.com/runbook)
        - [A link that must not run](javascript:alert(1))

        | stage | owner |
        | --- | --- |
        | production | payments |

        ```hcl
        module "payments" { source = "./payments" }
        ```

        <script>alert("never")</script>
        ![never loaded](https://example.com/tracker.png)
        """;

    public static byte[] Broken => Archives.Of("""
        variable "range" { default = "10.300.0.0/16" }
        resource "terraform_data" "report" {
          input = "monthly"
          lifecycle {
            precondition {
              condition     = can(cidrhost(var.range, 1))
              error_message = "The address range 10.300.0.0/16 is none: each part of an address is 255 at most."
            }
          }
        }
        """);

    public static byte[] Before => Archives.Of(("main.tf", """
        variable "api_key" {
          type      = string
          sensitive = true
        }
        resource "terraform_data" "network" { input = { cidr = "10.20.0.0/16", zones = ["a", "b", "c"] } }
        resource "terraform_data" "sessions" {
          input            = { engine = "redis", version = "6.2", nodes = 2, network = terraform_data.network.id }
          triggers_replace = "v1"
        }
        resource "terraform_data" "ledger" { input = "postgres 12, 400 GiB, encrypted" }
        resource "terraform_data" "gateway" {
          for_each = toset(["visa", "giro", "crypto"])
          input    = { name = each.key, key = var.api_key, timeout = 30, network = terraform_data.network.id }
        }
        resource "terraform_data" "old_name" { input = "alerts@example.com" }
        output "endpoint" { value = "https://pay.example.com" }
        output "gateways" { value = keys(terraform_data.gateway) }
        """), ("README.md", Readme));

    public static byte[] After => Archives.Of(("main.tf", """
        variable "api_key" {
          type      = string
          sensitive = true
        }
        resource "terraform_data" "network" { input = { cidr = "10.20.0.0/16", zones = ["a", "b", "c"] } }
        resource "terraform_data" "sessions" {
          input            = { engine = "valkey", version = "8.0", nodes = 3, network = terraform_data.network.id }
          triggers_replace = "v2"
        }
        resource "terraform_data" "gateway" {
          for_each = toset(["visa", "giro"])
          input    = { name = each.key, key = var.api_key, timeout = 45, network = terraform_data.network.id }
        }
        resource "terraform_data" "worker" {
          count = 3
          input = { sessions = terraform_data.sessions.id, gateways = [for gateway in terraform_data.gateway : gateway.id], size = "medium" }
        }
        resource "terraform_data" "alerts" { input = "alerts@example.com" }
        resource "terraform_data" "archive" { input = "kept" }
        moved {
          from = terraform_data.old_name
          to   = terraform_data.alerts
        }
        import {
          to = terraform_data.archive
          id = "archive-2019"
        }
        output "endpoint" { value = "https://pay.example.com/v2" }
        output "gateways" { value = keys(terraform_data.gateway) }
        output "workers" { value = terraform_data.worker[*].id }
        """), ("README.md", Readme));

    public static byte[] Growing(int zones) => Archives.Of(string.Create(CultureInfo.InvariantCulture, $$"""
        resource "terraform_data" "network" { input = "10.0.0.0/8" }
        resource "terraform_data" "subnet" {
          count = {{zones}}
          input = { zone = count.index, range = cidrsubnet("10.0.0.0/8", 8, count.index), network = terraform_data.network.id }
        }
        output "ranges" { value = terraform_data.subnet[*].input.range }
        """));

    public static byte[] Large(int tables) => Archives.Of(string.Create(CultureInfo.InvariantCulture, $$"""
        resource "terraform_data" "database" { input = "warehouse" }
        resource "terraform_data" "table" {
          count = {{tables}}
          input = { database = terraform_data.database.id, name = "table_${count.index}", columns = ["id", "at", "value"] }
        }
        """));

    public static byte[] Talkative(int lines) => Archives.Of(string.Create(CultureInfo.InvariantCulture, $$"""
        resource "terraform_data" "talkative" {
          provisioner "local-exec" { command = "seq -f 'renewed certificate %.0f of {{lines}}' 1 {{lines}}" }
        }
        """));

    public static byte[] OfSample(string name)
    {
        using var packed = new MemoryStream();
        using (var zipped = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            TarFile.CreateFromDirectory(Path.Combine(AppContext.BaseDirectory, "samples", name), zipped, includeBaseDirectory: false);
        }
        return packed.ToArray();
    }
}
