using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.States;

namespace Orchestrator.Tests.States;

public sealed class StateDocumentTests
{
    private const string Provider = """provider[\"terraform.io/builtin/terraform\"]""";

    private static readonly byte[] Whole = Encoding.UTF8.GetBytes(
        $$"""
        {
          "version": 4,
          "terraform_version": "1.11.4",
          "serial": 41,
          "lineage": "79b693be",
          "outputs": {
            "serial": { "value": {"serial": 7}, "type": ["object", {"serial": "number"}] },
            "pw": { "value": "hunter2", "type": "string", "sensitive": true }
          },
          "resources": [
            { "mode": "managed", "type": "terraform_data", "name": "one", "provider": "{{Provider}}", "instances": [{}] },
            { "mode": "managed", "type": "terraform_data", "name": "many", "provider": "{{Provider}}", "instances": [{}, {}, {}] },
            { "mode": "managed", "type": "terraform_data", "name": "one", "module": "module.m", "provider": "{{Provider}}", "instances": [{}] },
            { "mode": "data", "type": "terraform_remote_state", "name": "r", "module": "module.m", "provider": "{{Provider}}", "instances": [{}] }
          ],
          "check_results": null
        }
        """);

    [Fact]
    public void A_state_is_counted_by_module_provider_and_resource()
    {
        var contents = StateDocument.Read(Whole)!.Contents;

        Assert.Equal(5, contents.ManagedCount);
        var expected = JsonNode.Parse(
            $$"""
            {
              "modules": { "root": { "terraform-data": 4 }, "module.m": { "terraform-data": 1, "data.terraform-remote-state": 1 } },
              "providers": { "{{Provider}}": { "terraform-data": 5, "data.terraform-remote-state": 1 } },
              "resources": [
                { "name": "one", "type": "terraform_data", "count": 1, "module": "root", "provider": "{{Provider}}" },
                { "name": "many", "type": "terraform_data", "count": 3, "module": "root", "provider": "{{Provider}}" },
                { "name": "one", "type": "terraform_data", "count": 1, "module": "module.m", "provider": "{{Provider}}" },
                { "name": "r", "type": "data.terraform_remote_state", "count": 1, "module": "module.m", "provider": "{{Provider}}" }
              ]
            }
            """);
        Assert.True(JsonNode.DeepEquals(expected, JsonNode.Parse(contents.ToJson())), contents.ToJson());
        Assert.Equal(contents.ToJson(), StateContents.Parse(contents.ToJson()).ToJson());
    }

    [Fact]
    public void Outputs_are_read_as_they_stand_and_do_not_show_themselves()
    {
        var outputs = StateDocument.Read(Whole)!.Outputs;

        Assert.Equal(["serial", "pw"], outputs.Select(output => output.Name));
        Assert.Equal("""["object", {"serial": "number"}]""", outputs[0].Type);
        Assert.Equal("""{"serial": 7}""", outputs[0].Value);
        Assert.Equal((true, "\"hunter2\""), (outputs[1].Sensitive, outputs[1].Value));
        Assert.DoesNotContain("hunter2", outputs[1].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_state_that_was_cut_short_anywhere_is_no_state()
    {
        for (var length = 0; length < Whole.Length; length++)
        {
            Assert.Null(StateDocument.Read(Whole.AsMemory(0, length)));
        }
        Assert.NotNull(StateDocument.Read(Whole));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    [InlineData(StateVersion.MaxSerial)]
    public void Another_serial_changes_the_serial_and_no_other_byte(long serial)
    {
        var changed = Encoding.UTF8.GetString(StateDocument.WithSerial(Whole, serial));

        Assert.Equal(Encoding.UTF8.GetString(Whole).Replace("\"serial\": 41", $"\"serial\": {serial}", StringComparison.Ordinal), changed);
        Assert.Equal(serial, StateDocument.Read(Encoding.UTF8.GetBytes(changed))!.Serial);
    }

    [Theory]
    [InlineData("serial", "-1")]
    [InlineData("serial", "9007199254740992")]
    [InlineData("serial", "99999999999999999999")]
    [InlineData("serial", "1.5")]
    [InlineData("version", "\"four\"")]
    [InlineData("lineage", "7")]
    [InlineData("lineage", "\"a\\u0000b\"")]
    [InlineData("lineage", "\"\\ud800\"")]
    [InlineData("terraform_version", "\"a\\u0000b\"")]
    [InlineData("outputs", "[]")]
    [InlineData("outputs", "{\"one\": 1}")]
    [InlineData("outputs", "{\"one\": {\"value\": 1}}")]
    [InlineData("outputs", "{\"one\": {\"type\": \"number\"}}")]
    [InlineData("outputs", "{\"one\": {\"type\": \"number\", \"value\": 1, \"sensitive\": \"no\"}}")]
    [InlineData("outputs", "{\"a\\u0000b\": {\"type\": \"number\", \"value\": 1}}")]
    [InlineData("resources", "{}")]
    [InlineData("resources", "[7]")]
    [InlineData("resources", "[{\"mode\": 7}]")]
    [InlineData("resources", "[{\"mode\": \"managed\", \"instances\": 7}]")]
    public void A_member_that_cannot_be_so_makes_it_no_state(string member, string value)
    {
        var members = new Dictionary<string, string>
        {
            ["version"] = "4",
            ["serial"] = "1",
            ["lineage"] = "\"line\"",
            ["terraform_version"] = "\"1.11.4\"",
        };
        byte[] Write() => Encoding.UTF8.GetBytes("{" + string.Join(',', members.Select(pair => $"\"{pair.Key}\":{pair.Value}")) + "}");
        Assert.NotNull(StateDocument.Read(Write()));

        members[member] = value;

        Assert.Null(StateDocument.Read(Write()));
    }

    [Theory]
    [InlineData(300, true)]
    [InlineData(100_000, false)]
    public void Values_may_be_nested_as_deep_as_a_person_would(int depth, bool isState)
    {
        var nested = new string('[', depth) + new string(']', depth);
        var raw = Encoding.UTF8.GetBytes(
            $$$"""{"version":4,"serial":1,"lineage":"line","outputs":{"deep":{"value":{{{nested}}},"type":"dynamic"}},"resources":[]}""");

        Assert.Equal(isState, StateDocument.Read(raw) is not null);
    }
}
