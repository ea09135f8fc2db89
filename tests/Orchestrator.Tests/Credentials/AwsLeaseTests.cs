using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Orchestrator.Credentials;
using Orchestrator.Credentials.Aws;
using Orchestrator.Data;
using Orchestrator.Tests.Support;
using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Tests.Credentials;

public sealed class AwsLeaseTests
{
    private static readonly TimeSpan Duration = TimeSpan.FromMinutes(15);

    [Fact]
    public async Task A_session_is_kept_until_less_than_six_minutes_are_left_and_then_renewed_with_a_new_token()
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        await using var sts = await StubSts.StartAsync((200, Expiring(minutes: 15)), (200, Expiring(minutes: 24)));
        var (lease, secrets) = await LeaseAsync(installation, sts);

        var first = await lease.GetAsync(CancellationToken.None);
        installation.Clock.Advance(TimeSpan.FromMinutes(8.9));
        Assert.Same(first, await lease.GetAsync(CancellationToken.None));
        installation.Clock.Advance(TimeSpan.FromMinutes(0.2));
        var second = await lease.GetAsync(CancellationToken.None);

        Assert.NotSame(first, second);
        Assert.Equal(2, sts.Calls.Count);
        Assert.Equal(2, sts.Calls.Select(call => call["WebIdentityToken"]).Distinct().Count());
        Assert.All(sts.Calls, call => Assert.Contains(call["WebIdentityToken"], secrets));
        Assert.Contains("SECRETKEY", secrets);
        Assert.Contains("SESSIONTOKEN", secrets);
        await using var db = installation.Open();
        var entries = await db.CredentialGrants.OrderBy(entry => entry.CreatedAt).ToListAsync();
        Assert.Equal(2, entries.Select(entry => entry.TokenId).Distinct().Count());
        Assert.All(entries, entry => Assert.Equal(
            ("aws", null, "plan", "arn:aws:iam::123456789012:role/deploy", "ASIAKEY", "request-id", null),
            (entry.Provider, entry.Tag, entry.Phase, entry.Role, entry.AccessKeyId, entry.RequestId, entry.ErrorCode)));
    }

    [Fact]
    public async Task Those_who_ask_at_once_share_one_session()
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        await using var sts = await StubSts.StartAsync(200, Expiring(minutes: 15));
        var (lease, _) = await LeaseAsync(installation, sts);

        var sessions = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => lease.GetAsync(CancellationToken.None)));

        Assert.Single(sessions.Distinct());
        Assert.Single(sts.Calls);
    }

    [Fact]
    public async Task A_token_that_grew_old_on_the_way_is_replaced_once()
    {
        var expired = (400, StubSts.Error("ExpiredTokenException", "Token expired"));
        await using var installation = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        await using var recovering = await StubSts.StartAsync(expired, (200, Expiring(minutes: 15)));
        Assert.NotNull(await (await LeaseAsync(installation, recovering)).Lease.GetAsync(CancellationToken.None));
        Assert.Equal(2, recovering.Calls.Select(call => call["WebIdentityToken"]).Distinct().Count());

        await using var failing = await StubSts.StartAsync(expired);
        var (lease, _) = await LeaseAsync(installation, failing);
        var refused = await Assert.ThrowsAsync<CredentialsRefusedException>(() => lease.GetAsync(CancellationToken.None));
        Assert.Contains("the clock of this server", refused.Message, StringComparison.Ordinal);
        Assert.Equal(2, failing.Calls.Count);
    }

    [Fact]
    public async Task A_door_that_was_opened_is_shut_when_the_rest_of_the_delivery_fails()
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        await using var sts = await StubSts.StartAsync(200, Expiring(minutes: 15));
        var (lease, _) = await LeaseAsync(installation, sts);
        // In the place of the directory for AWS's files.
        await File.WriteAllTextAsync(Path.Combine(installation.DirectoryPath, "aws"), "");
        var endpoint = new OneDoor();

        await Assert.ThrowsAnyAsync<IOException>(() => AwsEndpointFiles.DeliverAsync(lease.Phase, [lease], endpoint, [], CancellationToken.None));

        Assert.Equal((1, 1), (endpoint.Opened, endpoint.Shut));
    }

    private sealed class OneDoor : ICredentialEndpoint
    {
        public int Opened { get; private set; }

        public int Shut { get; private set; }

        public Task<CredentialDoor> OpenAsync(Func<string, CancellationToken, Task<AwsSession>?> answer, CancellationToken cancellationToken)
        {
            Opened++;
            return Task.FromResult(new CredentialDoor(new Uri("http://127.0.0.1:1/credentials/"), "token", () => Shut++));
        }
    }

    private static string Expiring(int minutes) => StubSts.Success.Replace(
        "2026-03-01T13:00:00Z", $"{Installation.Start.AddMinutes(minutes):yyyy-MM-ddTHH:mm:ssZ}", StringComparison.Ordinal);

    private static async Task<(AwsLease Lease, List<string> Secrets)> LeaseAsync(Installation installation, StubSts sts)
    {
        var workspace = await installation.ReadyWorkspaceAsync();
        var run = await installation.QueueAsync(workspace.Id);
        var claim = await installation.ClaimAsync(run.Id);
        var secrets = new List<string>();
        var phase = new CloudPhase(installation.Get<TokenIssuer>(), installation.Get<CredentialLedger>(), installation.Clock)
        {
            Identity = claim.Identity,
            Policy = EffectiveCredentialPolicy.Of(null, null, null),
            Responsible = "alice",
            TimeLimit = TimeSpan.FromHours(2),
            Directory = installation.DirectoryPath,
            Environment = new Dictionary<string, string>(),
            Secret = secret =>
            {
                secrets.Add(secret);
                return secret;
            },
        };
        var configuration = CloudSettings.Read(AwsVocabulary.Instance, new Dictionary<string, string>
        {
            ["TFC_AWS_PROVIDER_AUTH"] = "true",
            ["TFC_AWS_RUN_ROLE_ARN"] = "arn:aws:iam::123456789012:role/deploy",
        }, "plan").Configurations[0];
        var request = new AwsRoleRequest(
            configuration.Need(AwsVocabulary.Role), "TFC_AWS_RUN_ROLE_ARN", null, phase.SessionName, Duration);
        var exchange = new AwsCredentialExchange(Options.Create(new AwsOptions { StsEndpoint = sts.Address }), new AwsClock(TimeProvider.System), new ImpatientClock());
        return (new AwsLease(phase, configuration, request, exchange, installation.Clock), secrets);
    }
}
