using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Isolation;

/// <summary>The search that every server ends with (<see cref="Platform"/>) finds what it is to find.</summary>
public sealed class PlantedSecretTests
{
    [Theory, EachDatabase]
    public async Task A_secret_that_is_stored_in_the_clear_is_found_and_one_that_is_not_is_not(DatabaseProvider provider)
    {
        await using var platform = await Platform.StartAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.SetAsync("password", Planted.Secret("variable"), sensitive: true);
        await workspace.SetEnvironmentAsync("PASSWORD", Planted.Secret("environment"));
        await workspace.UploadAsync("""
            variable "password" {
              type      = string
              sensitive = true
            }
            resource "terraform_data" "kept" { input = var.password }
            output "password" {
              value     = var.password
              sensitive = true
            }
            """);
        await workspace.ApplyAsync();

        Assert.Empty(await Planted.FindAsync(platform));
        platform.IsNotSearched = true;

        // A description is no secret, and is stored as it is.
        (await platform.Api.PatchAsync($"workspaces/{workspace.Id}", ApiClient.Document("workspaces", new JsonObject { ["description"] = Planted.Secret("description") }))).Expect(200);
        await File.WriteAllTextAsync(Path.Combine(platform.DirectoryPath, "left"), Convert.ToBase64String(Encoding.UTF8.GetBytes($"x{Planted.Secret("file")}")));
        var found = await Planted.FindAsync(platform);
        Assert.Contains(found, place => place.Contains("orkspaces", StringComparison.Ordinal) && place.EndsWith("escription", StringComparison.OrdinalIgnoreCase));
        Assert.Contains(found, place => place.EndsWith("data/left", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("ab")]
    [InlineData("user:")]
    public void A_mark_is_seen_in_every_form(string before)
    {
        var text = Encoding.UTF8.GetBytes($"{before}{Planted.Secret("x")}");

        Assert.True(Planted.IsIn(text));
        Assert.True(Planted.IsIn(Convert.ToBase64String(text)));
        Assert.True(Planted.IsIn(Convert.ToHexString(text)));
        Assert.False(Planted.IsIn("planted, but no secret"));
    }
}
