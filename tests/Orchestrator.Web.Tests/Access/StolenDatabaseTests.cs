using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Data.Secrets;
using Orchestrator.Web.Access;
using Orchestrator.Web.Tests.Organizations;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Access;

/// <summary>Secrets are put everywhere where an installation takes them, real runs handle them, and then somebody takes the database and the
/// blobs away.</summary>
public sealed class StolenDatabaseTests
{
    [Theory, EachDatabase]
    public async Task Whoever_steals_the_database_and_the_blobs_has_no_secret(DatabaseProvider provider)
    {
        var keyFile = Path.GetTempFileName();
        await File.WriteAllBytesAsync(keyFile, RandomNumberGenerator.GetBytes(64));
        var platform = await Platform.StartAsync(provider, ("Orchestrator:KeyRing:KeyFile", keyFile));
        try
        {
            var planted = new Dictionary<string, string>();
            var workspace = await PlantAsync(platform, planted);

            var loot = provider == DatabaseProvider.Sqlite ? RawFiles(platform.DirectoryPath) : await DumpAsync(platform);

            // What is no secret is found, so a secret would be.
            Assert.Contains(loot, piece => Holds(piece.Content, Encoding.UTF8.GetBytes(workspace.Name)));
            Assert.NotEmpty(planted);
            var found = from secret in planted
                        from form in FormsOf(secret.Value)
                        from piece in loot
                        where Holds(piece.Content, form)
                        select $"{secret.Key} in {piece.Name}";
            Assert.Empty(found.Distinct());
            // Nor does the ring open anything by itself.
            Assert.DoesNotContain(loot.Concat(provider == DatabaseProvider.Sqlite ? RawFiles(platform.DirectoryPath, "keys") : []), piece => Holds(piece.Content, "<masterKey"u8.ToArray()) && Holds(piece.Content, "<value>"u8.ToArray()));
            // The installation's own check finds as little, in what it can open.
            var report = await platform.Get<SecretCheck>().CheckAsync(CancellationToken.None);
            Assert.True(report.IsClean, string.Join('\n', report.InTheClear));
            Assert.True(report.Values > 10);
            // And after a rotation, everything is still there, and the check finds the one key alone.
            var rotation = await platform.Get<SecretRotation>().RotateAsync(resume: false, deleteOld: true, wait: null, CancellationToken.None);
            Assert.Empty(rotation.Left);
            Assert.Empty((await platform.Get<SecretCheck>().CheckAsync(CancellationToken.None)).Notes);
            await (await workspace.StartAsync()).ReachAsync("planned");
        }
        finally
        {
            await platform.DisposeAsync();
            File.Delete(keyFile);
        }
        platform.ExpectNoLoggedErrors();
    }

    private static async Task<TestWorkspace> PlantAsync(Platform platform, Dictionary<string, string> planted)
    {
        string Plant(string where) => planted[where] = $"planted-{RandomNumberGenerator.GetHexString(24, lowercase: true)}";
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.SetAsync("password", Plant("a sensitive variable"), sensitive: true);
        await workspace.SetAsync("greeting", Plant("a variable that is not sensitive"));
        await workspace.SetAsync("TOKEN", Plant("an environment variable"), "env", sensitive: true);
        await platform.Api.CreateSetAsync(workspace.Organization, "set", new JsonObject { ["global"] = true },
            ("vars", new JsonArray(TestVariableSets.Variable("from_set", Plant("a variable of a set"), sensitive: true))));
        (await platform.Api.PostAsync($"organizations/{workspace.Organization}/ssh-keys", ApiClient.Document(
            "ssh-keys", new JsonObject { ["name"] = "git", ["value"] = SshKeyTests.Key }))).Expect(201);
        planted["a line of an SSH key"] = SshKeyTests.Key.Split('\n').Select(line => line.Trim()).Where(line => !line.StartsWith('-')).MaxBy(line => line.Length)!;
        (await platform.Api.PostAsync($"workspaces/{workspace.Id}/notification-configurations", ApiClient.Document("notification-configurations", new JsonObject
        {
            ["name"] = "Ops", ["destination-type"] = "generic", ["url"] = $"https://example.com/{Plant("the address of a notification")}", ["token"] = Plant("the token of a notification"), ["enabled"] = false,
        }))).Expect(201);
        (await platform.Api.PostAsync($"organizations/{workspace.Organization}/oauth-clients", ApiClient.Document("oauth-clients", new JsonObject
        {
            ["service-provider"] = "git", ["http-url"] = "https://git.example", ["oauth-token-string"] = Plant("the token of a connection"), ["webhook-secret"] = Plant("a webhook's secret"),
        }))).Expect(201);
        foreach (var (where, path) in new[] { ("the token of an organisation", $"organizations/{workspace.Organization}/authentication-token"), ("the token of a user", $"users/{User.AdminId}/authentication-tokens") })
        {
            planted[where] = (await platform.Api.PostAsync(path)).Expect(201).Attributes["token"]!.GetValue<string>();
        }
        planted["the admin's token"] = Platform.AdminToken;
        planted["a sign-in code"] = (await platform.Get<SignInLinks>().MakeAsync(User.AdminId, CancellationToken.None)).Split('/')[^1];
        await workspace.UploadAsync($$"""
            variable "password" { sensitive = true }
            variable "greeting" {}
            variable "from_set" { sensitive = true }
            # {{Plant("the text of a configuration")}}
            resource "terraform_data" "one" {
              input = "{{Plant("a value in a configuration")}}"
              triggers_replace = [var.password, var.from_set, timestamp()]
              provisioner "local-exec" { command = "echo {{Plant("what a program prints")}} $TOKEN ${var.greeting}" }
            }
            output "secret" {
              value     = "${var.password}-out"
              sensitive = true
            }
            output "plain" { value = "{{Plant("an output that is not sensitive")}}" }
            """);
        var own = Plant("a variable of a run");
        var run = await workspace.StartAsync(new JsonObject
        {
            ["message"] = $"Message with {planted["a sensitive variable"]} in it",
            ["variables"] = new JsonArray(new JsonObject { ["key"] = "greeting", ["value"] = $"\"{own}\"" }),
        });
        await run.ReachAsync("planned");
        (await platform.Api.PostAsync($"runs/{run.Id}/comments", ApiClient.Document(
            "comments", new JsonObject { ["body"] = $"Is {planted["an environment variable"]} right?" }))).Expect(201);
        (await run.ActAsync("apply", $"Because of {planted["a variable of a set"]}")).Expect(202);
        await run.ReachAsync("applied");
        Assert.Contains(planted["what a program prints"], await run.LogAsync("apply"), StringComparison.Ordinal);
        Assert.Equal($"\"{planted["a sensitive variable"]}-out\"", await workspace.OutputAsync("secret"));
        return workspace;
    }

    /// <summary>As it is, as UTF-16, as hexadecimal digits, and as base64 at each of its three alignments, without the ends that its neighbours change.</summary>
    private static IEnumerable<byte[]> FormsOf(string secret)
    {
        var bytes = Encoding.UTF8.GetBytes(secret);
        yield return bytes;
        yield return Encoding.Unicode.GetBytes(secret);
        yield return Encoding.ASCII.GetBytes(Convert.ToHexStringLower(bytes));
        for (var shift = 0; shift < 3; shift++)
        {
            yield return Encoding.ASCII.GetBytes(Convert.ToBase64String([.. new byte[shift], .. bytes])[4..^4]);
        }
    }

    private static bool Holds(byte[] content, byte[] form) => content.AsSpan().IndexOf(form) >= 0;

    /// <summary>The database with its journal, and everything that lies beside it, except what only the machine's owner reads.</summary>
    private static List<(string Name, byte[] Content)> RawFiles(string directory, string folder = "") =>
    [
        .. Directory.EnumerateFiles(Path.Combine(directory, folder), "*", SearchOption.AllDirectories)
            .Where(path => folder.Length > 0 || !path.StartsWith(Path.Combine(directory, "keys"), StringComparison.Ordinal))
            .Where(path => !path.EndsWith(".lock", StringComparison.Ordinal))
            .Select(path =>
            {
                using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                using var content = new MemoryStream();
                file.CopyTo(content);
                return (Path.GetRelativePath(directory, path), content.ToArray());
            }),
    ];

    /// <summary>Every row of every table as text, bytes as hexadecimal digits, as a dump has them.</summary>
    private static async Task<List<(string Name, byte[] Content)>> DumpAsync(Platform platform)
    {
        await using var db = platform.Open();
        var pieces = RawFiles(platform.DirectoryPath);
        foreach (var table in await db.Database.SqlQueryRaw<string>("SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) AS \"Value\" FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')").ToListAsync())
        {
#pragma warning disable EF1002 // The database's own name of a table, quoted by it.
            foreach (var row in await db.Database.SqlQueryRaw<string>($"SELECT row_to_json(t)::text AS \"Value\" FROM {table} t").ToListAsync())
            {
                pieces.Add((table, Encoding.UTF8.GetBytes(row)));
            }
#pragma warning restore EF1002
        }
        return pieces;
    }
}
