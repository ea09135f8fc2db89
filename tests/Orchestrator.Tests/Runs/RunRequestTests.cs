using Microsoft.EntityFrameworkCore;
using Orchestrator.Configurations;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Tests.Support;
using Orchestrator.Variables;
using Orchestrator.Workspaces;

namespace Orchestrator.Tests.Runs;

public sealed class RunRequestTests
{
    [Theory, EachDatabase]
    public async Task A_run_of_a_workspace_that_does_not_exist_is_refused(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);

        await RefusedAsync(installation, Request(Identifier.New<WorkspaceId>()), "workspace", "The workspace does not exist.");
    }

    [Theory, EachDatabase]
    public async Task A_run_without_a_configuration_is_refused(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.WorkspaceAsync();

        await RefusedAsync(installation, Request(workspace.Id), "configuration-version", "The workspace has no configuration yet. Upload one first.");
    }

    [Theory, EachDatabase]
    public async Task A_run_of_a_configuration_that_does_not_exist_is_refused(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync();

        await RefusedAsync(
            installation, Request(workspace.Id) with { ConfigurationVersionId = Identifier.New<ConfigurationVersionId>() },
            "configuration-version", "The configuration version does not exist.");
    }

    [Theory, EachDatabase]
    public async Task A_run_of_another_workspaces_configuration_is_refused(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (mine, others) = (await installation.ReadyWorkspaceAsync(), await installation.WorkspaceAsync());
        var stolen = await installation.ConfigurationAsync(others.Id);

        await RefusedAsync(
            installation, Request(mine.Id) with { ConfigurationVersionId = stolen.Id },
            "configuration-version", "The configuration version does not exist.");
    }

    [Theory, EachDatabase]
    public async Task A_run_of_a_configuration_whose_upload_was_refused_is_refused_too(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.WorkspaceAsync();
        var errored = await installation.ConfigurationAsync(workspace.Id, status: ConfigurationVersionStatus.Errored, error: "It is no archive.");

        await RefusedAsync(
            installation, Request(workspace.Id) with { ConfigurationVersionId = errored.Id },
            "configuration-version", "The configuration version is errored, not uploaded. It is no archive.");
    }

    [Theory, EachDatabase]
    public async Task A_run_of_a_configuration_without_its_upload_is_refused(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.WorkspaceAsync();
        var pending = await installation.ConfigurationAsync(workspace.Id, status: ConfigurationVersionStatus.Pending);

        await RefusedAsync(
            installation, Request(workspace.Id) with { ConfigurationVersionId = pending.Id },
            "configuration-version", "The configuration version is pending, not uploaded.");
    }

    [Theory, EachDatabase]
    public async Task A_run_is_refused_where_terraform_runs_on_the_users_own_machine(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync(row => row.ExecutionMode = ExecutionMode.Local);

        await RefusedAsync(
            installation, Request(workspace.Id), "workspace",
            "The workspace's execution mode is 'local': terraform runs where you are. Set it to 'remote' for runs here.");
    }

    [Theory, EachDatabase]
    public async Task A_destroy_run_is_refused_where_nothing_may_be_destroyed(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync(row => row.AllowDestroyPlan = false);

        await RefusedAsync(
            installation, Request(workspace.Id) with { IsDestroy = true }, "is-destroy",
            "The workspace does not allow destroy plans. Allow them in its settings first.");
    }

    [Theory, EachDatabase]
    public async Task An_applying_run_of_a_speculative_configuration_is_refused(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.WorkspaceAsync();
        var speculative = await installation.ConfigurationAsync(workspace.Id, speculative: true);

        await RefusedAsync(
            installation, Request(workspace.Id) with { ConfigurationVersionId = speculative.Id, PlanOnly = false }, "plan-only",
            "The configuration version is speculative, so its runs can only plan.");
    }

    [Theory, EachDatabase]
    public async Task Options_that_exclude_each_other_are_refused(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync();

        await RefusedAsync(installation, Request(workspace.Id) with { IsDestroy = true, RefreshOnly = true }, "refresh-only",
            "A run is either a destroy or refresh-only.");
        await RefusedAsync(installation, Request(workspace.Id) with { RefreshOnly = true, Refresh = false }, "refresh",
            "A refresh-only run cannot skip the refresh.");
    }

    [Theory, EachDatabase]
    public async Task A_message_that_is_too_long_is_refused(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync();

        await RefusedAsync(installation, Request(workspace.Id) with { Message = new string('x', 4001) }, "message",
            "The message is longer than 4000 characters.");
        Assert.NotNull((await installation.Get<RunQueue>().CreateAsync(
            Request(workspace.Id) with { Message = new string('x', 4000) }, CancellationToken.None)).Run);
    }

    [Theory]
    [EachDatabase("")]
    [EachDatabase("  ")]
    [EachDatabase("a.b\n-destroy")]
    [EachDatabase("a.b\0")]
    public async Task An_address_that_is_none_is_refused(DatabaseProvider provider, string address)
    {
        const string sentence = "Each address is a resource's or a module's, such as 'aws_instance.web' or 'module.network', and there are 1000 at most.";
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync();

        await RefusedAsync(installation, Request(workspace.Id) with { TargetAddresses = ["a.b", address] }, "target-addrs", sentence);
        await RefusedAsync(installation, Request(workspace.Id) with { ReplaceAddresses = [address] }, "replace-addrs", sentence);
    }

    [Theory, EachDatabase]
    public async Task Another_version_of_terraform_is_only_for_plans(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync();

        await RefusedAsync(installation, Request(workspace.Id) with { TerraformVersion = "1.12.0" }, "terraform-version",
            "Only a plan-only run may use another version of terraform than its workspace.");
        await RefusedAsync(installation, Request(workspace.Id) with { PlanOnly = true, SavePlan = true }, "save-plan",
            "A run that can only plan has no plan to save for an apply.");
        Assert.Equal("1.12.0", (await installation.QueueAsync(
            workspace.Id, request => request with { PlanOnly = true, TerraformVersion = "1.12.0" })).TerraformVersion);
    }

    [Theory]
    [EachDatabase(true, null, true, true)]
    [EachDatabase(true, false, true, false)]
    [EachDatabase(false, true, true, true)]
    [EachDatabase(false, null, true, false)]
    [EachDatabase(true, true, false, false)]
    public async Task A_run_is_applied_by_itself_when_it_or_its_workspace_says_so_and_its_author_may(
        DatabaseProvider provider, bool workspaceSays, bool? runSays, bool mayApply, bool expected)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync(row => row.AutoApply = workspaceSays);

        Task<Run> QueueAsync(Func<RunRequest, RunRequest> with) => installation.QueueAsync(
            workspace.Id, request => with(request with { AutoApply = runSays, MayApply = mayApply }));

        Assert.Equal(expected, (await QueueAsync(request => request)).Options.AutoApply);
        Assert.False((await QueueAsync(request => request with { SavePlan = true })).Options.AutoApply);
        Assert.False((await QueueAsync(request => request with { PlanOnly = true })).Options.AutoApply);
        Assert.Equal(mayApply, (await QueueAsync(request => request with { AllowEmptyApply = true })).Options.AutoApply);
    }

    [Theory]
    [EachDatabase("tfe-api", "Queued manually via the API")]
    [EachDatabase("terraform+cloud", "Queued manually using Terraform")]
    [EachDatabase("tfe-configuration-version", "Queued by the upload of a configuration")]
    public async Task A_run_without_a_message_says_where_it_came_from(DatabaseProvider provider, string source, string message)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync();

        Assert.Equal(message, (await installation.QueueAsync(workspace.Id, request => request with { Source = source })).Message);
        Assert.Equal("mine", (await installation.QueueAsync(workspace.Id, request => request with { Source = source, Message = "mine" })).Message);
    }

    [Theory, EachDatabase]
    public async Task A_sensitive_value_in_a_message_is_masked_before_it_is_stored(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync();
        await installation.VariableAsync(workspace.Id, "password", "correct-horse-battery", sensitive: true);

        var run = await installation.QueueAsync(workspace.Id, request => request with { Message = "Use correct-horse-battery from now on" });

        Assert.Equal("Use *** from now on", run.Message);
        Assert.All(await installation.HistoryAsync(run.Id), happening => Assert.DoesNotContain("correct-horse", happening.Description ?? "", StringComparison.Ordinal));
    }

    [Theory, EachDatabase]
    public async Task A_runs_own_value_of_a_sensitive_variable_is_as_secret_as_the_workspaces(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync();
        await installation.VariableAsync(workspace.Id, "password", "correct-horse-battery", sensitive: true);
        PlainVariable[] own =
        [
            new("password", VariableCategory.Terraform, "\"new \\\"staple\\\" here\"", Hcl: true, Sensitive: false),
            new("size", VariableCategory.Terraform, "3", Hcl: true, Sensitive: false),
        ];

        var run = await installation.QueueAsync(workspace.Id, request => request with { Variables = own, Message = "new \"staple\" here" });

        var variables = installation.Get<RunVariables>();
        Assert.Equal([new OwnVariable("password", null), new OwnVariable("size", "3")], variables.ShowOwn(run));
        var secret = Assert.Single(variables.Open(run), variable => variable.Key == "password");
        Assert.Equal(("new \"staple\" here", false, true), (secret.Value, secret.Hcl, secret.Sensitive));
        Assert.Equal("***", run.Message);
    }

    [Theory, EachDatabase]
    public async Task A_provisional_configuration_is_the_workspaces_only_when_it_was_applied(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.WorkspaceAsync();
        var first = await installation.ConfigurationAsync(workspace.Id);
        installation.Clock.Advance(TimeSpan.FromSeconds(1));
        var provisional = await installation.ConfigurationAsync(workspace.Id, provisional: true);

        var before = await installation.QueueAsync(workspace.Id);
        Assert.Equal(first.Id, before.ConfigurationVersionId);
        await installation.Get<RunActions>().CancelAsync(before.Id, Someone.Bob, null, CancellationToken.None);

        var saved = await installation.QueueAsync(workspace.Id, request => request with
        {
            ConfigurationVersionId = provisional.Id, AutoApply = true,
        });
        await installation.PerformAsync(saved.Id);
        await installation.PerformAsync(saved.Id);

        Assert.Equal(provisional.Id, (await installation.QueueAsync(workspace.Id)).ConfigurationVersionId);
    }

    private static RunRequest Request(WorkspaceId workspace) => new(workspace, Someone.Alice, "tfe-api");

    private static async Task RefusedAsync(Installation installation, RunRequest request, string field, string sentence)
    {
        var result = await installation.Get<RunQueue>().CreateAsync(request, CancellationToken.None);

        Assert.Null(result.Run);
        Assert.Equal((field, sentence), (result.Field, result.Refusal));
        await using var db = installation.Open();
        Assert.Equal(0, await db.Runs.CountAsync());
    }
}
