using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Credentials.Aws;

/// <summary>Says in plain words why AWS refused, and what to look at.</summary>
/// <remarks>Codes and their causes: the STS API reference, and what AWS's own texts have been seen to mean.</remarks>
internal static class AwsAdvice
{
    public static string For(string code, string message, AwsRoleRequest request, IdentityToken token) =>
        $"""
        AWS did not let this run assume {request.RoleArn} (from the variable {request.RoleVariable}).
          AWS says:  {code}: {message}
          subject:   {token.Subject}
          audience:  {token.Audience}
        {Check(code, message, request, token)}
        """;

    /// <summary>AWS gave keys, and does not take them.</summary>
    public static string ForKeys(string code, string message, AwsSession session) =>
        $"""
        AWS gave the key {session.AccessKeyId} and does not take it.
          AWS says:  {code}: {message}
        {Check(code, message)}
        """;

    public static string Unreachable(string endpoint, Exception error) =>
        $"""
        AWS STS could not be reached at {endpoint}: {error.Message}
        Check that this server may connect there, or set Orchestrator__Aws__StsEndpoint. No credentials were made.
        """;

    private static string Check(string code, string message, AwsRoleRequest request, IdentityToken token) => code switch
    {
        "InvalidIdentityToken" or "InvalidIdentityTokenException" when Says(message, "provider") && Says(message, "found") =>
            $"Check: the account {request.Account} has an IAM OIDC provider whose URL is this server's issuer, to the letter.",
        "InvalidIdentityToken" or "InvalidIdentityTokenException" when Says(message, "audience") =>
            $"Check: '{token.Audience}' is among the client ids (audiences) of the IAM OIDC provider, or set "
            + "TFC_AWS_WORKLOAD_IDENTITY_AUDIENCE to one that is.",
        _ => Check(code, message),
    };

    private static string Check(string code, string message) => code switch
    {
        "AccessDenied" when Says(message, "TagSession") || Says(message, "SetSourceIdentity") =>
            "Check: the role's trust policy allows sts:TagSession and sts:SetSourceIdentity as well, for the same subject and audience: the "
            + "workspace's credential policy puts session tags into its tokens. Allow both, or switch session tags off.",
        "AccessDenied" =>
            "Check: the role exists, and its trust policy allows sts:AssumeRoleWithWebIdentity for exactly this subject and this "
            + "audience (StringEquals is case-sensitive, and knows no '*').",
        "InvalidIdentityToken" or "InvalidIdentityTokenException" when Says(message, "retrieve") =>
            "Check: AWS can fetch this server's /.well-known/openid-configuration and key set from the internet, within five seconds.",
        "InvalidIdentityToken" or "InvalidIdentityTokenException" when Says(message, "thumbprint") =>
            "Check: the thumbprints of the IAM OIDC provider. AWS needs none for a certificate of a public authority: remove them, or renew them "
            + "now that the issuer's certificate is another one.",
        "InvalidIdentityToken" or "InvalidIdentityTokenException" when Says(message, "JWT") || Says(message, "claim") =>
            "Check: AWS cannot read this server's token as it should be. Set the organization's subject template back to its default; if that does not "
            + "help, report this with AWS's words.",
        "InvalidIdentityToken" or "InvalidIdentityTokenException" =>
            "Check: the issuer's published keys are this server's own, and the IAM OIDC provider belongs to this issuer.",
        "ExpiredTokenException" or "ExpiredToken" =>
            "Check: the clock of this server. A token lives five minutes, and AWS saw it after that.",
        "InvalidClientTokenId" or "InvalidClientTokenIdException" or "SignatureDoesNotMatch" or "MissingAuthenticationToken" or "IncompleteSignature" =>
            "Check: Orchestrator__Aws__StsEndpoint leads to the same AWS that gave the keys, and nothing between it and this server changes requests.",
        "ValidationError" when Says(message, "DurationSeconds") =>
            "Check: the role's maximum session duration is at least Orchestrator__Aws__SessionDuration.",
        "IDPRejectedClaim" or "IDPRejectedClaimException" =>
            "Check: nothing between AWS and this server rejects the token's claims, and the IAM OIDC provider belongs to this issuer.",
        "IDPCommunicationError" or "IDPCommunicationErrorException" =>
            "Check: AWS can reach this server's /.well-known/openid-configuration and key set from the internet. It was asked several times.",
        "MalformedPolicyDocument" or "MalformedPolicyDocumentException" =>
            "Check: the session policy that the plan is given. Report this; the workspace's credential policy can do without it meanwhile.",
        "PackedPolicyTooLarge" or "PackedPolicyTooLargeException" =>
            "Check: session tags and session policy together are too large for AWS. Switch one of them off in the credential policy.",
        "RegionDisabledException" or "RegionDisabled" =>
            "Check: STS is activated for this region in the account, or set AWS_REGION to another one.",
        "Throttling" or "ThrottlingException" =>
            "AWS is limiting the number of calls, and went on doing so. Start the run again in a few minutes.",
        "InternalFailure" or "InternalFailureException" or "ServiceUnavailable" or "ServiceUnavailableException" =>
            "AWS STS itself has trouble, and it was asked several times. Start the run again in a few minutes.",
        _ => "Check: the role's ARN, its trust policy, and the IAM OIDC provider.",
    };

    private static bool Says(string message, string word) => message.Contains(word, StringComparison.OrdinalIgnoreCase);
}
