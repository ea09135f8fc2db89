using System.Text.Json.Nodes;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Cli;

/// <summary>Several workspaces for one configuration: by tags, by tags with values, and by project.</summary>
public sealed class WorkspaceCommandTests
{
    private const string Configuration = """output "here" { value = terraform.workspace }""";

    [Fact]
    public async Task Workspaces_of_tags_are_made_listed_selected_shown_and_deleted()
    {
        var platform = await SharedPlatforms.OfAsync();
        var organization = await OrganizationAsync(platform);
        using var cli = new TerraformCli(platform);
        cli.WriteCloud(organization, """tags = ["app", "net"]""");
        cli.Write("main.tf", Configuration);
        await TestWorkspace.CreateAsync(platform.Api, organization: organization, name: "of-another-tag");

        await InitAsync(cli, "one");
        Assert.Equal(["app", "net"], await TagsAsync(platform, organization, "one"));
        (await cli.RunAsync("workspace", "new", "two")).Expect(0).ExpectSaid("Created and switched to workspace \"two\"!");
        Assert.Equal(["app", "net"], await TagsAsync(platform, organization, "two"));
        Assert.Equal("two", (await cli.RunAsync("workspace", "show")).Expect(0).Output.Trim());
        Assert.Equal(["one", "* two"], Lines((await cli.RunAsync("workspace", "list")).Expect(0)));
        (await cli.RunAsync("apply", "-auto-approve")).Expect(0).ExpectSaid("here = \"two\"");

        (await cli.RunAsync("workspace", "select", "of-another-tag")).Expect(1).ExpectSaid("doesn't exist");
        (await cli.RunAsync("workspace", "select", "one")).Expect(0).ExpectSaid("Switched to workspace \"one\".");
        (await cli.RunAsync("workspace", "select", "-or-create", "three")).Expect(0);
        (await cli.RunAsync("workspace", "delete", "two")).Expect(0).ExpectSaid("Deleted workspace \"two\"!");
        Assert.Equal(["one", "* three"], Lines((await cli.RunAsync("workspace", "list")).Expect(0)));
    }

    [Fact]
    public async Task A_workspace_that_still_manages_something_is_deleted_by_force_alone()
    {
        var platform = await SharedPlatforms.OfAsync();
        var organization = await OrganizationAsync(platform);
        using var cli = new TerraformCli(platform);
        cli.WriteCloud(organization, """tags = { env = "prod", app = "" }""");
        cli.Write("main.tf", """resource "terraform_data" "one" {}""");
        var full = await TestWorkspace.CreateAsync(platform.Api, organization: organization, name: "full");
        (await platform.Api.PatchAsync($"workspaces/{full.Id}/tag-bindings", Bindings(("env", "prod"), ("app", "")))).Expect(200);
        var other = await TestWorkspace.CreateAsync(platform.Api, organization: organization, name: "other");
        (await platform.Api.PatchAsync($"workspaces/{other.Id}/tag-bindings", Bindings(("env", "test"), ("app", "")))).Expect(200);
        await full.UploadAsync("""resource "terraform_data" "one" {}""");
        await full.ApplyAsync();

        (await cli.RunAsync("init", "-input=false")).Expect(0);
        (await cli.RunAsync("workspace", "new", "empty")).Expect(0);
        var made = (await platform.Api.GetAsync($"organizations/{organization}/workspaces/empty")).Expect(200);
        var bindings = (await platform.Api.GetAsync($"workspaces/{made.Id}/tag-bindings")).Expect(200).Json["data"]!.AsArray()
            .Select(binding => $"{binding!["attributes"]!["key"]}={binding["attributes"]!["value"]}").Order(StringComparer.Ordinal);
        Assert.Equal(["app=", "env=prod"], bindings);
        Assert.Equal(["* empty", "full"], Lines((await cli.RunAsync("workspace", "list")).Expect(0)));

        (await cli.RunAsync("workspace", "delete", "full")).Expect(1).ExpectSaid("Workspace is not empty");
        Assert.Equal(["terraform_data.one"], await full.ResourcesAsync());
        (await cli.RunAsync("workspace", "delete", "-force", "full")).Expect(0);
        (await platform.Api.GetAsync($"workspaces/{full.Id}")).ExpectError(404);
    }

    [Fact]
    public async Task A_project_and_its_workspaces_are_made_by_the_configuration_that_names_them()
    {
        var platform = await SharedPlatforms.OfAsync();
        var organization = await OrganizationAsync(platform);
        // The same tag in another project is somebody else's.
        var elsewhere = await TestWorkspace.CreateAsync(platform.Api, organization: organization, name: "elsewhere");
        (await platform.Api.PatchAsync($"workspaces/{elsewhere.Id}/tag-bindings", Bindings(("app", "")))).Expect(200);

        using var named = new TerraformCli(platform);
        named.WriteCloud(organization, "name = \"by-name\"\n      project = \"Infra\"");
        named.Write("main.tf", Configuration);
        (await named.RunAsync("init", "-input=false")).Expect(0);
        using var tagged = new TerraformCli(platform);
        tagged.WriteCloud(organization, "tags = [\"app\"]\n      project = \"Infra\"");
        tagged.Write("main.tf", Configuration);
        await InitAsync(tagged, "by-tag");

        Assert.Equal(["* by-tag"], Lines((await tagged.RunAsync("workspace", "list")).Expect(0)));
        var projects = (await platform.Api.GetAsync($"organizations/{organization}/projects?filter[names]=Infra")).Expect(200).Json["data"]!.AsArray();
        var infra = Assert.Single(projects)!["id"]!.GetValue<string>();
        foreach (var name in new[] { "by-name", "by-tag" })
        {
            Assert.Equal(infra, (await platform.Api.GetAsync($"organizations/{organization}/workspaces/{name}")).Expect(200).RelatedId("project"));
        }
        (await named.RunAsync("plan")).Expect(0).ExpectSaid("here = \"by-name\"");
    }

    /// <summary>The first init finds no workspace, and asks what the first one is to be called.</summary>
    private static async Task InitAsync(TerraformCli cli, string name)
    {
        await using var init = cli.Start("init");
        await init.WaitForAsync("Enter a value:");
        await init.AnswerAsync(name);
        (await init.EndAsync()).Expect(0);
    }

    private static async Task<string> OrganizationAsync(Platform platform)
    {
        var name = TestWorkspace.NewName("org");
        (await platform.Api.PostAsync("organizations", ApiClient.Document("organizations", new JsonObject { ["name"] = name }))).Expect(201);
        return name;
    }

    private static async Task<IEnumerable<string>> TagsAsync(Platform platform, string organization, string workspace) =>
        (await platform.Api.GetAsync($"organizations/{organization}/workspaces/{workspace}")).Expect(200)
            .Attributes["tag-names"]!.AsArray().Select(tag => tag!.GetValue<string>());

    private static JsonObject Bindings(params (string Key, string Value)[] tags) => new()
    {
        ["data"] = new JsonArray([.. tags.Select(tag => new JsonObject
        {
            ["type"] = "tag-bindings",
            ["attributes"] = new JsonObject { ["key"] = tag.Key, ["value"] = tag.Value },
        })]),
    };

    private static string[] Lines(CliAnswer answer) =>
        answer.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
