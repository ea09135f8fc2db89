namespace Orchestrator.Data.Secrets;

/// <summary>Columns of text and bytes that may be read by whoever has the database. A column that stands neither here nor among the sealed
/// ones is a decision that nobody has taken: 'secrets check' and a test say so.</summary>
internal static class PlainColumns
{
    /// <summary>What people call things and write about them, ids, statuses, and where things are.</summary>
    private static readonly string[] Descriptions =
    [
        "AgentPools.Name", "Agents.IpAddress", "Agents.Name", "Agents.Worker", "Applies.Worker", "Plans.Worker", "ApiTokens.CreatedBy", "ApiTokens.CreatedById", "ApiTokens.Description",
        "ConfigurationVersions.CreatedBy", "ConfigurationVersions.CreatedById", "ConfigurationVersions.ErrorMessage", "ConfigurationVersions.Source",
        "CompanyIdentities.Issuer", "CompanyIdentities.Subject", "CredentialPolicies.AllowedRoles", "CredentialPolicies.SubjectTemplate", "DataProtectionKeys.FriendlyName", "LogChunks.Phase", "Blobs.Key",
        "NotificationConfigurations.EmailAddresses", "NotificationConfigurations.Name", "NotificationConfigurations.Triggers", "NotificationConfigurations.Users",
        "NotificationDeliveries.OccurredBy", "NotificationDeliveries.RunStatus", "NotificationDeliveries.Trigger",
        "OrganizationMemberships.Email", "OrganizationMemberships.EmailKey", "Organizations.Email", "Organizations.Name",
        // What passkeys show to everybody.
        "Passkeys.AttestationObject", "Passkeys.ClientDataJson", "Passkeys.CredentialHash", "Passkeys.CredentialId", "Passkeys.Name", "Passkeys.PublicKey",
        "Passkeys.Transports",
        "ProjectTags.Key", "ProjectTags.Value", "Projects.Description", "Projects.Name", "ReservedTagKeys.Key",
        "Runs.ClaimedBy", "Runs.ConfirmedBy", "Runs.ConfirmedById", "Runs.CreatedBy", "Runs.CreatedById", "Runs.Outcome", "Runs.Source",
        "Runs.TerraformVersion", "Runs.WorkingDirectory", "Sessions.Address", "Sessions.UserAgent", "SigningKeys.Algorithm", "SigningKeys.Kid", "SshKeys.Name", "Teams.Name", "Teams.SsoTeamId",
        "Users.Email", "Users.EmailKey", "Users.Username", "Users.UsernameKey", "VariableSets.Description", "VariableSets.Name",
        "Variables.Description", "Variables.Key", "Variables.VersionId", "WorkspaceTags.Key", "WorkspaceTags.Value",
        "Workspaces.Description", "Workspaces.LockReason", "Workspaces.LockedBy", "Workspaces.LockedById", "Workspaces.Name", "Workspaces.Source",
        "Workspaces.SourceName", "Workspaces.SourceUrl", "Workspaces.TerraformVersion", "Workspaces.TriggerPatterns", "Workspaces.TriggerPrefixes",
        "Workspaces.WorkingDirectory",
        "VcsConnections.Account", "VcsConnections.ApiUrl", "VcsConnections.AppId", "VcsConnections.HttpUrl", "VcsConnections.InstallationId",
        // Public keys of hosts.
        "VcsConnections.KnownHosts",
        "VcsConnections.Name", "VcsConnections.Problem", "VcsConnections.Service", "VcsConnections.Username",
        "VcsRepositories.Branch", "VcsRepositories.DefaultBranch", "VcsRepositories.Identifier", "VcsRepositories.IdentifierKey",
        "VcsRepositories.LastCommit", "VcsRepositories.Problem", "VcsRepositories.SeenTags", "VcsRepositories.TagsRegex",
        "VcsReports.CommitSha", "VcsReports.Problem", "VcsReports.ReportedStatus", "VcsReports.Repository",
        "VcsAccounts.ServiceUserId", "VcsAccounts.ServiceUserName", "VcsAccountClaims.AccountKey",
        "VcsThreads.CommentId", "VcsThreads.Repository",
        // What a repository's history says to everybody who may read the workspace's runs.
        "IngressAttributes.Branch", "IngressAttributes.CloneUrl", "IngressAttributes.CommitAuthor", "IngressAttributes.CommitMessage", "IngressAttributes.CommitSha", "IngressAttributes.CommitUrl",
        "IngressAttributes.CompareUrl", "IngressAttributes.Identifier", "IngressAttributes.PullRequestBody", "IngressAttributes.PullRequestTitle",
        "IngressAttributes.PullRequestUrl", "IngressAttributes.SenderAvatarUrl", "IngressAttributes.SenderHtmlUrl", "IngressAttributes.SenderUsername",
        "IngressAttributes.Tag",
    ];

    /// <summary>Made of terraform's output, or written about a run, with the run's sensitive values masked; of a state, its shape and never its values.</summary>
    private static readonly string[] Redacted =
    [
        "Applies.StepsJson", "Applies.WipeReceiptJson", "Plans.StepsJson", "Plans.WipeReceiptJson", "Runs.Message",
        "RunEvents.Action", "RunEvents.Actor", "RunEvents.ActorId", "RunEvents.Comment", "RunEvents.Description",
        "StateOutputs.DetailedType", "StateOutputs.Name", "StateVersions.ContentsJson", "StateVersions.CreatedBy", "StateVersions.CreatedById",
        "StateVersions.Lineage", "StateVersions.Md5", "StateVersions.TerraformVersion",
    ];

    /// <summary>Records of what was done. They say who was who, and never by what secret.</summary>
    private static readonly string[] Records =
    [
        "AuditChains.AnchorHash", "AuditChains.HeadHash", "AuditEntries.Action", "AuditEntries.ActorId", "AuditEntries.ActorName", "AuditEntries.Address",
        "AuditEntries.Detail", "AuditEntries.Hash", "AuditEntries.PreviousHash", "AuditEntries.RequestId", "AuditEntries.ResourceId",
        "AuditEntries.ResourceType", "AuditEntries.Route", "AuditEntries.UserAgent", "AuditEntries.Via", "AuditWaiting.Record",
        "CredentialGrants.AccessKeyId", "CredentialGrants.Audience", "CredentialGrants.ErrorCode", "CredentialGrants.Phase", "CredentialGrants.Principal",
        "CredentialGrants.Provider", "CredentialGrants.RequestId", "CredentialGrants.Role", "CredentialGrants.SessionName", "CredentialGrants.Subject",
        "CredentialGrants.Tag", "CredentialGrants.TokenId",
        "VcsDeliveries.CommitSha", "VcsDeliveries.Event", "VcsDeliveries.ProviderId", "VcsDeliveries.Reason", "VcsDeliveries.Repository", "VcsDeliveries.Sender",
        "VcsOutcomes.Reason",
        // Ids of a trace: random numbers.
        "Runs.TraceContext", "VcsDeliveries.TraceContext",
        // What a receiver of notifications has answered.
        "NotificationDeliveries.Body", "NotificationDeliveries.HeadersJson",
    ];

    /// <summary>Hashes of secrets that are long and random, so that nobody finds them by trying.</summary>
    public static readonly IReadOnlyList<(string Table, string Column)> Hashes = 
    [
        ("ApiTokens", "Hash"), ("OneTimeCodes", "Hash"), ("RunTokens", "Hash"), ("VcsAccountClaims", "Hash"), ("RecoveryCodes", "Hash"), ("Invitations", "Hash"), ("SpentChallenges", "Hash"),
    ];

    /// <summary>The ring itself, wrapped by what <see cref="KeyRingOptions"/> names.</summary>
    private static readonly string[] KeyRing = ["DataProtectionKeys.Xml"];

    public static readonly IReadOnlySet<string> All =
        new[] { Descriptions, Redacted, Records, KeyRing, [.. Hashes.Select(hash => $"{hash.Table}.{hash.Column}")] }
            .SelectMany(columns => columns).ToHashSet(StringComparer.Ordinal);
}
