using Orchestrator.Credentials;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

/// <param name="Result"><c>granted</c> or <c>refused</c>.</param>
public sealed record CredentialGrantAttributes(
    DateTimeOffset CreatedAt, string Phase, string Provider, string? Tag, string Result, string? ErrorCode, string? Role, string? SessionName,
    string? Principal, string? AccessKeyId, DateTimeOffset? ExpiresAt, string? RequestId, int? ExchangeMilliseconds, string TokenId,
    string Subject, string Audience, DateTimeOffset TokenIssuedAt, DateTimeOffset TokenExpiresAt, int TokenMilliseconds);

/// <summary>An entry of the ledger. There are no secrets in it, because none are stored. A trial's has no run.</summary>
internal static class CredentialGrantResource
{
    public static Resource<CredentialGrantAttributes> Map(CredentialGrant grant) => new(
        grant.Id.Value, "credential-grants", new CredentialGrantAttributes(
            grant.CreatedAt, grant.Phase, grant.Provider, grant.Tag, grant.ErrorCode is null ? "granted" : "refused", grant.ErrorCode, grant.Role,
            grant.SessionName, grant.Principal, grant.AccessKeyId, grant.ExpiresAt, grant.RequestId, grant.ExchangeMilliseconds, grant.TokenId,
            grant.Subject, grant.Audience, grant.TokenIssuedAt, grant.TokenExpiresAt, grant.TokenMilliseconds))
    {
        Relationships = new Dictionary<string, Relationship>
        {
            ["workspace"] = Relationship.One(WorkspaceResource.Type, grant.WorkspaceId.Value),
            ["run"] = Relationship.One(RunResource.Type, grant.RunId?.Value),
        },
    };
}
