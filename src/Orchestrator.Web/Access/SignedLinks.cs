using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Orchestrator.Access;

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

/// <summary>Links that clients use without a header, so they carry their own proof: signed, for one purpose, for a limited time.</summary>
/// <remarks>A link that was made for a run dies with the run's token. The proof is in the path, because clients replace the query of
/// log links.</remarks>
public sealed class SignedLinks(IDataProtectionProvider protection, RunTokens runs)
{
    private readonly ITimeLimitedDataProtector _protector =
        protection.CreateProtector("Orchestrator.Links.v1").ToTimeLimitedDataProtector();

    public string Make(LinkKind kind, string id, Caller caller) =>
        _protector.Protect($"{(int)kind}|{id}|{caller.RunTokenHash}", LifetimeOf(kind));

    /// <returns>The id of what the link opens; null when it is not a valid link of this kind.</returns>
    public async Task<string?> OpenAsync(LinkKind kind, string link, CancellationToken cancellationToken)
    {
        string[] parts;
        try
        {
            parts = _protector.Unprotect(link).Split('|');
        }
        catch (Exception forged) when (forged is CryptographicException or FormatException)
        {
            return null;
        }
        if (parts.Length != 3 || parts[0] != ((int)kind).ToString(System.Globalization.CultureInfo.InvariantCulture))
        {
            return null;
        }
        return parts[2].Length == 0 || await runs.IsAliveAsync(parts[2], cancellationToken) ? parts[1] : null;
    }

    // Logs are followed for as long as an apply may take; everything else is fetched or sent at once.
    private static TimeSpan LifetimeOf(LinkKind kind) => kind switch
    {
        LinkKind.PlanLog or LinkKind.ApplyLog => TimeSpan.FromHours(25),
        LinkKind.ConfigurationUpload => TimeSpan.FromHours(1),
        LinkKind.StateUpload or LinkKind.StateJsonUpload => TimeSpan.FromMinutes(30),
        LinkKind.StateDownload or LinkKind.StateJsonDownload => TimeSpan.FromMinutes(5),
    };
}
