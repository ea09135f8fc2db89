using System.Text;
using Orchestrator.Web.Pages.Runs;

namespace Orchestrator.Web.Tests.Pages.Runs;

/// <summary>On a plan that terraform 1.11 has made of one change of each kind, and on parts of plans.</summary>
public sealed class PlanChangesTests
{
    private static readonly PlanChanges Plan = PlanChanges.Read(
        File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Pages", "Runs", "plan.json")));

    [Fact]
    public void Changes_are_listed_the_worst_first() => Assert.Equal(
        [
            (ChangeKind.Destroy, "terraform_data.destroyed[0]"),
            (ChangeKind.Replace, "terraform_data.replaced"),
            (ChangeKind.Update, "terraform_data.secret"),
            (ChangeKind.Update, "terraform_data.updated"),
            (ChangeKind.Create, "terraform_data.created[0]"),
            (ChangeKind.Move, "terraform_data.after_move"),
            (ChangeKind.Import, "terraform_data.imported"),
            (ChangeKind.Forget, "terraform_data.kept"),
            (ChangeKind.Read, "data.terraform_remote_state.late"),
        ],
        Plan.Resources.Select(change => (change.Kind, change.Address)));

    [Fact]
    public void A_change_says_why_from_where_and_as_what()
    {
        Assert.Equal("delete_because_count_index", Of("terraform_data.destroyed[0]").Reason);
        Assert.Equal("terraform_data.before_move[0]", Of("terraform_data.after_move").PreviousAddress);
        Assert.Equal("an-id", Of("terraform_data.imported").ImportId);
        Assert.Null(Of("terraform_data.updated").Reason);
        Assert.Null(Of("terraform_data.updated").ImportId);
    }

    [Fact]
    public void Only_attributes_that_differ_are_shown_and_unknown_ones_in_words() => Assert.Equal(
        [
            new AttributeChange("input.size", "1", "\"2\"", false),
            new AttributeChange("output", "{\n  name = \"<b>old</b>\"\n  size = 1\n}", "(known after apply)", false),
        ],
        Of("terraform_data.updated").Attributes);

    [Fact]
    public void What_forces_a_replacement_is_marked() => Assert.Equal(
        ["triggers_replace"],
        Of("terraform_data.replaced").Attributes.Where(attribute => attribute.ForcesReplacement).Select(attribute => attribute.Name));

    [Fact]
    public void Lists_with_unknown_items_are_written_item_by_item() => Assert.Equal(
        new AttributeChange("input", null, "[\n  (known after apply),\n  \"<script>alert(1)</script>\",\n]", false),
        Of("terraform_data.created[0]").Attributes.Single(attribute => attribute.Name == "input"));

    [Fact]
    public void A_sensitive_value_is_not_told_where_terraform_says_that_it_is_one()
    {
        Assert.Equal(
            [new AttributeChange("input.size", "1", "\"2\"", false), new AttributeChange("output", Of("terraform_data.secret").Attributes[1].Before, "(known after apply)", false)],
            Of("terraform_data.secret").Attributes);
        Assert.Equal(
            [new AttributeChange("x.password", "(sensitive)", "(sensitive)", false)],
            Changed("""{"password":"a","size":1}""", """{"password":"b","size":1}""", "\"before_sensitive\":{},\"after_sensitive\":{\"x\":{\"password\":true}}"));
        Assert.Equal(
            [
                new AttributeChange("value", "(sensitive)", "(sensitive)", false),
                new AttributeChange("value", "1", "\"2\"", false),
            ],
            Plan.Outputs.Select(output => output.Attributes.Single()));
    }

    [Fact]
    public void A_plan_without_changes_shows_none()
    {
        var none = Read("""{"format_version":"1.2","resource_changes":[{"address":"a.b","change":{"actions":["no-op"]}}]}""");

        Assert.Empty(none.Resources.Concat(none.Drift).Concat(none.Outputs));
        Assert.Empty(Read("{}").Resources);
    }

    [Fact]
    public void Drift_is_a_list_of_its_own()
    {
        var plan = Read("""
            {"resource_drift":[{"address":"a.b","change":{"actions":["update"],"before":{"x":1},"after":{"x":2}}}]}
            """);

        Assert.Empty(plan.Resources);
        Assert.Equal(new AttributeChange("x", "1", "2", false), Assert.Single(Assert.Single(plan.Drift).Attributes));
    }

    [Fact]
    public void A_plan_with_many_changes_is_shown_page_by_page_the_worst_first()
    {
        var json = "{\"resource_changes\":[" + string.Join(',', Enumerable.Range(0, 1000).Select(
            number => $$$"""{"address":"a.b[{{{number}}}]","change":{"actions":["{{{(number == 999 ? "delete" : "create")}}}"]}}""")) + "]}";

        var first = Read(json);
        Assert.Equal((100, 10, 1000, "a.b[999]"), (first.Resources.Count, first.Pages, first.Total, first.Resources[0].Address));
        Assert.Equal([(ChangeKind.Destroy, 1), (ChangeKind.Create, 999)], first.Counts.OrderBy(pair => pair.Key).Select(pair => (pair.Key, pair.Value)));
        Assert.Equal("a.b[899]", Read(json, new ChangeFilter(Page: 10)).Resources[0].Address);
        Assert.Equal(10, Read(json, new ChangeFilter(Page: 99)).Page);
        Assert.Equal(("a.b[999]", 1), (Read(json, new ChangeFilter(ChangeKind.Destroy)).Resources.Single().Address, Read(json, new ChangeFilter(ChangeKind.Destroy)).Matching));
        Assert.Equal(["a.b[77]"], Read(json, new ChangeFilter(ChangeKind.Create, "B[77]")).Resources.Select(change => change.Address));
    }

    [Fact]
    public void A_search_finds_what_is_shown_and_tells_nothing_of_what_is_not()
    {
        const string Json = """
            {"resource_changes":[{"address":"a.b","change":{"actions":["update"],"before":{"size":"small","password":"hunter1"},
            "after":{"size":"large","password":"hunter2"},"before_sensitive":{"password":true},"after_sensitive":{"password":true}}}]}
            """;

        Assert.Equal(1, Read(Json, new ChangeFilter(Text: "LARGE")).Matching);
        Assert.Equal(1, Read(Json, new ChangeFilter(Text: "password")).Matching);
        Assert.Equal(0, Read(Json, new ChangeFilter(Text: "hunter")).Matching);
    }

    [Fact]
    public void What_is_there_before_and_after_is_followed_down_to_what_differs()
    {
        Assert.Equal(
            [new AttributeChange("x.rules[1].port", "80", "443", false), new AttributeChange("x.tags[\"a b\"]", null, "1", false)],
            Changed("""{"rules":[{"port":22},{"port":80}],"tags":{}}""", """{"rules":[{"port":22},{"port":443}],"tags":{"a b":1}}"""));
        Assert.Equal(
            [new AttributeChange("x", "[\n  1,\n]", "[\n  1,\n  2,\n]", false)],
            Changed("[1]", "[1,2]"));
        Assert.Equal(
            [new AttributeChange("x (JSON).Statement[0].Effect", "\"Allow\"", "\"Deny\"", false)],
            Changed("""  "{\"Statement\":[{\"Effect\":\"Allow\"}]}"  """, """  "{\"Statement\":[{\"Effect\":\"Deny\"}]}"  """));
    }

    [Fact]
    public void Texts_of_several_lines_are_compared_line_by_line()
    {
        var change = Assert.Single(Changed("\"1\\n2\\n3\\n4\\n5\\nold\\n7\"", "\"1\\n2\\n3\\n4\\n5\\nnew\\n7\\n8\""));

        Assert.Equal("…  4| 5|-old|+new| 7|+8".Replace("  ", "| ", StringComparison.Ordinal), string.Join('|', change.Lines!.Select(line => $"{line.Sign}{line.Text}")));
    }

    [Fact]
    public void A_graph_shows_what_depends_on_what_also_through_modules_and_what_stays()
    {
        var graph = Read("""
            {"resource_changes":[
              {"address":"module.app.a.server[0]","change":{"actions":["create"]}},
              {"address":"module.app.a.server[1]","change":{"actions":["delete","create"]}},
              {"address":"module.net.a.subnet[\"x].y\"]","change":{"actions":["update"],"before":{},"after":{}}},
              {"address":"a.network","change":{"actions":["no-op"]}}],
             "configuration":{"root_module":{
              "resources":[{"address":"a.network"}],
              "module_calls":{
                "net":{"expressions":{"id":{"references":["a.network.id","a.network"]}},
                  "module":{"resources":[{"address":"a.subnet","expressions":{"network":{"references":["var.id"]}}}],
                    "outputs":{"subnets":{"expression":{"references":["a.subnet"]}}}}},
                "app":{"expressions":{"subnets":{"references":["module.net.subnets","module.net"]}},
                  "module":{"resources":[{"address":"a.server","expressions":{"in":{"references":["var.subnets"]}}}]}}}}}}
            """).Graph!;

        Assert.Equal(
            [("module.app.a.server", ChangeKind.Replace, 2, 2), ("module.net.a.subnet", ChangeKind.Update, 1, 1), ("a.network", null, 1, 0)],
            graph.Nodes.Select(node => (node.Address, node.Kind, node.Instances, node.Column)));
        Assert.Equal([(0, 1), (1, 2)], graph.Edges);
    }

    [Fact]
    public void Endless_values_are_cut()
    {
        var many = string.Join(',', Enumerable.Range(0, 300).Select(number => $"\"x{number:000}\":\"{new string('v', 20_000)}\""));

        var change = Assert.Single(Read($$$$"""{"resource_changes":[{"address":"a.b","change":{"actions":["create"],"after":{ {{{{many}}}} }}}]}""").Resources);

        Assert.Equal((100, 200), (change.Attributes.Count, change.AttributesLeftOut));
        Assert.All(change.Attributes, attribute => Assert.InRange(attribute.After!.Length, 4000, 4001));
    }

    private static IReadOnlyList<AttributeChange> Changed(string before, string after, string marks = "\"after_unknown\":{}") => Assert.Single(Read(
        $"{{\"resource_changes\":[{{\"address\":\"a.b\",\"change\":{{\"actions\":[\"update\"],\"before\":{{\"x\":{before}}},\"after\":{{\"x\":{after}}},{marks}}}}}]}}").Resources).Attributes;

    private static ResourceChange Of(string address) => Plan.Resources.Single(change => change.Address == address);

    private static PlanChanges Read(string json, ChangeFilter? filter = null) => PlanChanges.Read(Encoding.UTF8.GetBytes(json), filter);
}
