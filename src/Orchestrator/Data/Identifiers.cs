using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.Data;

/// <summary>An identifier as the HCP Terraform API writes it: a prefix that names the kind, then 16 letters and digits.</summary>
/// <remarks>Every kind is a type of its own, so that a workspace's id cannot be passed where a run's is expected.</remarks>
public interface IIdentifier<TSelf> where TSelf : struct, IIdentifier<TSelf>
{
    static abstract string Prefix { get; }

    static abstract TSelf Of(string value);

    string Value { get; }
}

/// <summary>Makes and reads identifiers of every kind.</summary>
public static class Identifier
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private const int RandomLength = 16;

    private static readonly SearchValues<char> Letters = SearchValues.Create(Alphabet);

    public static T New<T>() where T : struct, IIdentifier<T> =>
        T.Of(T.Prefix + RandomNumberGenerator.GetString(Alphabet, RandomLength));

    /// <summary>Always the same one for the same parts: for things that have no row of their own.</summary>
    public static T Derived<T>(params ReadOnlySpan<string> parts) where T : struct, IIdentifier<T> => T.Of(T.Prefix + Derive(parts));

    /// <summary>The part after the prefix of an identifier that is always the same for the same parts.</summary>
    public static string Derive(params ReadOnlySpan<string> parts)
    {
        // No part holds a NUL, so different parts never read alike.
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', parts)));
        return string.Create(RandomLength, hash, (text, bytes) =>
        {
            for (var index = 0; index < text.Length; index++)
            {
                text[index] = Alphabet[bytes[index] % Alphabet.Length];
            }
        });
    }

    /// <summary>False for anything that is not exactly this kind of identifier; never throws.</summary>
    public static bool TryParse<T>([NotNullWhen(true)] string? text, out T identifier) where T : struct, IIdentifier<T>
    {
        var valid = text is not null
            && text.Length == T.Prefix.Length + RandomLength
            && text.StartsWith(T.Prefix, StringComparison.Ordinal)
            && text.AsSpan(T.Prefix.Length).IndexOfAnyExcept(Letters) < 0;
        identifier = valid ? T.Of(text!) : default;
        return valid;
    }
}

public readonly record struct OrganizationId(string Value) : IIdentifier<OrganizationId>
{
    public static string Prefix => "org-";
    public static OrganizationId Of(string value) => new(value);
    public override string ToString() => Value;
}

public readonly record struct ProjectId(string Value) : IIdentifier<ProjectId>
{
    public static string Prefix => "prj-";
    public static ProjectId Of(string value) => new(value);
    public override string ToString() => Value;
}

public readonly record struct WorkspaceId(string Value) : IIdentifier<WorkspaceId>
{
    public static string Prefix => "ws-";
    public static WorkspaceId Of(string value) => new(value);
    public override string ToString() => Value;
}

public readonly record struct VariableId(string Value) : IIdentifier<VariableId>
{
    public static string Prefix => "var-";
    public static VariableId Of(string value) => new(value);
    public override string ToString() => Value;
}

public readonly record struct VariableSetId(string Value) : IIdentifier<VariableSetId>
{
    public static string Prefix => "varset-";
    public static VariableSetId Of(string value) => new(value);
    public override string ToString() => Value;
}

public readonly record struct ConfigurationVersionId(string Value) : IIdentifier<ConfigurationVersionId>
{
    public static string Prefix => "cv-";
    public static ConfigurationVersionId Of(string value) => new(value);
    public override string ToString() => Value;
}

public readonly record struct RunId(string Value) : IIdentifier<RunId>
{
    public static string Prefix => "run-";
    public static RunId Of(string value) => new(value);
    public override string ToString() => Value;
}

public readonly record struct PlanId(string Value) : IIdentifier<PlanId>
{
    public static string Prefix => "plan-";
    public static PlanId Of(string value) => new(value);
    public override string ToString() => Value;
}

public readonly record struct ApplyId(string Value) : IIdentifier<ApplyId>
{
    public static string Prefix => "apply-";
    public static ApplyId Of(string value) => new(value);
    public override string ToString() => Value;
}

public readonly record struct StateVersionId(string Value) : IIdentifier<StateVersionId>
{
    public static string Prefix => "sv-";
    public static StateVersionId Of(string value) => new(value);
    public override string ToString() => Value;
}

/// <summary>An output: of a state version, and of the workspace whose current one it is.</summary>
public readonly record struct StateOutputId(string Value) : IIdentifier<StateOutputId>
{
    public static string Prefix => "wsout-";
    public static StateOutputId Of(string value) => new(value);
    public override string ToString() => Value;
}

public readonly record struct RunEventId(string Value) : IIdentifier<RunEventId>
{
    public static string Prefix => "re-";
    public static RunEventId Of(string value) => new(value);
    public override string ToString() => Value;
}

public readonly record struct CredentialGrantId(string Value) : IIdentifier<CredentialGrantId>
{
    public static string Prefix => "cg-";
    public static CredentialGrantId Of(string value) => new(value);
    public override string ToString() => Value;
}

public readonly record struct CredentialPolicyId(string Value) : IIdentifier<CredentialPolicyId>
{
    public static string Prefix => "cpol-";
    public static CredentialPolicyId Of(string value) => new(value);
    public override string ToString() => Value;
}

public readonly record struct UserId(string Value) : IIdentifier<UserId>
{
    public static string Prefix => "user-";
    public static UserId Of(string value) => new(value);
    public override string ToString() => Value;
}

public readonly record struct OrganizationMembershipId(string Value) : IIdentifier<OrganizationMembershipId>
{
    public static string Prefix => "ou-";
    public static OrganizationMembershipId Of(string value) => new(value);
    public override string ToString() => Value;
}

public readonly record struct TeamId(string Value) : IIdentifier<TeamId>
{
    public static string Prefix => "team-";
    public static TeamId Of(string value) => new(value);
    public override string ToString() => Value;
}

public readonly record struct TeamWorkspaceAccessId(string Value) : IIdentifier<TeamWorkspaceAccessId>
{
    public static string Prefix => "tws-";
    public static TeamWorkspaceAccessId Of(string value) => new(value);
    public override string ToString() => Value;
}

public readonly record struct TeamProjectAccessId(string Value) : IIdentifier<TeamProjectAccessId>
{
    public static string Prefix => "tprj-";
    public static TeamProjectAccessId Of(string value) => new(value);
    public override string ToString() => Value;
}

public readonly record struct ApiTokenId(string Value) : IIdentifier<ApiTokenId>
{
    public static string Prefix => "at-";
    public static ApiTokenId Of(string value) => new(value);
    public override string ToString() => Value;
}

public readonly record struct CommentId(string Value) : IIdentifier<CommentId>
{
    public static string Prefix => "wsc-";
    public static CommentId Of(string value) => new(value);
    public override string ToString() => Value;
}

public readonly record struct RunTriggerId(string Value) : IIdentifier<RunTriggerId>
{
    public static string Prefix => "rt-";
    public static RunTriggerId Of(string value) => new(value);
    public override string ToString() => Value;
}

public readonly record struct NotificationConfigurationId(string Value) : IIdentifier<NotificationConfigurationId>
{
    public static string Prefix => "nc-";
    public static NotificationConfigurationId Of(string value) => new(value);
    public override string ToString() => Value;
}

public readonly record struct NotificationDeliveryId(string Value) : IIdentifier<NotificationDeliveryId>
{
    public static string Prefix => "nd-";
    public static NotificationDeliveryId Of(string value) => new(value);
    public override string ToString() => Value;
}

public readonly record struct AgentPoolId(string Value) : IIdentifier<AgentPoolId>
{
    public static string Prefix => "apool-";
    public static AgentPoolId Of(string value) => new(value);
    public override string ToString() => Value;
}

public readonly record struct AgentId(string Value) : IIdentifier<AgentId>
{
    public static string Prefix => "agent-";
    public static AgentId Of(string value) => new(value);
    public override string ToString() => Value;
}

public readonly record struct SshKeyId(string Value) : IIdentifier<SshKeyId>
{
    public static string Prefix => "sshkey-";
    public static SshKeyId Of(string value) => new(value);
    public override string ToString() => Value;
}

public readonly record struct TagId(string Value) : IIdentifier<TagId>
{
    public static string Prefix => "tag-";
    public static TagId Of(string value) => new(value);
    public override string ToString() => Value;
}

public readonly record struct ReservedTagKeyId(string Value) : IIdentifier<ReservedTagKeyId>
{
    public static string Prefix => "rtk-";
    public static ReservedTagKeyId Of(string value) => new(value);
    public override string ToString() => Value;
}

public readonly record struct SessionId(string Value) : IIdentifier<SessionId>
{
    public static string Prefix => "ses-";
    public static SessionId Of(string value) => new(value);
    public override string ToString() => Value;
}

public readonly record struct PasskeyId(string Value) : IIdentifier<PasskeyId>
{
    public static string Prefix => "pk-";
    public static PasskeyId Of(string value) => new(value);
    public override string ToString() => Value;
}

public readonly record struct AuditEntryId(string Value) : IIdentifier<AuditEntryId>
{
    public static string Prefix => "audit-";
    public static AuditEntryId Of(string value) => new(value);
    public override string ToString() => Value;
}

/// <summary>A connection to version control.</summary>
public readonly record struct OAuthClientId(string Value) : IIdentifier<OAuthClientId>
{
    public static string Prefix => "oc-";
    public static OAuthClientId Of(string value) => new(value);
    public override string ToString() => Value;
}

/// <summary>What workspaces name to use a connection.</summary>
public readonly record struct OAuthTokenId(string Value) : IIdentifier<OAuthTokenId>
{
    public static string Prefix => "ot-";
    public static OAuthTokenId Of(string value) => new(value);
    public override string ToString() => Value;
}

/// <summary>A GitHub App's installation: another name of its connection.</summary>
public readonly record struct GitHubAppInstallationId(string Value) : IIdentifier<GitHubAppInstallationId>
{
    public static string Prefix => "ghain-";
    public static GitHubAppInstallationId Of(string value) => new(value);
    public override string ToString() => Value;
}

/// <summary>Something that version control has told us.</summary>
public readonly record struct VcsDeliveryId(string Value) : IIdentifier<VcsDeliveryId>
{
    public static string Prefix => "vd-";
    public static VcsDeliveryId Of(string value) => new(value);
    public override string ToString() => Value;
}

/// <summary>Where a configuration came from.</summary>
public readonly record struct IngressAttributesId(string Value) : IIdentifier<IngressAttributesId>
{
    public static string Prefix => "ia-";
    public static IngressAttributesId Of(string value) => new(value);
    public override string ToString() => Value;
}
