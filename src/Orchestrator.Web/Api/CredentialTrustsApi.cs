using System.Text.Json;
using Orchestrator.Access;
using Orchestrator.Credentials.Aws.Trust;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

/// <param name="AccountId">Null where a placeholder stands in the texts.</param>
/// <param name="Subjects">By phase.</param>
/// <param name="Tag">Of the configuration whose trust it is; null for the default one.</param>
/// <param name="Tags">Of every configuration that the workspace's runs use.</param>
public sealed record CredentialTrustAttributes(
    string? Tag, IReadOnlyList<string> Tags, string Issuer, string Audience, string? AccountId, string ProviderUrl, string ProviderArn, IReadOnlyDictionary<string, string> Subjects,
    IReadOnlyList<CredentialTrustRole> Roles, IReadOnlyList<TrustDocument> Documents, IReadOnlyList<string> Notes);

public sealed record CredentialTrustRole(string Phase, string Name, string Arn);

public sealed record TrustExplanationRequest
{
    /// <summary>The document itself, or its text.</summary>
    public JsonElement TrustPolicy { get; init; }

    /// <summary><c>plan</c> or <c>apply</c>. Default: <c>plan</c>.</summary>
    public string? Phase { get; init; }

    /// <summary>Of the configuration that would ask. Default: the workspace's first.</summary>
    public string? Tag { get; init; }
}

/// <param name="Answer"><c>allowed</c>, <c>refused</c>, or <c>depends</c> on what only AWS sees.</param>
public sealed record TrustExplanationAttributes(
    string Phase, string Issuer, string Audience, string Subject, string Answer, string Summary, IReadOnlyList<TrustFindingDetail> Findings,
    IReadOnlyList<TrustActionDetail> Actions);

/// <param name="What">What is wrong.</param>
/// <param name="Mend">What to write instead.</param>
public sealed record TrustFindingDetail(string Severity, string Rule, string Place, string What, string Mend);

public sealed record TrustActionDetail(string Action, string Answer, string? Hint, IReadOnlyList<StatementExplanation> Statements);

/// <summary>What to create in AWS for a workspace, and what a trust policy that is there says to its runs.</summary>
internal static class CredentialTrustsApi
{
    public const int MaxPolicy = 16 * 1024;

    public static void MapCredentialTrusts(this IEndpointRouteBuilder api)
    {
        api.MapGet("/workspaces/{id}/credential-trust", ReadAsync).Needs(WorkspaceRight.ReadSettings)
            .WithSummary("Show what to create in AWS for a workspace").Returns<CredentialTrustAttributes>("credential-trusts")
            .Query("filter[tag]", "The configuration with this tag. Default: the workspace's first.")
            .Query("filter[account]", "The AWS account.").Query("filter[format]", "Only this format.");
        api.MapPost("/workspaces/{id}/actions/explain-trust", ExplainAsync).Needs(WorkspaceRight.ReadSettings)
            .WithSummary("Explain what a trust policy says to a workspace's runs")
            .TakesPlain<TrustExplanationRequest>().Returns<TrustExplanationAttributes>("trust-explanations");
    }

    private static async Task<IResult> ReadAsync(string id, HttpRequest request, TrustReader reader, CancellationToken cancellationToken)
    {
        string? Filter(string name) => request.Query[$"filter[{name}]"].ToString().Trim() is { Length: > 0 } given ? given : null;
        var found = await reader.ReadAsync(new WorkspaceId(id), Filter("account"), TagOf(Filter("tag"), pointer: null), cancellationToken) ?? throw ApiProblem.NotFound();
        var format = request.Query["filter[format]"].ToString();
        if (format.Length > 0 && !TrustDocument.Formats.Contains(format))
        {
            throw ApiProblem.BadRequest($"The format is one of {string.Join(", ", TrustDocument.Formats)}.");
        }
        var (trust, problems) = TrustGenerator.Generate(found.Request);
        if (trust is null)
        {
            throw new ApiProblem(StatusCodes.Status422UnprocessableEntity, "no trust", string.Join(' ', problems));
        }
        return JsonApiResult.Ok(new Resource<CredentialTrustAttributes>(id, "credential-trusts", new CredentialTrustAttributes(
            found.Request.Tag, [.. found.Configurations.OfType<string>()], found.Request.Issuer, found.Request.Audience, found.Request.AccountId, trust.ProviderUrl, trust.ProviderArn,
            Enum.GetValues<RunPhase>().ToDictionary(EnumText.Of, found.SubjectOf),
            [.. trust.Roles.Select(role => new CredentialTrustRole(role.Phase, role.Name, role.Arn))],
            [.. trust.Documents.Where(document => format.Length == 0 || document.Format == format)],
            found.Notes)));
    }

    private static async Task<IResult> ExplainAsync(
        string id, HttpRequest request, TrustReader reader, TimeProvider clock, CancellationToken cancellationToken)
    {
        var wanted = await request.ReadPlainAsync<TrustExplanationRequest>(MaxPolicy);
        var found = await reader.ReadAsync(new WorkspaceId(id), account: null, TagOf(wanted.Tag, "/tag"), cancellationToken) ?? throw ApiProblem.NotFound();
        if (!EnumText.TryParse<RunPhase>(wanted.Phase ?? "plan", out var phase))
        {
            throw ApiProblem.BadRequest("The phase is 'plan' or 'apply'.", "/phase");
        }
        var policy = wanted.TrustPolicy.ValueKind switch
        {
            JsonValueKind.Object => wanted.TrustPolicy.GetRawText(),
            JsonValueKind.String => TextOf(wanted.TrustPolicy),
            _ => throw ApiProblem.BadRequest("Send the role's trust policy, as an object or as text: {\"trust-policy\": {…}, \"phase\": \"plan\"}.", "/trust-policy"),
        };
        var opinion = found.Judge(policy, phase, Caller.Of(request.HttpContext).Name, clock.GetUtcNow());
        var explanation = opinion.Explanation;
        if (explanation.Answer == TrustAnswer.Unreadable)
        {
            throw new ApiProblem(StatusCodes.Status422UnprocessableEntity, "not a trust policy", explanation.Summary, "/trust-policy");
        }
        var name = EnumText.Of(phase);
        return JsonApiResult.Ok(new Resource<TrustExplanationAttributes>($"{id}-{name}", "trust-explanations", new TrustExplanationAttributes(
            name, found.Request.Issuer, found.Request.Audience, found.SubjectOf(phase), EnumText.Of(explanation.Answer), explanation.Summary,
            [.. opinion.Findings.Select(finding => new TrustFindingDetail(
                EnumText.Of(finding.Severity), finding.Rule, finding.Place, finding.Problem, finding.Mend))],
            [.. explanation.Actions.Select(action => new TrustActionDetail(
                action.Action, EnumText.Of(action.Answer), action.Hint, action.Statements))])));
    }

    private static string? TagOf(string? tag, string? pointer) =>
        tag is not null && TrustReader.FaultOf(tag) is { } fault ? throw ApiProblem.BadRequest(fault, pointer) : tag;

    private static string TextOf(JsonElement text)
    {
        try
        {
            return text.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw ApiProblem.BadRequest("The trust policy holds half of a character.", "/trust-policy");
        }
    }
}
