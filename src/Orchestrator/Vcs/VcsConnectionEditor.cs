using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using Orchestrator.Data;
using Orchestrator.Vcs.Git;

namespace Orchestrator.Vcs;

/// <summary>What somebody wants a connection to be. Null: as it is, or the default; an empty text: none.</summary>
public sealed record VcsConnectionEdit
{
    /// <summary>Only at creation.</summary>
    public string? Service { get; init; }

    public string? Name { get; init; }

    public string? HttpUrl { get; init; }

    public string? ApiUrl { get; init; }

    public string? Username { get; init; }

    public string? Token { get; init; }

    public string? AppId { get; init; }

    public string? InstallationId { get; init; }

    public string? AppKey { get; init; }

    public string? SshKey { get; init; }

    public string? KnownHosts { get; init; }

    public string? WebhookSecret { get; init; }

    public bool? OrganizationScoped { get; init; }

    /// <summary>Zero: never.</summary>
    public int? PollMinutes { get; init; }

    public override string ToString() => $"edit of a {Service} connection";
}

/// <param name="Field">The attribute at fault, in the API's spelling.</param>
public sealed record VcsRefusal(string Reason, string Field);

/// <summary>The rules for connections.</summary>
public sealed partial class VcsConnectionEditor(VcsVault vault, IOptions<VcsOptions> options)
{
    public const int MaxName = 100;
    public const int MaxUrl = 500;

    private const int MaxSecret = 32 * 1024;
    private const int MinWebhookSecret = 16;
    private const int MaxPollMinutes = 24 * 60;

    /// <returns>The connection, which nobody has saved, with a new webhook secret; or why there is none.</returns>
    public (VcsConnection? Connection, string? NewSecret, VcsRefusal? Refusal) Create(OrganizationId organization, VcsConnectionEdit wanted, DateTimeOffset now)
    {
        if (VcsService.Find(wanted.Service) is not { } service)
        {
            return (null, null, new VcsRefusal($"The service provider is one of {string.Join(", ", VcsService.All.Select(known => $"'{known.Name}'"))}.", "service-provider"));
        }
        if ((wanted.HttpUrl ?? service.HttpUrl) is not { } http)
        {
            return (null, null, new VcsRefusal("This service is at an address of its own. Send it as 'http-url', such as https://git.example.com.", "http-url"));
        }
        var id = Identifier.New<OAuthClientId>();
        var generated = wanted.WebhookSecret is null ? RandomNumberGenerator.GetHexString(48, lowercase: true) : null;
        var connection = new VcsConnection
        {
            Id = id,
            OrganizationId = organization,
            Service = service.Name,
            HttpUrl = http.TrimEnd('/'),
            ApiUrl = wanted.ApiUrl ?? service.ApiUrl ?? ApiOf(service, http),
            ProtectedWebhookSecret = [],
            CreatedAt = now,
            UpdatedAt = now,
        };
        return Update(connection, wanted with { WebhookSecret = wanted.WebhookSecret ?? generated }, now) is { } refusal
            ? (null, null, refusal)
            : (connection, generated, null);
    }

    /// <summary>Changes the connection in memory, all of it or nothing that is saved; the caller saves it.</summary>
    public VcsRefusal? Update(VcsConnection connection, VcsConnectionEdit wanted, DateTimeOffset now)
    {
        if (FindFault(connection, wanted) is { } refusal)
        {
            return refusal;
        }
        // Where secrets go is only for those to change who know the secret.
        var moves = (wanted.HttpUrl is { } http && http.TrimEnd('/') != connection.HttpUrl) || (wanted.ApiUrl is { } api && api.TrimEnd('/') != connection.ApiUrl);
        if (moves && ((connection.ProtectedToken is not null && wanted.Token is null) || (connection.ProtectedSshKey is not null && wanted.SshKey is null) || (connection.ProtectedAppKey is not null && wanted.AppKey is null)))
        {
            return new VcsRefusal("Whoever changes the address sends the token or key again: they would go to another server.", wanted.HttpUrl is null ? "api-url" : "http-url");
        }
        connection.Name = wanted.Name is null ? connection.Name : Text(wanted.Name);
        connection.HttpUrl = wanted.HttpUrl?.TrimEnd('/') ?? connection.HttpUrl;
        connection.ApiUrl = wanted.ApiUrl?.TrimEnd('/') ?? connection.ApiUrl;
        connection.Username = wanted.Username is null ? connection.Username : Text(wanted.Username);
        connection.AppId = wanted.AppId ?? connection.AppId;
        connection.InstallationId = wanted.InstallationId ?? connection.InstallationId;
        connection.KnownHosts = wanted.KnownHosts is null ? connection.KnownHosts : Text(wanted.KnownHosts);
        connection.OrganizationScoped = wanted.OrganizationScoped ?? connection.OrganizationScoped;
        connection.PollMinutes = wanted.PollMinutes is { } minutes ? (minutes == 0 ? null : minutes) : connection.PollMinutes;
        connection.ProtectedToken = Seal(wanted.Token, connection.ProtectedToken, token => vault.SealToken(connection.Id, token.Trim()));
        connection.ProtectedAppKey = Seal(wanted.AppKey, connection.ProtectedAppKey, key => vault.SealAppKey(connection.Id, KeyText(key)));
        connection.ProtectedSshKey = Seal(wanted.SshKey, connection.ProtectedSshKey, key => vault.SealSshKey(connection.Id, KeyText(key)));
        connection.ProtectedWebhookSecret = wanted.WebhookSecret is { } secret ? vault.SealWebhookSecret(connection.Id, secret) : connection.ProtectedWebhookSecret;
        connection.UpdatedAt = now;
        // What workspaces name exists as soon as there is something to reach a server with, which a public one over HTTPS does not need.
        connection.TokenId ??= connection.ProtectedToken is not null || connection.ProtectedAppKey is not null || connection.ProtectedSshKey is not null || connection.Service == VcsService.PlainGit
            ? Identifier.New<OAuthTokenId>()
            : null;
        return null;
    }

    private VcsRefusal? FindFault(VcsConnection connection, VcsConnectionEdit wanted)
    {
        var isGit = connection.Service == VcsService.PlainGit;
        var isApp = connection.Service == VcsService.GitHubApp;
        if (wanted.Name is { Length: > MaxName } || wanted.Name?.Any(char.IsControl) == true)
        {
            return new VcsRefusal($"A name has {MaxName} characters at most.", "name");
        }
        if (wanted.Username is { Length: > MaxName } || wanted.Username?.Any(char.IsControl) == true)
        {
            return new VcsRefusal($"A user's name has {MaxName} characters at most.", "username");
        }
        var (http, api) = ((wanted.HttpUrl ?? connection.HttpUrl).TrimEnd('/'), (wanted.ApiUrl ?? connection.ApiUrl).TrimEnd('/'));
        if (http.Length > MaxUrl || FaultOf(http, ssh: isGit) is not null)
        {
            return new VcsRefusal(FaultOf(http, ssh: isGit) ?? $"An address has {MaxUrl} characters at most.", "http-url");
        }
        if (!isGit && (api.Length > MaxUrl || FaultOf(api, ssh: false) is not null))
        {
            return new VcsRefusal(FaultOf(api, ssh: false) ?? $"An address has {MaxUrl} characters at most.", "api-url");
        }
        if (wanted.Token is { Length: > 0 } token && (token.Length > 4096 || token.Trim().Any(letter => char.IsControl(letter) || char.IsWhiteSpace(letter))))
        {
            return new VcsRefusal("A token has no spaces and 4096 characters at most.", "oauth-token-string");
        }
        if (!isGit && !isApp && connection.ProtectedToken is null && string.IsNullOrEmpty(wanted.Token) && connection.TokenId is null && connection.ProtectedWebhookSecret.Length == 0)
        {
            return new VcsRefusal("Send a personal access token as 'oauth-token-string'. This server does not send people through the service's own sign-in.", "oauth-token-string");
        }
        if (isApp && ((wanted.AppId ?? connection.AppId) is not { } app || !Digits().IsMatch(app)))
        {
            return new VcsRefusal("Send the GitHub App's number as 'app-id'.", "app-id");
        }
        if (isApp && ((wanted.InstallationId ?? connection.InstallationId) is not { } installation || !Digits().IsMatch(installation)))
        {
            return new VcsRefusal("Send the number of the App's installation as 'installation-id': it is the last part of the address of its settings.", "installation-id");
        }
        if (isApp && wanted.AppKey is null && connection.ProtectedAppKey is null)
        {
            return new VcsRefusal("Send the GitHub App's private key as 'private-key', in PEM.", "private-key");
        }
        if (wanted.AppKey is { Length: > 0 } appKey && !IsRsa(appKey))
        {
            return new VcsRefusal("The private key is an RSA key in PEM, as GitHub gives it.", "private-key");
        }
        if (wanted.SshKey is { Length: > 0 } sshKey && (sshKey.Length > MaxSecret || !sshKey.Contains("PRIVATE KEY-----", StringComparison.Ordinal)))
        {
            return new VcsRefusal("The SSH key is a private key without a passphrase: text that begins with '-----BEGIN' and names a 'PRIVATE KEY'.", "ssh-key");
        }
        if (wanted.KnownHosts is { Length: > 0 } hosts && (hosts.Length > MaxSecret || !hosts.Split('\n').All(IsKnownHost)))
        {
            return new VcsRefusal("Known hosts are lines as ssh-keyscan prints them: a host, the kind of its key, and the key.", "known-hosts");
        }
        if (wanted.WebhookSecret is { } secret && (secret.Length is < MinWebhookSecret or > MaxName || secret.Any(letter => letter is < '!' or > '~')))
        {
            return new VcsRefusal($"A webhook secret has {MinWebhookSecret} to {MaxName} letters, digits and signs.", "webhook-secret");
        }
        return wanted.PollMinutes is < 0 or > MaxPollMinutes
            ? new VcsRefusal($"To poll means every 1 to {MaxPollMinutes} minutes; 0 means never.", "poll-minutes")
            : null;
    }

    private string? FaultOf(string address, bool ssh) => GitSource.Fault(address + "/x", options.Value.AllowHttp)
        ?? (address.StartsWith("ssh://", StringComparison.Ordinal) && !ssh ? "The address begins with https://." : null);

    private static string ApiOf(VcsService service, string http) => http.TrimEnd('/') + service.Family switch
    {
        VcsFamily.GitHub => "/api/v3",
        VcsFamily.GitLab => "/api/v4",
        VcsFamily.Gitea => "/api/v1",
        VcsFamily.Bitbucket => "/rest",
        VcsFamily.AzureDevOps or VcsFamily.Git => "",
    };

    private static string? Text(string text) => text.Trim() is { Length: > 0 } said ? said : null;

    // ssh and RSA read no key whose last line does not end, and none with another system's line ends.
    private static string KeyText(string key) => key.ReplaceLineEndings("\n").Trim() + "\n";

    private static byte[]? Seal(string? wanted, byte[]? now, Func<string, byte[]> seal) => wanted switch
    {
        null => now,
        "" => null,
        _ => seal(wanted),
    };

    private static bool IsRsa(string pem)
    {
        using var rsa = RSA.Create();
        try
        {
            rsa.ImportFromPem(pem);
            return true;
        }
        catch (Exception broken) when (broken is ArgumentException or CryptographicException)
        {
            return false;
        }
    }

    private static bool IsKnownHost(string line) => line.Trim() is var text && (text.Length == 0 || text.StartsWith('#')
        || (text.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var kind, var key, ..] && kind.All(letter => char.IsAsciiLetterOrDigit(letter) || "-@.".Contains(letter, StringComparison.Ordinal)) && key.Length > 20));

    [GeneratedRegex(@"\A[0-9]{1,20}\z")]
    private static partial Regex Digits();
}
