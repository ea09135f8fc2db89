using System.Net;
using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Credentials.Vault;

/// <summary>Says in plain words why Vault gave no token, and what to look at.</summary>
/// <remarks>The texts are those of Vault's JWT auth method.</remarks>
internal static class VaultAdvice
{
    /// <summary>For the ledger.</summary>
    public static string CodeOf(VaultAnswer answer) => answer.Status switch
    {
        null => "Unreachable",
        _ when answer.Succeeded => "NoToken",
        var status => $"{(int)status}",
    };

    public static string For(VaultAnswer answer, CloudConfiguration configuration, IdentityToken token)
    {
        var (address, role) = (configuration.Of(VaultVocabulary.Address), configuration.Of(VaultVocabulary.Role));
        var said = answer.Said(token.Compact);
        return answer.Status is null
            ? $"""
                Vault could not be reached at {address.Value} (from the variable {address.Variable}): {said}
                Check: the address, and that this server may connect there. When the certificate of Vault is of a private authority, set {configuration.Of(VaultVocabulary.EncodedAuthority).Candidates[0].Variable}.
                """
            : $"""
                Vault did not let this run log in as {role.Value} (from the variable {role.Variable}).
                  Vault says: {(said.Length > 0 ? $"{(int)answer.Status}: {said}" : $"status {(int)answer.Status}, and no reason")}
                  address:    {address.Value}, auth/{configuration[VaultVocabulary.AuthPath]}{(configuration[VaultVocabulary.Namespace] is { } space ? $" in the namespace {space}" : "")}
                  subject:    {token.Subject}
                  audience:   {token.Audience}
                {Check(answer, said, configuration, token)}
                """;
    }

    private static string Check(VaultAnswer answer, string said, CloudConfiguration configuration, IdentityToken token) => answer.Status switch
    {
        HttpStatusCode.ServiceUnavailable => "Check: Vault is unsealed, and the address leads to a node that answers.",
        HttpStatusCode.TooManyRequests => "Vault is limiting the number of calls, and went on doing so. Start the run again in a few minutes.",
        >= HttpStatusCode.InternalServerError => "Vault itself has trouble, and it was asked several times. Vault's own log says more.",
        >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest =>
            "A redirect is not followed, because the token would go elsewhere. Set the address to where Vault itself answers.",
        < HttpStatusCode.MultipleChoices => "Check: the address is Vault's. What answers there gave no token.",
        _ when Says(said, "role") && Says(said, "could not be found") =>
            $"Check: the role exists below auth/{configuration[VaultVocabulary.AuthPath]}, in this namespace.",
        _ when Says(said, "audience") => $"Check: '{token.Audience}' is among the role's bound_audiences, or set "
            + $"{configuration.Of(VaultVocabulary.Audience).Candidates[0].Variable} to one that is.",
        _ when Says(said, "expired") || Says(said, "not yet valid") || Says(said, "in the future") => "Check: the clocks of this server and of Vault.",
        _ when Says(said, "signature") || Says(said, "issuer") =>
            "Check: the auth method's oidc_discovery_url and bound_issuer are this server's issuer, to the letter, and Vault can fetch its keys.",
        _ when Says(said, "claim") =>
            "Check: the role's bound_claims or bound_subject match this subject (with bound_claims_type 'glob' where they contain '*').",
        HttpStatusCode.Forbidden or HttpStatusCode.NotFound =>
            $"Check: a JWT auth method is enabled at '{configuration[VaultVocabulary.AuthPath]}', in this namespace.",
        _ => "Check: the role, and the configuration of its auth method.",
    };

    private static bool Says(string message, string word) => message.Contains(word, StringComparison.OrdinalIgnoreCase);
}
