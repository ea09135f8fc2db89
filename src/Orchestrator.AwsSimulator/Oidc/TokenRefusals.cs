using Orchestrator.AwsSimulator.Activity;

namespace Orchestrator.AwsSimulator.Oidc;

/// <summary>The answers STS gives about a token, in the words AWS uses where they are known.</summary>
internal static class TokenRefusals
{
    private const string Code = "InvalidIdentityToken";

    public static Refusal NotAJwt(string check, params Comparison[] comparisons) => Invalid(
        "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)", check, comparisons);

    public static Refusal MissingClaim(string name) => Invalid(
        $"Missing a required claim: {name}", "claims", new Comparison($"claim {name}", "present", null));

    public static Refusal WrongClaim(string name, string expected, string actual) => Invalid(
        $"The claim {name} in the ID Token provided is not valid", "claims", new Comparison($"claim {name}", expected, actual));

    public static Refusal NoProvider(string issuer, string accountId, IEnumerable<string> known) => Invalid(
        $"No OpenIDConnect provider found in your account for {issuer}",
        "provider",
        new Comparison($"iss, among the provider URLs of account {accountId}", string.Join(", ", known), issuer));

    public static Refusal NoKey(string check, params Comparison[] comparisons) => Invalid(
        "Couldn't retrieve verification key from your identity provider, please reference AssumeRoleWithWebIdentity "
            + "documentation for requirements",
        check,
        comparisons);

    public static Refusal Unreachable(string check, params Comparison[] comparisons) => new(
        new AwsError(
            "IDPCommunicationError",
            400,
            "The request could not be fulfilled because the identity provider that was asked to verify the incoming "
                + "identity token could not be reached."),
        check)
    { Comparisons = comparisons };

    public static Refusal WrongSignature(params Comparison[] comparisons) =>
        Invalid("Token signature invalid", "token signature", comparisons);

    public static Refusal WrongAudience(string claim, IReadOnlyList<string> clientIds, IReadOnlyList<string> actual) => Invalid(
        "Incorrect token audience",
        "audience",
        new Comparison(
            claim == "azp" ? "azp (it takes the place of aud when present)" : "aud",
            string.Join(", ", clientIds),
            string.Join(", ", actual)));

    public static Refusal Expired(long now, long expiresAt) => new(
        new AwsError(
            "ExpiredTokenException",
            400,
            $"Token expired: current date/time {now} must be before the expiration date/time {expiresAt}"),
        "expiration")
    { Comparisons = [new Comparison("exp (5 minutes are forgiven)", $"after {now}", $"{expiresAt}")] };

    public static Refusal TooEarly(string claim, long now, long value) => Invalid(
        $"Token not yet valid: current date/time {now} must be after the {claim} date/time {value}",
        "not before",
        new Comparison($"{claim} (5 minutes are forgiven)", $"not after {now}", $"{value}"));

    public static Refusal Invalid(string message, string check, params Comparison[] comparisons) =>
        new(new AwsError(Code, 400, message), check) { Comparisons = comparisons };
}
