namespace Orchestrator.Credentials.Aws;

/// <summary>Temporary keys of an assumed role. They live in this process's memory and in one child's environment.</summary>
public sealed class AwsSession(
    string accessKeyId, string secretAccessKey, string sessionToken, DateTimeOffset expiresAt, string principal, string? requestId)
{
    /// <summary>The half of the key pair that may be shown.</summary>
    public string AccessKeyId { get; } = accessKeyId;

    public string SecretAccessKey { get; } = secretAccessKey;

    public string SessionToken { get; } = sessionToken;

    public DateTimeOffset ExpiresAt { get; } = expiresAt;

    /// <summary>The ARN of the assumed role, with the session's name.</summary>
    public string Principal { get; } = principal;

    public string? RequestId { get; } = requestId;

    public override string ToString() => $"session {AccessKeyId} of {Principal}";
}

/// <summary>AWS did not give credentials.</summary>
/// <param name="Code">AWS's code, or <c>Unreachable</c>.</param>
/// <param name="Advice">What happened and what to check, for the reader of the run's log.</param>
public sealed record AwsRefusal(string Code, string Advice, string? RequestId)
{
    /// <summary>AWS saw the token too late.</summary>
    public bool IsExpired => Code is "ExpiredTokenException" or "ExpiredToken";
}
