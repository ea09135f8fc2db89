using Orchestrator.Credentials;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Tests.Support;
using Orchestrator.Variables;
using Orchestrator.Workspaces;

namespace Orchestrator.Tests.Runs;

public sealed class CredentialSettingsReaderTests
{
    private const string Run = "arn:aws:iam::123456789012:role/run";
    private const string Plan = "arn:aws:iam::123456789012:role/plan";

    [Fact]
    public async Task A_workspace_that_asks_for_nothing_is_told_how_it_could()
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.Sqlite);

        var settings = await ReadAsync(installation, await installation.WorkspaceAsync());

        Assert.Empty(settings.Clouds);
        Assert.Contains("TFC_AWS_PROVIDER_AUTH", settings.Switches);
    }

    [Theory, EachDatabase]
    public async Task Each_phase_is_told_with_the_variable_that_won(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await WorkspaceAsync(installation, ("TFC_AWS_PROVIDER_AUTH", "true"), ("TFC_AWS_RUN_ROLE_ARN", Run), ("TFC_AWS_PLAN_ROLE_ARN", Plan));
        await installation.VariableAsync(workspace.Id, "TFC_AWS_APPLY_ROLE_ARN", "no environment variable");

        var cloud = Assert.Single((await ReadAsync(installation, workspace)).Clouds);

        Assert.Equal("AWS", cloud.Cloud);
        Assert.Equal([RunPhase.Plan, RunPhase.Apply], cloud.Phases.Select(phase => phase.Phase));
        Assert.Equal([(Plan, "TFC_AWS_PLAN_ROLE_ARN"), (Run, "TFC_AWS_RUN_ROLE_ARN")], cloud.Phases.Select(RoleOf).Select(role => (role.Value, role.Variable)));
        Assert.All(cloud.Phases, phase => Assert.Empty(phase.Problems.Concat(phase.Warnings)));
    }

    [Fact]
    public async Task What_cannot_work_is_shown_with_its_reason_in_the_phase_that_would_fail()
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        var workspace = await WorkspaceAsync(installation, ("TFC_AWS_PROVIDER_AUTH", "true"), ("TFC_AWS_PLAN_ROLE_ARN", Plan));

        var phases = Assert.Single((await ReadAsync(installation, workspace)).Clouds).Phases;

        Assert.Empty(phases[0].Problems);
        Assert.Contains("no role is set for the apply phase", Assert.Single(phases[1].Problems), StringComparison.Ordinal);
        Assert.Null(RoleOf(phases[1]).Value);
    }

    [Fact]
    public async Task What_a_policy_does_not_allow_is_a_problem_before_any_run()
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        var workspace = await WorkspaceAsync(installation, ("TFC_AWS_PROVIDER_AUTH", "true"), ("TFC_AWS_RUN_ROLE_ARN", Run), ("TFC_AWS_PLAN_ROLE_ARN", Plan));
        await installation.Get<CredentialPolicies>().SaveAsync(
            new PolicyOwner(workspace.OrganizationId), edit => edit with { AllowedRoles = [Plan] }, CancellationToken.None);

        var phases = Assert.Single((await ReadAsync(installation, workspace)).Clouds).Phases;

        Assert.Empty(phases[0].Problems);
        Assert.StartsWith($"This workspace may not assume {Run} (from the variable TFC_AWS_RUN_ROLE_ARN)", Assert.Single(phases[1].Problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_has_no_effect_is_a_warning()
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        var workspace = await WorkspaceAsync(installation, ("TFC_AWS_RUN_ROLE_ARN", Run));

        var phases = Assert.Single((await ReadAsync(installation, workspace)).Clouds).Phases;

        Assert.All(phases, phase => Assert.Equal(
            ["TFC_AWS_RUN_ROLE_ARN has no effect, because TFC_AWS_PROVIDER_AUTH is not 'true'."], phase.Warnings));
    }

    [Theory]
    [InlineData("arn:aws:iam::123456789012:role/hidden-role")]
    [InlineData("no-role-but-hidden-role")]
    public async Task A_sensitive_value_is_nowhere_in_it(string hidden)
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        var workspace = await WorkspaceAsync(installation, ("TFC_AWS_PROVIDER_AUTH", "true"), ("TFC_DEFAULT_AWS_RUN_ROLE_ARN", Run));
        await installation.VariableAsync(workspace.Id, "TFC_AWS_RUN_ROLE_ARN", hidden, VariableCategory.Env, sensitive: true);
        await installation.Get<CredentialPolicies>().SaveAsync(
            new PolicyOwner(workspace.OrganizationId), edit => edit with { AllowedRoles = ["210987654321"] }, CancellationToken.None);

        var settings = await ReadAsync(installation, workspace);

        var phases = Assert.Single(settings.Clouds).Phases;
        Assert.All(phases, phase => Assert.Single(phase.Problems));
        Assert.All(phases, phase => Assert.True(RoleOf(phase).IsSensitive));
        var everything = phases.SelectMany(phase => phase.Configurations).SelectMany(configuration => configuration.Settings)
            .SelectMany(chosen => chosen.Candidates.Select(candidate => candidate.Value).Append(chosen.Value).Append(chosen.Shown))
            .Concat(phases.SelectMany(phase => phase.Problems));
        Assert.DoesNotContain(everything, text => text?.Contains("hidden-role", StringComparison.Ordinal) == true);
        Assert.Contains(Run, everything);
    }

    [Theory, EachDatabase]
    public async Task A_value_is_told_with_the_set_that_it_is_from_and_those_it_overrides(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await WorkspaceAsync(installation, ("TFC_AWS_PROVIDER_AUTH", "true"), ("TFC_AWS_RUN_ROLE_ARN", Run));
        async Task SetAsync(string name, bool priority, string value, bool sensitive = false) => Assert.NotNull((await installation.Get<VariableSets>().CreateAsync(
            workspace.OrganizationId, owner: null, new VariableSetEdit
            {
                Name = name,
                Priority = priority,
                Workspaces = [workspace.Id],
                Variables = [new(null, _ => new("TFC_AWS_RUN_ROLE_ARN", "env", value, null, null, sensitive))],
            }, CancellationToken.None)).Set);
        await SetAsync("accounts", priority: true, Plan);
        await SetAsync("older accounts", priority: false, "arn:aws:iam::123456789012:role/hidden", sensitive: true);

        var role = RoleOf(Assert.Single((await ReadAsync(installation, workspace)).Clouds).Phases[0]);

        Assert.Equal((Plan, "TFC_AWS_RUN_ROLE_ARN"), (role.Value, role.Variable));
        Assert.Equal(
            [("the variable set 'accounts'", Plan, true), ("the workspace", Run, false), ("the variable set 'older accounts'", null, false)],
            role.Candidates.Where(candidate => candidate.Variable == "TFC_AWS_RUN_ROLE_ARN").Select(candidate => (candidate.From!, candidate.Value, candidate.Won)));
        Assert.All(role.Candidates.Where(candidate => candidate.Variable != "TFC_AWS_RUN_ROLE_ARN"), candidate => Assert.Null(candidate.From));
    }

    [Fact]
    public async Task A_trial_of_trust_reads_the_role_that_a_set_gives()
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        var workspace = await WorkspaceAsync(installation, ("TFC_AWS_RUN_ROLE_ARN", Run));
        await installation.Get<VariableSets>().CreateAsync(workspace.OrganizationId, owner: null, new VariableSetEdit
        {
            Name = "accounts",
            Global = true,
            Priority = true,
            Variables = [new(null, _ => new("TFC_AWS_RUN_ROLE_ARN", "env", "arn:aws:iam::210987654321:role/of-the-set", null, null, null))],
        }, CancellationToken.None);

        var trust = await installation.Get<TrustReader>().ReadAsync(workspace.Id, account: null, tag: null, CancellationToken.None);

        Assert.Equal("210987654321", trust!.Request.AccountId);
    }

    private static ChosenSetting RoleOf(PhaseCredentialSettings phase) =>
        Assert.Single(phase.Configurations).Settings.First(chosen => chosen.Setting.What == "role");

    private static Task<CredentialSettings> ReadAsync(Installation installation, Workspace workspace) =>
        installation.Get<CredentialSettingsReader>().ReadAsync(workspace, CancellationToken.None);

    private static async Task<Workspace> WorkspaceAsync(Installation installation, params (string Key, string Value)[] variables)
    {
        var workspace = await installation.WorkspaceAsync();
        foreach (var (key, value) in variables)
        {
            await installation.VariableAsync(workspace.Id, key, value, VariableCategory.Env);
        }
        return workspace;
    }
}
