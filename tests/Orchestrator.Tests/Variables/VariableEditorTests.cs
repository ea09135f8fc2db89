using Orchestrator.Data;
using Orchestrator.Tests.Support;
using Orchestrator.Variables;

namespace Orchestrator.Tests.Variables;

/// <summary>The rules that other features add to variables: here, what the clouds' variables may hold.</summary>
public sealed class VariableEditorTests
{
    private const string Role = "arn:aws:iam::123456789012:role/run";

    [Theory]
    [InlineData("TFC_AWS_RUN_ROLE_ARN", "role/run", "env", "The variable TFC_AWS_RUN_ROLE_ARN is 'role/run', which is not a role's ARN.")]
    [InlineData("TFC_AWS_PROVIDER_AUTH_B", "on", "env", "The variable TFC_AWS_PROVIDER_AUTH_B is 'on'. Set it to 'true' or 'false'.")]
    [InlineData("TFC_DEFAULT_AWS_PROVIDER_AUTH", "true", "env", "There is no TFC_DEFAULT_AWS_PROVIDER_AUTH.")]
    [InlineData("TFC_AWS_RUN_ROLE_ARN", "role/run", "terraform", null)]
    [InlineData("TFC_AWS_RUN_ROLE_ARN", Role, "env", null)]
    [InlineData("TFC_AWS_RUN_ROLE_ARN", "", "env", null)]
    [InlineData("ANYTHING", "role/run", "env", null)]
    public async Task An_environment_variable_of_a_cloud_holds_what_the_cloud_can_use(string key, string value, string category, string? refusal)
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.Sqlite);

        var result = Create(installation, key, value, category);

        Assert.Equal(refusal is null, result.Variable is not null);
        Assert.Equal(refusal is null ? null : "value", result.Field);
        Assert.StartsWith(refusal ?? "", result.Refusal ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_variable_that_is_renamed_is_looked_at_again_and_a_sensitive_value_is_not_told_that_way()
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        var variable = Create(installation, "PASSWORD", "hunter2", "env", sensitive: true).Variable!;

        var result = installation.Get<VariableEditor>().Update(variable, new VariableEdit("TFC_AWS_RUN_ROLE_ARN", null, null, null, null, null));

        Assert.StartsWith("The variable TFC_AWS_RUN_ROLE_ARN has a sensitive value, which is not", result.Refusal, StringComparison.Ordinal);
        Assert.Equal("PASSWORD", variable.Key);
    }

    [Fact]
    public async Task A_variable_from_before_the_rule_may_change_its_description()
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        var variable = Create(installation, "OLD", "role/run", "env").Variable!;
        variable.Key = "TFC_AWS_RUN_ROLE_ARN";

        Assert.NotNull(installation.Get<VariableEditor>().Update(variable, new VariableEdit(null, null, null, "still wrong", null, null)).Variable);
        Assert.Null(installation.Get<VariableEditor>().Update(variable, new VariableEdit(null, null, "role/other", null, null, null)).Variable);
    }

    [Fact]
    public async Task A_variable_may_change_its_category_where_its_value_can_be_one_of_the_other()
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        var editor = installation.Get<VariableEditor>();
        var plain = Create(installation, "TFC_AWS_RUN_ROLE_ARN", Role, "terraform").Variable!;
        var expression = editor.Create(Identifier.New<WorkspaceId>(), new VariableEdit("list", "terraform", "[1]", null, Hcl: true, null)).Variable!;
        var wrong = Create(installation, "TFC_AWS_RUN_ROLE_ARN", "role/run", "terraform").Variable!;
        var env = new VariableEdit(null, "env", null, null, null, null);

        Assert.Equal(VariableCategory.Env, editor.Update(plain, env).Variable!.Category);
        Assert.Equal("hcl", editor.Update(expression, env).Field);
        Assert.Equal(VariableCategory.Env, editor.Update(expression, env with { Hcl = false }).Variable!.Category);
        Assert.Equal("value", editor.Update(wrong, env).Field);
        Assert.Equal("category", editor.Update(plain, env with { Category = "policy-set" }).Field);
    }

    [Fact]
    public async Task An_environment_variable_is_no_longer_than_a_program_can_be_given()
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        var most = new string('x', VariableEditor.MaxEnvironmentVariable - 1);

        Assert.NotNull(Create(installation, "X", most, "env").Variable);
        var refused = Create(installation, "XY", most, "env");
        Assert.Equal(("value", "An environment variable has 128 KiB at most, with its name: the operating system takes no more."), (refused.Field, refused.Refusal));
        // A euro sign has three bytes.
        Assert.Null(Create(installation, "X", new string('€', 50_000), "env").Variable);
        Assert.NotNull(Create(installation, "X", new string('x', VariableEditor.MaxValueLength), "terraform").Variable);
        Assert.Null(Create(installation, "X", new string('x', VariableEditor.MaxValueLength + 1), "terraform").Variable);
    }

    private static VariableEditResult Create(Installation installation, string key, string value, string category, bool sensitive = false) =>
        installation.Get<VariableEditor>().Create(
            Identifier.New<WorkspaceId>(), new VariableEdit(key, category, value, null, null, sensitive));
}
