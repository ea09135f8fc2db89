using System.Data.Common;
using Microsoft.EntityFrameworkCore;

namespace Orchestrator.Credentials.Aws;

/// <summary>Delivery as HCP Terraform does it: a file with the token and a profile that names it. The client assumes the role itself,
/// again and again, so the token is replaced before it expires.</summary>
internal static class AwsTokenFiles
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan RenewEvery = TimeSpan.FromMinutes(5);

    public static async Task<CloudDelivery> DeliverAsync(
        CloudPhase phase, IReadOnlyList<AwsLease> leases, Dictionary<string, string> common, TimeProvider clock, CancellationToken cancellationToken)
    {
        var tokens = await WriteAsync(phase, leases, cancellationToken);
        var files = await AwsConfigFiles.WriteAsync(phase, leases, lease =>
        [
            $"role_arn = {lease.Request.RoleArn}",
            $"web_identity_token_file = {tokens[lease]}",
            $"role_session_name = {lease.Request.SessionName}",
        ], cancellationToken);
        if (leases is [{ Configuration.Tag: null } only])
        {
            files["AWS_ROLE_ARN"] = only.Request.RoleArn;
            files["AWS_WEB_IDENTITY_TOKEN_FILE"] = tokens[only];
            files["AWS_ROLE_SESSION_NAME"] = only.Request.SessionName;
        }
        return new CloudDelivery(upkeep: over => RenewAsync(phase, leases, clock, over))
        {
            Environment = common.Concat(files).ToDictionary(),
        }.Begin();
    }

    private static async Task RenewAsync(CloudPhase phase, IReadOnlyList<AwsLease> leases, TimeProvider clock, CancellationToken over)
    {
        using var timer = new PeriodicTimer(RenewEvery, clock);
        while (await timer.WaitForNextTickAsync(over))
        {
            try
            {
                await WriteAsync(phase, leases, over);
            }
            catch (Exception failed) when (failed is DbException or DbUpdateException or IOException or InvalidOperationException)
            {
                // The token in place is good for two more rounds.
            }
        }
    }

    private static async Task<Dictionary<AwsLease, string>> WriteAsync(
        CloudPhase phase, IReadOnlyList<AwsLease> leases, CancellationToken cancellationToken)
    {
        var paths = new Dictionary<AwsLease, string>();
        foreach (var lease in leases)
        {
            var (token, entry) = await lease.MintAsync(Lifetime, cancellationToken);
            entry.Role = lease.Request.RoleArn;
            entry.SessionName = lease.Request.SessionName;
            await phase.RecordAsync(entry, cancellationToken);
            // Clients send the file as it is: no newline at its end.
            paths[lease] = await phase.WriteFileAsync($"aws/{lease.Configuration.Label}.token", token.Compact, cancellationToken);
        }
        return paths;
    }
}
