using System.Text.Json.Nodes;
using Orchestrator.Data;
using Orchestrator.States;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Api;

public sealed class StateOutputTests
{
    [Theory, EachDatabase]
    public async Task Sensitive_values_are_told_one_by_one_and_in_no_list(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var (workspace, version) = await PushedAsync(platform, new JsonObject
        {
            ["plain"] = Output("\"open\"", "\"string\""),
            ["secret"] = Output("\"hidden\"", "\"string\"", sensitive: true),
        });

        foreach (var list in new[] { $"workspaces/{workspace.Id}/current-state-version-outputs", $"state-versions/{version}/outputs" })
        {
            var outputs = (await platform.Api.GetAsync(list)).Expect(200);
            Assert.DoesNotContain("hidden", outputs.Text, StringComparison.Ordinal);
            Assert.Equal(["open", null], outputs.Json["data"]!.AsArray().Select(output => output!["attributes"]!["value"]?.GetValue<string>()));
            var secret = outputs.Json["data"]![1]!["id"]!.GetValue<string>();
            var alone = (await platform.Api.GetAsync($"state-version-outputs/{secret}")).Expect(200);
            Assert.Equal(("secret", true, "hidden"), (
                alone.Attributes["name"]!.GetValue<string>(), alone.Attributes["sensitive"]!.GetValue<bool>(), alone.Attributes["value"]!.GetValue<string>()));
        }
        (await platform.Anonymous.GetAsync($"workspaces/{workspace.Id}/current-state-version-outputs")).ExpectError(401);
        (await platform.Api.GetAsync("state-version-outputs/wsout-0123456789abcdef")).ExpectError(404);
    }

    [Theory]
    [InlineData("\"string\"", "\"words\"", "string")]
    [InlineData("\"number\"", "123456789012345678901234567890.5", "number")]
    [InlineData("\"bool\"", "false", "bool")]
    [InlineData("[\"list\",\"string\"]", "[\"a\"]", "array")]
    [InlineData("[\"set\",\"number\"]", "[1]", "array")]
    [InlineData("[\"tuple\",[\"string\",\"bool\"]]", "[\"a\",true]", "array")]
    [InlineData("[\"map\",\"string\"]", "{\"a\":\"b\"}", "object")]
    [InlineData("[\"object\",{\"a\":\"string\"}]", "{\"a\":\"b\"}", "object")]
    public async Task An_output_tells_its_type_in_both_words(string detailed, string value, string type)
    {
        var platform = await SharedPlatforms.OfAsync();
        var (workspace, _) = await PushedAsync(platform, new JsonObject { ["one"] = Output(value, detailed) });

        var output = Assert.Single((await platform.Api.GetAsync($"workspaces/{workspace.Id}/current-state-version-outputs")).Expect(200)
            .Json["data"]!.AsArray())!["attributes"]!;

        Assert.Equal((type, detailed, value), (
            output["type"]!.GetValue<string>(), output["detailed-type"]!.ToJsonString(), output["value"]!.ToJsonString()));
    }

    [Fact]
    public async Task A_deeply_nested_value_is_told_whole()
    {
        var platform = await SharedPlatforms.OfAsync();
        var nested = new string('[', 200) + new string(']', 200);
        var (workspace, version) = await PushedAsync(platform, new JsonObject
        {
            ["deep"] = new JsonObject { ["value"] = JsonNode.Parse(nested, documentOptions: new() { MaxDepth = 512 }), ["type"] = "dynamic" },
        });

        foreach (var path in new[] { $"workspaces/{workspace.Id}/current-state-version-outputs", $"state-versions/{version}/outputs" })
        {
            Assert.Contains($"\"value\":{nested}", (await platform.Api.GetAsync(path)).Expect(200).Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_workspace_without_a_state_has_no_outputs_and_one_whose_state_has_none_has_an_empty_list()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var (stateful, _) = await PushedAsync(platform, []);

        (await platform.Api.GetAsync($"workspaces/{workspace.Id}/current-state-version-outputs")).ExpectError(404);
        Assert.Empty((await platform.Api.GetAsync($"workspaces/{stateful.Id}/current-state-version-outputs")).Expect(200).Json["data"]!.AsArray());
    }

    [Fact]
    public async Task The_current_outputs_are_one_list_and_those_of_a_version_come_in_pages()
    {
        var platform = await SharedPlatforms.OfAsync();
        var names = Enumerable.Range(100, 130).Select(index => $"o{index}").ToArray();
        var (workspace, version) = await PushedAsync(platform, new JsonObject(names.Select(name =>
            KeyValuePair.Create<string, JsonNode?>(name, Output("1", "\"number\"")))));
        async Task<string[]> NamesAsync(string path) =>
            [.. (await platform.Api.GetAsync(path)).Expect(200).Json["data"]!.AsArray().Select(output => output!["attributes"]!["name"]!.GetValue<string>())];

        Assert.Equal(names, await NamesAsync($"workspaces/{workspace.Id}/current-state-version-outputs"));
        Assert.Equal(names[..20], await NamesAsync($"state-versions/{version}/outputs"));
        Assert.Equal(names[100..], await NamesAsync($"state-versions/{version}/outputs?page%5Bsize%5D=100&page%5Bnumber%5D=2"));
    }

    [Fact]
    public async Task Outputs_beyond_all_measure_are_said_to_be_so()
    {
        var platform = await SharedPlatforms.OfAsync();
        var (workspace, version) = await PushedAsync(platform, new JsonObject(Enumerable.Range(0, StateVersion.MaxListedOutputs + 1).Select(index =>
            KeyValuePair.Create<string, JsonNode?>($"o{index}", Output("1", "\"number\"")))));

        foreach (var path in new[] { $"workspaces/{workspace.Id}/current-state-version-outputs", $"state-versions/{version}/outputs" })
        {
            Assert.Contains("10001 outputs", (await platform.Api.GetAsync(path)).ExpectError(422).Text, StringComparison.Ordinal);
        }
        Assert.Equal("1", await workspace.OutputAsync("o10000"));
    }

    /// <summary>How the tfe provider reads a workspace's outputs.</summary>
    [Theory, EachDatabase]
    public async Task A_workspace_brings_its_outputs_along_under_the_ids_by_which_each_is_told(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var (workspace, version) = await PushedAsync(platform, new JsonObject
        {
            ["list"] = Output("[1]", "[\"list\",\"number\"]"),
            ["secret"] = Output("\"hidden\"", "\"string\"", sensitive: true),
        });

        var with = (await platform.Api.GetAsync($"organizations/{workspace.Organization}/workspaces/{workspace.Name}?include=outputs")).Expect(200);
        var state = (await platform.Api.GetAsync($"state-versions/{version}?include=outputs")).Expect(200);

        var ids = with.Data["relationships"]!["outputs"]!["data"]!.AsArray().Select(output => output!["id"]!.GetValue<string>()).ToArray();
        Assert.Equal(ids, state.Data["relationships"]!["outputs"]!["data"]!.AsArray().Select(output => output!["id"]!.GetValue<string>()));
        Assert.Equal(ids.Order(), with.Json["included"]!.AsArray().Select(output => output!["id"]!.GetValue<string>()).Order());
        Assert.Equal(ids.Order(), state.Json["included"]!.AsArray().Select(output => output!["id"]!.GetValue<string>()).Order());
        Assert.DoesNotContain("hidden", with.Text + state.Text, StringComparison.Ordinal);
        var names = new Dictionary<string, string> { [workspace.Name] = "<workspace>", [workspace.Organization] = "<organization>" };
        // What is included stands in no order.
        var included = with.Json["included"]!.AsArray().Select(output => output!.DeepClone())
            .OrderBy(output => output["attributes"]!["name"]!.GetValue<string>(), StringComparer.Ordinal);
        CommittedDocument.Compare("workspace-outputs", new JsonObject { ["data"] = new JsonArray([.. included]) }, names);
        CommittedDocument.Compare("state-version-outputs", (await platform.Api.GetAsync(
            $"workspaces/{workspace.Id}/current-state-version-outputs")).Expect(200).Json, new Dictionary<string, string> { [workspace.Id] = "<ws>" });
        Assert.Equal("hidden", (await platform.Api.GetAsync($"state-version-outputs/{ids[1]}")).Expect(200).Attributes["value"]!.GetValue<string>());
    }

    private static JsonObject Output(string value, string type, bool sensitive = false)
    {
        var output = new JsonObject { ["value"] = JsonNode.Parse(value), ["type"] = JsonNode.Parse(type) };
        if (sensitive)
        {
            output["sensitive"] = true;
        }
        return output;
    }

    private static async Task<(TestWorkspace Workspace, string Version)> PushedAsync(Platform platform, JsonObject outputs)
    {
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.LockAsync();
        return (workspace, (await workspace.PushAsync(platform.Api, RawState.Of(1, outputs), 1)).Id);
    }
}
