using Orchestrator.Data;
using Orchestrator.Organizations;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

/// <summary>An organisation's settings as a client sends them; what is absent stays as it is.</summary>
public sealed record OrganizationRequest
{
    internal const string PasswordPolicy = "password";
    internal const string TwoFactorPolicy = "two_factor_mandatory";

    public Optional<string?> Name { get; init; }

    public Optional<string?> Email { get; init; }

    public Optional<string?> DefaultExecutionMode { get; init; }

    public Optional<string?> DefaultAgentPoolId { get; init; }

    public Optional<bool?> AllowForceDeleteWorkspaces { get; init; }

    public Optional<string?> CollaboratorAuthPolicy { get; init; }

    public Optional<int?> SessionTimeout { get; init; }

    public Optional<int?> SessionRemember { get; init; }

    public Optional<int?> MaxConcurrentRuns { get; init; }

    public Optional<bool?> AssessmentsEnforced { get; init; }

    public Optional<bool?> CostEstimationEnabled { get; init; }

    /// <exception cref="ApiProblem">It asks for what this server does not have.</exception>
    public static OrganizationEdit EditOf(RequestResource<OrganizationRequest> body)
    {
        var wanted = body.Attributes!;
        wanted.RefuseWhatIsNotThere();
        return new OrganizationEdit
        {
            Name = wanted.Name.IsSet ? wanted.Name.Value ?? "" : null,
            Email = wanted.Email.IsSet ? wanted.Email.Value ?? "" : null,
            DefaultExecutionMode = wanted.DefaultExecutionMode.Value,
            DefaultAgentPool = (wanted.DefaultAgentPoolId.Value ?? body.RelatedId("default-agent-pool")) is { } pool ? new AgentPoolId(pool) : null,
            AllowForceDeleteWorkspaces = wanted.AllowForceDeleteWorkspaces.Value,
            MaxConcurrentRuns = wanted.MaxConcurrentRuns.IsSet ? wanted.MaxConcurrentRuns.Value ?? 0 : null,
            RequiresTwoFactor = wanted.CollaboratorAuthPolicy.Value is { } policy ? policy == TwoFactorPolicy : null,
        };
    }

    private void RefuseWhatIsNotThere()
    {
        if (CollaboratorAuthPolicy.Value is not (null or PasswordPolicy or TwoFactorPolicy))
        {
            throw ApiProblem.Invalid("collaborator-auth-policy", $"The policy is '{PasswordPolicy}' or '{TwoFactorPolicy}'.");
        }
        if (SessionTimeout.Value is not null || SessionRemember.Value is not null)
        {
            throw ApiProblem.Invalid(SessionTimeout.Value is not null ? "session-timeout" : "session-remember",
                "How long sessions last is decided for the whole installation.");
        }
        if (AssessmentsEnforced.Value == true)
        {
            throw ApiProblem.Invalid("assessments-enforced", "This server makes no health assessments.");
        }
        if (CostEstimationEnabled.Value == true)
        {
            throw ApiProblem.Invalid("cost-estimation-enabled", "This server estimates no costs.");
        }
    }
}
