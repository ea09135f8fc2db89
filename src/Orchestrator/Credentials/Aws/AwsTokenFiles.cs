namespace Orchestrator.Credentials.Aws;

/// <summary>Delivery as HCP Terraform does it: a file with the token and a profile that names it. The client assumes the role itself,
/// again and again, so the token is replaced before it expires.</summary>
internal static class AwsTokenFiles
{
    public static async Task<CloudDelivery> DeliverAsync(
        CloudPhase phase, IReadOnlyList<AwsLease> leases, Dictionary<string, string> common, TimeProvider clock, CancellationToken cancellationToken)
    {
        var tokens = leases.ToDictionary(lease => lease, lease => FileOf(phase, lease));
        foreach (var token in tokens.Values)
        {
            await token.WriteAsync(TokenFile.Lifetime, cancellationToken);
        }
        var files = await AwsConfigFiles.WriteAsync(phase, leases, lease =>
        [
            $"role_arn = {lease.Request.RoleArn}",
            $"web_identity_token_file = {tokens[lease].Path}",
            $"role_session_name = {lease.Request.SessionName}",
        ], cancellationToken);
        if (leases is [{ Configuration.Tag: null } only])
        {
            files["AWS_ROLE_ARN"] = only.Request.RoleArn;
            files["AWS_WEB_IDENTITY_TOKEN_FILE"] = tokens[only].Path;
            files["AWS_ROLE_SESSION_NAME"] = only.Request.SessionName;
        }
        return new CloudDelivery(upkeep: over => TokenFile.RenewAsync([.. tokens.Values], clock, over), close: () => AwsLease.EndAsync(leases))
        {
            Environment = common.Concat(files).ToDictionary(),
        }.Begin();
    }

    private static TokenFile FileOf(CloudPhase phase, AwsLease lease) => new(
        phase, $"aws/{lease.Configuration.Label}.token", async (lifetime, cancellationToken) =>
        {
            var (token, entry) = await lease.MintAsync(lifetime, cancellationToken);
            entry.Role = lease.Role.Shown;
            entry.SessionName = lease.Request.SessionName;
            return (token, entry);
        });
}
