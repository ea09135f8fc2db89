using Microsoft.AspNetCore.Components;
using Orchestrator.Access;
using Orchestrator.Credentials.Aws.Trust;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api;
using Orchestrator.Workspaces;

namespace Orchestrator.Web.Pages.Workspaces;

/// <summary>What AWS has to know about the workspace, and whether it knows.</summary>
public sealed partial class TrustPage(TrustReader reader, CredentialTrial trials, TimeProvider clock)
{
    private const int MaxPolicy = CredentialTrustsApi.MaxPolicy;

    private Workspace? _workspace;
    private WorkspaceTrust? _trust;
    private IReadOnlyList<TrustDocument> _documents = [];
    private IReadOnlyList<string> _problems = [];
    private string _format = TrustDocument.TerraformFormat;
    private Trial? _trial;
    private TrustOpinion? _opinion;
    private string? _refusal;

    [SupplyParameterFromQuery]
    private string? Account { get; set; }

    [SupplyParameterFromQuery]
    private string? Format { get; set; }

    [SupplyParameterFromQuery]
    private string? Tag { get; set; }

    [SupplyParameterFromForm(FormName = "test")]
    private TestForm? Test { get; set; }

    [SupplyParameterFromForm(FormName = "explain")]
    private CheckForm? Check { get; set; }

    protected override async Task ReadAsync(OrchestratorDbContext db, Workspace workspace)
    {
        Test ??= new TestForm();
        Check ??= new CheckForm();
        _format = Format is { } format && TrustDocument.Formats.Contains(format) ? format : _format;
        var account = Account?.Trim() is { Length: > 0 } given ? given : null;
        var tag = Tag?.Trim() is { Length: > 0 } wanted && TrustReader.FaultOf(wanted) is null ? wanted : null;
        _trust = await reader.ReadAsync(workspace.Id, account, tag, Context.RequestAborted);
        _workspace = workspace;
        if (_trust is not null)
        {
            (var generated, _problems) = TrustGenerator.Generate(_trust.Request);
            _documents = [.. (generated?.Documents ?? []).Where(document => document.Format == _format)];
        }
    }

    /// <summary>Whoever has a phase's credentials tried could as well queue it.</summary>
    private bool MayTest(RunPhase phase) => Here.May(
        WorkspaceRight.RunWithCredentials | (phase == RunPhase.Apply ? WorkspaceRight.QueueApply : WorkspaceRight.QueuePlan));

    private async Task TestAsync()
    {
        if (EnumText.TryParse<RunPhase>(Test!.Phase, out var phase) && MayTest(phase))
        {
            _trial = await trials.TryAsync(_workspace!.Id, phase, Caller.Of(Context).Name, Context.RequestAborted);
        }
    }

    private void Explain()
    {
        if (Check!.Policy is not { Length: > 0 and <= MaxPolicy } policy)
        {
            _refusal = $"Paste a trust policy of at most {MaxPolicy / 1024} KiB.";
            return;
        }
        if (!EnumText.TryParse<RunPhase>(Check.Phase, out var phase))
        {
            _refusal = "Choose plan or apply.";
            return;
        }
        var opinion = _trust!.Judge(policy, phase, Caller.Of(Context).Name, clock.GetUtcNow());
        if (opinion.Explanation.Answer == TrustAnswer.Unreadable)
        {
            _refusal = opinion.Explanation.Summary;
            return;
        }
        _opinion = opinion;
    }

    /// <summary>Whose trust can be shown: what the runs use, and what was asked for.</summary>
    private IReadOnlyList<string?> Choices => _trust is null ? [] : [.. _trust.Configurations.Append(_trust.Request.Tag).Distinct()];

    private static string NameOf(string format) => format switch
    {
        TrustDocument.TerraformFormat => "Terraform",
        TrustDocument.CloudFormationFormat => "CloudFormation",
        _ => "JSON trust policy",
    };

    public sealed class TestForm
    {
        public string? Phase { get; set; }
    }

    public sealed class CheckForm
    {
        public string? Policy { get; set; }

        public string? Phase { get; set; }
    }
}
