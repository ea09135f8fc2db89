using Orchestrator.Data;

namespace Orchestrator.Organizations;

/// <summary>What somebody wants an organisation to be. Null: as it is, or the default.</summary>
public sealed record OrganizationEdit
{
    public string? Name { get; init; }

    /// <summary>Empty: none.</summary>
    public string? Email { get; init; }

    /// <summary><c>remote</c>, <c>local</c> or <c>agent</c>.</summary>
    public string? DefaultExecutionMode { get; init; }

    /// <summary>Checked by whoever asks: it must be one that the organisation's workspaces may use.</summary>
    public AgentPoolId? DefaultAgentPool { get; init; }

    public bool? AllowForceDeleteWorkspaces { get; init; }

    /// <summary>Checked by whoever asks: they must not lock themselves out.</summary>
    public bool? RequiresTwoFactor { get; init; }

    /// <summary>0: no limit. Checked by whoever asks: it is the installation's to give.</summary>
    public int? MaxConcurrentRuns { get; init; }
}

/// <summary>The organisation, or why not.</summary>
/// <param name="Field">The attribute at fault, in the API's spelling.</param>
public sealed record OrganizationEditResult(Organization? Organization, string? Refusal = null, string? Field = null);

/// <summary>The rules for organisations, for the API and the pages alike.</summary>
public static class OrganizationEditor
{
    public const string NameTaken = "Name has already been taken";

    public static readonly string NameRule = $"A name has 1 to {Names.MaxOrganizationLength} letters, digits, '-' and '_'.";

    private const int MaxEmailLength = 254;

    /// <summary>Makes it in memory; the caller saves it, together with its default project.</summary>
    public static OrganizationEditResult Create(OrganizationEdit wanted, DateTimeOffset now) => new Organization
    {
        Id = Identifier.New<OrganizationId>(),
        Name = "",
        CreatedAt = now,
    }.Update(wanted with { Name = wanted.Name ?? "" });

    /// <summary>Changes it in memory, all of it or nothing; the caller saves it.</summary>
    public static OrganizationEditResult Update(this Organization organization, OrganizationEdit wanted)
    {
        if (wanted.Name is { } name && !Names.IsOrganization(name))
        {
            return new OrganizationEditResult(null, NameRule, "name");
        }
        if (wanted.Email is { Length: > MaxEmailLength })
        {
            return new OrganizationEditResult(null, $"An address has {MaxEmailLength} characters at most.", "email");
        }
        if (!Concurrency.IsLimit(wanted.MaxConcurrentRuns))
        {
            return new OrganizationEditResult(null, Concurrency.Rule, "max-concurrent-runs");
        }
        var mode = organization.DefaultExecutionMode;
        if (wanted.DefaultExecutionMode is { } text && !EnumText.TryParse(text, out mode))
        {
            return new OrganizationEditResult(null, "The execution mode is 'remote', 'local' or 'agent'.", "default-execution-mode");
        }
        var pool = mode == ExecutionMode.Agent ? wanted.DefaultAgentPool ?? organization.DefaultAgentPoolId : null;
        if (mode == ExecutionMode.Agent && pool is null)
        {
            return new OrganizationEditResult(null, "The execution mode 'agent' needs a default agent pool.", "default-agent-pool-id");
        }
        organization.Name = wanted.Name ?? organization.Name;
        organization.Email = wanted.Email is { } email ? NullWhenBlank(email) : organization.Email;
        organization.DefaultExecutionMode = mode;
        organization.DefaultAgentPoolId = pool;
        organization.AllowForceDeleteWorkspaces = wanted.AllowForceDeleteWorkspaces ?? organization.AllowForceDeleteWorkspaces;
        organization.RequiresTwoFactor = wanted.RequiresTwoFactor ?? organization.RequiresTwoFactor;
        organization.MaxConcurrentRuns = Concurrency.Apply(wanted.MaxConcurrentRuns, organization.MaxConcurrentRuns);
        return new OrganizationEditResult(organization);
    }

    private static string? NullWhenBlank(string text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
