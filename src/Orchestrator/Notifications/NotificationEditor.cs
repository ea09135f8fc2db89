using Microsoft.EntityFrameworkCore;
using MimeKit;
using Orchestrator.Data;
using Orchestrator.Data.Secrets;

namespace Orchestrator.Notifications;

/// <summary>What somebody wants a notification configuration to be. Null: as it is, or the default.</summary>
public sealed record NotificationEdit
{
    public string? Name { get; init; }

    /// <summary>As the API spells it: <c>microsoft-teams</c>. Only at creation.</summary>
    public string? Destination { get; init; }

    public bool? Enabled { get; init; }

    public string? Url { get; init; }

    /// <summary>Empty: none.</summary>
    public string? Token { get; init; }

    public IReadOnlyList<string?>? Triggers { get; init; }

    public IReadOnlyList<string?>? EmailAddresses { get; init; }

    /// <summary>Members of the organisation.</summary>
    public IReadOnlyList<UserId>? Users { get; init; }
}

/// <summary>The configuration, or why it may not be so.</summary>
/// <param name="Field">The attribute at fault, in the API's spelling; null when the receiver did not take the verification.</param>
public sealed record NotificationResult(NotificationConfiguration? Configuration, string? Refusal = null, string? Field = null);

/// <summary>The rules for notification configurations. One that is enabled is tried before it is saved.</summary>
public sealed class NotificationEditor(
    IDbContextFactory<OrchestratorDbContext> databases, NotificationSender sender, NotificationLog log, IMemberMailboxes members, SecretBox secrets,
    TimeProvider clock)
{
    /// <summary>A relation, and no attribute.</summary>
    public const string UsersField = "users";

    private const int MaxOfOne = 20;
    private const int MaxUrl = 2000;
    private const int MaxToken = 1000;
    private const int MaxAddresses = 50;

    public async Task<NotificationResult> CreateAsync(
        WorkspaceId? workspace, ProjectId? project, NotificationEdit wanted, CancellationToken cancellationToken)
    {
        if (DestinationOf(wanted.Destination) is not { } destination)
        {
            return Refused("The destination is 'generic', 'email', 'slack' or 'microsoft-teams'.", "destination-type");
        }
        var now = clock.GetUtcNow();
        var configuration = new NotificationConfiguration
        {
            Id = Identifier.New<NotificationConfigurationId>(),
            WorkspaceId = workspace,
            ProjectId = project,
            Name = "",
            Destination = destination,
            CreatedAt = now,
            UpdatedAt = now,
        };
        if ((Apply(configuration, wanted with { Name = wanted.Name ?? "" }) ?? await CheckUsersAsync(configuration, wanted, cancellationToken)) is { } refused)
        {
            return refused;
        }
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.NotificationConfigurations.CountAsync(row => row.WorkspaceId == workspace && row.ProjectId == project, cancellationToken) >= MaxOfOne)
        {
            return Refused($"There are {MaxOfOne} notification configurations at most.", "name");
        }
        var answer = configuration.Enabled ? await TryAsync(configuration, cancellationToken) : null;
        if (answer is { IsSuccess: false })
        {
            return Refused(WhyNot(answer), null);
        }
        db.NotificationConfigurations.Add(configuration);
        await db.SaveChangesAsync(cancellationToken);
        await RecordAsync(configuration, answer, cancellationToken);
        return new NotificationResult(configuration);
    }

    /// <returns>Null when there is no such configuration.</returns>
    public async Task<NotificationResult?> UpdateAsync(
        NotificationConfigurationId id, NotificationEdit wanted, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var configuration = await db.NotificationConfigurations.FirstOrDefaultAsync(row => row.Id == id, cancellationToken);
        if (configuration is null)
        {
            return null;
        }
        if (wanted.Destination is not null && DestinationOf(wanted.Destination) != configuration.Destination)
        {
            return Refused("The destination cannot be changed. Make another configuration.", "destination-type");
        }
        if ((Apply(configuration, wanted) ?? await CheckUsersAsync(configuration, wanted, cancellationToken)) is { } refused)
        {
            return refused;
        }
        var answer = configuration.Enabled ? await TryAsync(configuration, cancellationToken) : null;
        if (answer is { IsSuccess: false })
        {
            await RecordAsync(configuration, answer, cancellationToken);
            return Refused(WhyNot(answer), null);
        }
        configuration.UpdatedAt = clock.GetUtcNow();
        await db.SaveChangesAsync(cancellationToken);
        await RecordAsync(configuration, answer, cancellationToken);
        return new NotificationResult(configuration);
    }

    /// <summary>Sends the verification once more.</summary>
    /// <returns>Null when there is no such configuration.</returns>
    public async Task<NotificationResult?> VerifyAsync(NotificationConfigurationId id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var configuration = await db.NotificationConfigurations.AsNoTracking().FirstOrDefaultAsync(row => row.Id == id, cancellationToken);
        if (configuration is null)
        {
            return null;
        }
        var answer = await TryAsync(configuration, cancellationToken);
        await RecordAsync(configuration, answer, cancellationToken);
        return answer.IsSuccess ? new NotificationResult(configuration) : Refused(WhyNot(answer), null);
    }

    private Task<WebhookAnswer> TryAsync(NotificationConfiguration configuration, CancellationToken cancellationToken) => sender.SendAsync(
        configuration,
        new NotificationContent(
            configuration.Id.Value, configuration.Name, NotificationTriggers.Verification, $"Verification of {configuration.Name}"),
        cancellationToken);

    private Task RecordAsync(NotificationConfiguration configuration, WebhookAnswer? answer, CancellationToken cancellationToken) =>
        answer is null ? Task.CompletedTask : log.AddVerificationAsync(configuration.Id, answer, cancellationToken);

    private static string WhyNot(WebhookAnswer answer) => answer.Code is { } code
        ? $"The receiver answered the verification with {code}; it has to answer with 2xx."
        : $"The verification could not be delivered. {answer.Body}";

    /// <returns>Null when all was well.</returns>
    private NotificationResult? Apply(NotificationConfiguration configuration, NotificationEdit wanted)
    {
        var isMail = configuration.Destination == NotificationDestination.Email;
        if (wanted.Name is { } name && (string.IsNullOrWhiteSpace(name) || name.Length > NotificationConfiguration.MaxNameLength || name.Any(char.IsControl)))
        {
            return Refused($"A name has 1 to {NotificationConfiguration.MaxNameLength} characters.", "name");
        }
        if (wanted.Triggers?.FirstOrDefault(trigger => !NotificationTriggers.All.Contains(trigger)) is { } unknown)
        {
            return Refused($"'{unknown}' never happens here. Triggers are {string.Join(", ", NotificationTriggers.All)}.", "triggers");
        }
        if (wanted.Triggers?.Contains(null) == true)
        {
            return Refused($"Triggers are {string.Join(", ", NotificationTriggers.All)}.", "triggers");
        }
        if (wanted.Url is { } url && !IsUrl(url))
        {
            return Refused("The URL is an absolute one that begins with http:// or https://, without a user or a password.", "url");
        }
        if (!isMail && wanted.Url is null && configuration.ProtectedUrl is null)
        {
            return Refused("Say where notifications go: a URL that begins with http:// or https://.", "url");
        }
        if (wanted.Token is { Length: > MaxToken })
        {
            return Refused($"A token has {MaxToken} characters at most.", "token");
        }
        if (wanted.EmailAddresses is { } addresses && (addresses.Count > MaxAddresses || !addresses.All(IsMailbox)))
        {
            return Refused($"Each is a mail address such as 'ops@example.com', and there are {MaxAddresses} at most.", "email-addresses");
        }
        // One that is off may be filled in later.
        if (isMail && (wanted.Enabled ?? configuration.Enabled) && (wanted.EmailAddresses ?? configuration.EmailAddresses).Count == 0
            && (wanted.Users ?? configuration.Users).Count == 0)
        {
            return Refused("Say to which members or mail addresses notifications go.", "email-addresses");
        }
        configuration.Name = wanted.Name ?? configuration.Name;
        configuration.Enabled = wanted.Enabled ?? configuration.Enabled;
        configuration.ProtectedUrl = wanted.Url is null ? configuration.ProtectedUrl : secrets.Protect(SecretKind.Notification, SealedPlaces.OfUrl(configuration.Id), wanted.Url);
        configuration.ProtectedToken = wanted.Token switch
        {
            null => configuration.ProtectedToken,
            "" => null,
            var token => secrets.Protect(SecretKind.Notification, SealedPlaces.OfToken(configuration.Id), token),
        };
        configuration.Triggers = wanted.Triggers is null ? configuration.Triggers : [.. wanted.Triggers.OfType<string>().Distinct()];
        configuration.EmailAddresses = wanted.EmailAddresses is null ? configuration.EmailAddresses : [.. wanted.EmailAddresses.OfType<string>()];
        configuration.Users = wanted.Users is null ? configuration.Users : [.. wanted.Users.Distinct()];
        return null;
    }

    /// <returns>Null when all was well.</returns>
    private async Task<NotificationResult?> CheckUsersAsync(NotificationConfiguration configuration, NotificationEdit wanted, CancellationToken cancellationToken)
    {
        if (wanted.Users is not { Count: > 0 })
        {
            return null;
        }
        if (configuration.Destination != NotificationDestination.Email || configuration.Users.Count > MaxAddresses)
        {
            return Refused($"Members are told by mail: the destination is 'email', and there are {MaxAddresses} of them at most.", UsersField);
        }
        var known = await members.OfAsync(configuration, configuration.Users, workspace: null, cancellationToken);
        return known.Count < configuration.Users.Count ? Refused("Each is a member of the organization.", UsersField) : null;
    }

    private static bool IsUrl(string text) => text.Length <= MaxUrl && !text.Any(char.IsControl) && !text.Contains(' ', StringComparison.Ordinal)
        && Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
        && url.UserInfo.Length == 0 && url.Host.Length > 0;

    private static bool IsMailbox(string? text) => text is { Length: <= 254 } && !text.Any(char.IsControl)
        && MailboxAddress.TryParse(text, out var mailbox) && mailbox.Address == text && text.Contains('@', StringComparison.Ordinal);

    private static NotificationDestination? DestinationOf(string? text) =>
        EnumText.TryParse<NotificationDestination>(text?.Replace('-', '_'), out var destination) ? destination : null;

    private static NotificationResult Refused(string reason, string? field) => new(null, reason, field);
}
