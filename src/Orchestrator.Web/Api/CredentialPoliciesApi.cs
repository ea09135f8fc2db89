using Orchestrator.Access;
using Orchestrator.Credentials;
using Orchestrator.Data;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

/// <summary>Null where the next level up decides.</summary>
public sealed record CredentialPolicyAttributes(
    string? Delivery, string? Speculative, bool? ReadOnlyPlan, bool? SessionTags, IReadOnlyList<string> AllowedRoles,
    string? SubjectTemplate, EffectivePolicyAttributes Effective);

/// <summary>What applies, and who decided it: <c>workspace</c>, <c>project</c>, <c>organization</c> or <c>default</c>.</summary>
/// <param name="AllowedRoles">A role has to be on each of these lists.</param>
public sealed record EffectivePolicyAttributes(
    DecidedText Delivery, DecidedText Speculative, DecidedFlag ReadOnlyPlan, DecidedFlag SessionTags, IReadOnlyList<DecidedList> AllowedRoles);

public sealed record DecidedText(string Value, string By);

public sealed record DecidedFlag(bool Value, string By);

public sealed record DecidedList(IReadOnlyList<string> Value, string By);

public sealed record CredentialPolicyRequest
{
    public Optional<string?> Delivery { get; init; }

    public Optional<string?> Speculative { get; init; }

    public Optional<bool?> ReadOnlyPlan { get; init; }

    public Optional<bool?> SessionTags { get; init; }

    public Optional<IReadOnlyList<string>?> AllowedRoles { get; init; }

    public Optional<string?> SubjectTemplate { get; init; }

    /// <summary>The policy as it shall be: what is absent stays, and null gives it back to the next level up.</summary>
    public CredentialPolicyEdit ApplyTo(CredentialPolicyEdit edit) => new(
        Delivery.IsSet ? Delivery.Value : edit.Delivery,
        Speculative.IsSet ? Speculative.Value : edit.Speculative,
        ReadOnlyPlan.IsSet ? ReadOnlyPlan.Value : edit.ReadOnlyPlan,
        SessionTags.IsSet ? SessionTags.Value : edit.SessionTags,
        AllowedRoles.IsSet ? [.. (AllowedRoles.Value ?? []).Select(role => role ?? "")] : edit.AllowedRoles)
    {
        SubjectTemplate = SubjectTemplate.IsSet ? SubjectTemplate.Value : edit.SubjectTemplate,
    };
}

internal static class CredentialPoliciesApi
{
    private const string Type = "credential-policies";

    public static void MapCredentialPolicies(this IEndpointRouteBuilder api)
    {
        Describe(
            "organisation",
            api.MapGet("/organizations/{organization}/credential-policy", ShowAsync).Needs(OrganizationRight.ReadCredentials),
            api.MapPatch("/organizations/{organization}/credential-policy", SaveAsync).Needs(OrganizationRight.ManageCredentials));
        Describe(
            "project",
            api.MapGet("/projects/{id}/credential-policy", ShowAsync).Needs(ProjectRight.Read),
            api.MapPatch("/projects/{id}/credential-policy", SaveAsync).Needs(ProjectRight.ManageCredentials));
        Describe(
            "workspace",
            api.MapGet("/workspaces/{id}/credential-policy", ShowAsync).Needs(WorkspaceRight.ReadSettings),
            api.MapPatch("/workspaces/{id}/credential-policy", SaveAsync).Needs(WorkspaceRight.ManageCredentials));
    }

    private static void Describe(string level, RouteHandlerBuilder show, RouteHandlerBuilder save)
    {
        show.WithSummary($"Show which credentials runs get, as the {level} says it").Returns<CredentialPolicyAttributes>(Type);
        save.WithSummary($"Say for the {level} which credentials runs get").Takes<CredentialPolicyRequest>().Returns<CredentialPolicyAttributes>(Type);
    }

    private static async Task<IResult> SaveAsync(HttpRequest request, Admission admission, CredentialPolicies policies)
    {
        var wanted = (await request.ReadResourceAsync<CredentialPolicyRequest>()).Attributes!;
        return await policies.SaveAsync(OwnerIn(admission.Scope), wanted.ApplyTo, request.HttpContext.RequestAborted) is { } refusal
            ? throw ApiProblem.Invalid(refusal.Field, refusal.Reason)
            : await ShowAsync(request, admission, policies);
    }

    private static async Task<IResult> ShowAsync(HttpRequest request, Admission admission, CredentialPolicies policies)
    {
        var owner = OwnerIn(admission.Scope);
        var levels = await policies.LevelsAsync(owner, request.HttpContext.RequestAborted);
        var own = CredentialPolicyEdit.Of(levels.Of(owner.Level));
        return JsonApiResult.Ok(new Resource<CredentialPolicyAttributes>(
            owner.Workspace?.Value ?? owner.Project?.Value ?? owner.Organization.Value, Type, new CredentialPolicyAttributes(
                own.Delivery, own.Speculative, own.ReadOnlyPlan, own.SessionTags, own.AllowedRoles, own.SubjectTemplate, Tell(levels)))
        {
            Links = new Dictionary<string, string> { ["self"] = request.Path },
        });
    }

    private static PolicyOwner OwnerIn(Scope scope) => new(scope.Organization, scope.Project, scope.Workspace);

    private static EffectivePolicyAttributes Tell(CredentialPolicyLevels levels) => new(
        Text(levels.Delivery), Text(levels.Speculative), Flag(levels.ReadOnlyPlan), Flag(levels.SessionTags),
        [.. levels.AllowedRoles.Select(list => new DecidedList(list.Value, EnumText.Of(list.By)))]);

    private static DecidedText Text<T>(Decided<T> decided) where T : struct, Enum => new(EnumText.Of(decided.Value), EnumText.Of(decided.By));

    private static DecidedFlag Flag(Decided<bool> decided) => new(decided.Value, EnumText.Of(decided.By));
}
