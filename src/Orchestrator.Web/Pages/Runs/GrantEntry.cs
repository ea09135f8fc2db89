using Orchestrator.Credentials;
using Orchestrator.Credentials.Aws;

namespace Orchestrator.Web.Pages.Runs;

/// <summary>An entry of a run's ledger, as its story is told.</summary>
/// <param name="IsRenewal">The same phase had the same credentials before.</param>
public sealed record GrantEntry(CredentialGrant Grant, bool IsRenewal)
{
    public string Story => "Token minted → " + Grant switch
    {
        { ErrorCode: { } code } => $"refused: {code}",
        _ when IsRenewal => "renewed",
        { ExchangeMilliseconds: null } => "handed over",
        { Provider: AwsCloud.Name } => "role assumed",
        _ => "exchanged",
    };

    public string Took => $"{Grant.TokenMilliseconds} ms to mint" + (Grant.ExchangeMilliseconds is { } exchange ? $", {exchange} ms to exchange" : "");

    /// <param name="grants">Oldest first.</param>
    public static IReadOnlyList<GrantEntry> Of(IReadOnlyList<CredentialGrant> grants)
    {
        var had = new HashSet<(string Phase, string Provider, string? Tag, bool IsExchanged)>();
        return
        [
            .. grants.Select(grant => new GrantEntry(grant, grant.ErrorCode is null
                && !had.Add((grant.Phase, grant.Provider, grant.Tag, grant.ExchangeMilliseconds is not null)))),
        ];
    }
}
