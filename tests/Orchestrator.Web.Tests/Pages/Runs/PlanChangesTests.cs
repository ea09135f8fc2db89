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
        Assert.Equal("delete because count index", Of("terraform_data.destroyed[0]").Reason);
        Assert.Equal("terraform_data.before_move[0]", Of("terraform_data.after_move").PreviousAddress);
        Assert.Equal("an-id", Of("terraform_data.imported").ImportId);
        Assert.Null(Of("terraform_data.updated").Reason);
        Assert.Null(Of("terraform_data.updated").ImportId);
    }

    [Fact]
    public void Only_attributes_that_differ_are_shown_and_unknown_ones_in_words() => Assert.Equal(
        [
            new AttributeChange("input", "{\n  name = \"<b>old</b>\"\n  size = 1\n}", "{\n  name = \"<b>old</b>\"\n  size = \"2\"\n}", false),
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
            new AttributeChange("input", "{\n  password = (sensitive)\n  size = 1\n}", "{\n  password = (sensitive)\n  size = \"2\"\n}", false),
            Of("terraform_data.secret").Attributes.Single(attribute => attribute.Name == "input"));
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
    public void A_plan_with_more_changes_than_a_page_should_show_is_cut_and_says_so()
    {
        var plan = Read("{\"resource_changes\":[" + string.Join(',', Enumerable.Range(0, 1000).Select(
            number => $$$"""{"address":"a.b[{{{number}}}]","change":{"actions":["{{{(number == 999 ? "delete" : "create")}}}"]}}""")) + "]}");

        Assert.Equal((400, 600), (plan.Resources.Count, plan.ResourcesLeftOut));
        Assert.Equal("a.b[999]", plan.Resources[0].Address);
    }

    [Fact]
    public void Endless_values_are_cut()
    {
        var many = string.Join(',', Enumerable.Range(0, 300).Select(number => $"\"x{number:000}\":\"{new string('v', 20_000)}\""));

        var change = Assert.Single(Read($$$$"""{"resource_changes":[{"address":"a.b","change":{"actions":["create"],"after":{ {{{{many}}}} }}}]}""").Resources);

        Assert.Equal((100, 200), (change.Attributes.Count, change.AttributesLeftOut));
        Assert.All(change.Attributes, attribute => Assert.InRange(attribute.After!.Length, 4000, 4001));
    }

    private static ResourceChange Of(string address) => Plan.Resources.Single(change => change.Address == address);

    private static PlanChanges Read(string json) => PlanChanges.Read(Encoding.UTF8.GetBytes(json));
}
