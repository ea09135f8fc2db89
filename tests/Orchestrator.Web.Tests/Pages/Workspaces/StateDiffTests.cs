using System.Text;
using Orchestrator.Web.Pages.Runs;
using Orchestrator.Web.Pages.Workspaces;

namespace Orchestrator.Web.Tests.Pages.Workspaces;

public sealed class StateDiffTests
{
    private const string Before = """
        {"version":4,"resources":[
          {"mode":"managed","type":"a","name":"same","provider":"p","instances":[{"attributes":{"id":"1"}}]},
          {"mode":"managed","type":"a","name":"gone","provider":"p","instances":[{"index_key":0,"attributes":{"id":"2"}}]},
          {"module":"module.m","mode":"managed","type":"a","name":"changed","provider":"p","instances":[{"index_key":"k","attributes":
            {"id":"3","size":1,"password":"hunter1","deep":{"key":"hunter2"},"list":["hunter3"]},
            "sensitive_attributes":[[{"type":"get_attr","value":"password"}],[{"type":"get_attr","value":"deep"},{"type":"get_attr","value":"key"}],[{"type":"get_attr","value":"list"},{"type":"index","value":{"value":0,"type":"number"}}]]}]}],
         "outputs":{"old":{"value":"x","type":"string"},"secret":{"value":"hunter4","type":"string","sensitive":true}}}
        """;

    private static readonly string After = Before
        .Replace("\"gone\"", "\"made\"", StringComparison.Ordinal).Replace("\"size\":1", "\"size\":2", StringComparison.Ordinal)
        .Replace("hunter", "fisher", StringComparison.Ordinal).Replace("\"old\":{\"value\":\"x\"", "\"old\":{\"value\":\"y\"", StringComparison.Ordinal);

    private static readonly StateDiff Diff = StateDiff.Between(Encoding.UTF8.GetBytes(Before), Encoding.UTF8.GetBytes(After));

    [Fact]
    public void What_is_gone_what_differs_and_what_is_new_is_told_by_address()
    {
        Assert.Equal(
            [(ChangeKind.Destroy, "a.gone[0]"), (ChangeKind.Update, "module.m.a.changed[\"k\"]"), (ChangeKind.Create, "a.made[0]")],
            Diff.Resources.Select(change => (change.Kind, change.Address)));
        Assert.Contains(new AttributeChange("size", "1", "2", false), Diff.Resources[1].Attributes);
        Assert.Equal(["old", "secret"], Diff.Outputs.Select(output => output.Address));
        Assert.Equal([new AttributeChange("value", "\"x\"", "\"y\"", false)], Diff.Outputs[0].Attributes);
    }

    [Fact]
    public void What_a_state_calls_sensitive_is_not_told()
    {
        var told = string.Join('\n', Diff.Resources.Concat(Diff.Outputs).SelectMany(change => change.Attributes)
            .SelectMany(attribute => new[] { attribute.Name, attribute.Before, attribute.After }));

        Assert.DoesNotContain("hunter", told, StringComparison.Ordinal);
        Assert.DoesNotContain("fisher", told, StringComparison.Ordinal);
        Assert.Equal(["deep.key", "list", "password", "size"], Diff.Resources[1].Attributes.Select(attribute => attribute.Name));
    }

    [Fact]
    public void The_same_state_does_not_differ_from_itself()
    {
        var none = StateDiff.Between(Encoding.UTF8.GetBytes(Before), Encoding.UTF8.GetBytes(Before));

        Assert.Equal((0, 0), (none.Count, none.Outputs.Count));
    }
}
