using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;

namespace Orchestrator.Web.Access;

/// <summary>What a signed link opens: one thing, in one way.</summary>
public enum LinkKind
{
    ConfigurationUpload,
    StateUpload,
    StateJsonUpload,
    StateDownload,
    StateJsonDownload,
    PlanLog,
    ApplyLog,
}

/// <summary>A link that is valid now.</summary>
/// <param name="Id">Of what it opens.</param>
/// <param name="Admission">For whom it was made, and what they may do there.</param>
internal sealed record OpenedLink(string Id, Admission Admission);

/// <summary>Links that clients use without a header, so they carry their own proof: signed, for one purpose, for a limited time.</summary>
/// <remarks>A link opens what its maker may open now: it dies with the token that it was made with, with the account or team behind
/// it, and with the right. The proof is in the path, because clients replace the query of log links.</remarks>
public sealed class SignedLinks(
    IDataProtectionProvider protection, RunTokens runs, ApiTokens tokens, Principals people, Standings standings,
    IDbContextFactory<OrchestratorDbContext> databases)
{
    private const char Separator = '|';

    // In place of a token's id: no id looks like this.
    private const string Key = "the installation's own";

    private readonly ITimeLimitedDataProtector _protector =
        protection.CreateProtector("Orchestrator.Links.v2").ToTimeLimitedDataProtector();

    public string Make(LinkKind kind, string id, Caller caller) => _protector.Protect(
        string.Join(
            Separator, EnumText.Of(kind), id, EnumText.Of(caller.Principal.Kind), caller.Principal.Id, caller.RunTokenHash ?? caller.TokenId?.Value ?? (caller.Principal.HoldsKey ? Key : null),
            caller.Principal.Name),
        LifetimeOf(kind));

    /// <returns>The id of what the link opens; null when it is not a valid link of this kind, or not any more.</returns>
    public async Task<string?> OpenAsync(LinkKind kind, string link, CancellationToken cancellationToken) =>
        (await OpenForAsync(kind, link, cancellationToken))?.Id;

    /// <param name="bearer">Who has proved who they are beside the link, so that a run's token that has just been found alive is not looked for again.</param>
    internal async Task<OpenedLink?> OpenForAsync(LinkKind kind, string link, CancellationToken cancellationToken, Caller? bearer = null)
    {
        string[] parts;
        try
        {
            parts = _protector.Unprotect(link).Split(Separator);
        }
        catch (Exception forged) when (forged is CryptographicException or FormatException)
        {
            return null;
        }
        if (parts is not [var made, var id, var principal, var maker, var token, var name] || made != EnumText.Of(kind)
            || (bearer?.RunTokenHash == token ? bearer : await FindAsync(EnumText.Parse<PrincipalKind>(principal), maker, token, name, cancellationToken))
                is not { } caller)
        {
            return null;
        }
        var (find, right) = OpensIn(kind);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await find(db, new RouteValueDictionary { ["id"] = id }, cancellationToken) is not { } scope)
        {
            return null;
        }
        var standing = await standings.OfAsync(caller.Principal, caller.RunToken, cancellationToken);
        var admission = new Admission(caller, standing, scope);
        return admission.May(right) || right == WorkspaceRight.ReadState && await db.IsSharedAsync(caller, scope.Workspace!.Value, cancellationToken)
            ? new OpenedLink(id, admission)
            : null;
    }

    /// <summary>Whoever made the link, if they still exist and the token that they made it with is alive.</summary>
    private async Task<Caller?> FindAsync(PrincipalKind kind, string id, string token, string name, CancellationToken cancellationToken)
    {
        if (kind == PrincipalKind.Run)
        {
            return await runs.FindByHashAsync(token, cancellationToken) is { } alive ? new Caller(Principal.Of(alive)) { RunToken = alive } : null;
        }
        if (token == Key)
        {
            return await people.FindAsync(new UserId(id), cancellationToken) is { } admin ? new Caller(admin with { HoldsKey = true }) : null;
        }
        if (token.Length > 0 && !await tokens.IsAliveAsync(new ApiTokenId(token), cancellationToken))
        {
            return null;
        }
        var principal = kind == PrincipalKind.User ? await people.FindAsync(new UserId(id), cancellationToken) : new Principal(kind, id, name);
        return principal is null ? null : new Caller(principal);
    }

    private static (ScopeFinder Find, WorkspaceRight Right) OpensIn(LinkKind kind) => kind switch
    {
        LinkKind.PlanLog or LinkKind.ApplyLog => (Scopes.Of("runs/{id}"), WorkspaceRight.ReadRuns),
        LinkKind.ConfigurationUpload => (Scopes.Of("configuration-versions/{id}"), WorkspaceRight.QueuePlan),
        LinkKind.StateUpload or LinkKind.StateJsonUpload => (Scopes.Of("state-versions/{id}"), WorkspaceRight.WriteState),
        LinkKind.StateDownload or LinkKind.StateJsonDownload => (Scopes.FinalizedState, WorkspaceRight.ReadState),
    };

    // Logs are followed for as long as an apply may take; everything else is fetched or sent at once.
    private static TimeSpan LifetimeOf(LinkKind kind) => kind switch
    {
        LinkKind.PlanLog or LinkKind.ApplyLog => TimeSpan.FromHours(25),
        LinkKind.ConfigurationUpload => TimeSpan.FromHours(1),
        LinkKind.StateUpload or LinkKind.StateJsonUpload => TimeSpan.FromMinutes(30),
        LinkKind.StateDownload or LinkKind.StateJsonDownload => TimeSpan.FromMinutes(5),
    };
}
