using System.Net;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Configurations;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Tests.Support;
using Orchestrator.Vcs;
using Orchestrator.Workspaces;

namespace Orchestrator.Tests.Vcs;

/// <summary>Deliveries whose service does not answer as it should: nothing is lost, and nothing goes on for ever.</summary>
public sealed class DeliveryJobTests
{
    private const string Commit = "95790bf891e76fee5e1747ab589903a6a1f80f22";

    [Theory]
    [InlineData(401, 3, "did not let git in")]
    [InlineData(403, 3, "did not let git in")]
    [InlineData(404, 3, "no such repository")]
    [InlineData(429, 6, "could not be reached")]
    [InlineData(500, 6, "could not be reached")]
    public async Task A_service_that_refuses_is_tried_again_a_few_times_and_then_the_log_says_why(int status, int attempts, string reason)
    {
        await using var installation = await CreateAsync();
        using var host = new AnsweringHost(status);
        var delivery = await DeliverAsync(installation, host);

        for (var attempt = 1; attempt <= attempts; attempt++)
        {
            var due = await ReadAsync(installation, delivery);
            Assert.Equal((VcsDeliveryStatus.Received, attempt - 1), (due.Status, due.Attempts));
            await installation.Get<VcsDeliveryJob>().ExecuteAsync(delivery.Value, CancellationToken.None);
            // Not before its time.
            await installation.Get<VcsDispatch>().DispatchAsync(CancellationToken.None);
            Assert.Equal(attempt - 1, installation.JobsIn(VcsDeliveryJob.Queue).Count);
            installation.Clock.Advance(TimeSpan.FromHours(1));
            await installation.Get<VcsDispatch>().DispatchAsync(CancellationToken.None);
        }

        var failed = await ReadAsync(installation, delivery);
        Assert.Equal((VcsDeliveryStatus.Failed, attempts), (failed.Status, failed.Attempts));
        Assert.Contains(reason, failed.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("the-token", failed.Reason, StringComparison.Ordinal);
        await using var db = installation.Open();
        Assert.Empty(await db.Runs.ToListAsync());
        // What was being fetched is not any more, and says why.
        var version = await db.ConfigurationVersions.SingleAsync();
        Assert.Equal((ConfigurationVersionStatus.Errored, failed.Reason), (version.Status, version.ErrorMessage));
        Assert.Empty(await db.VcsOutcomes.ToListAsync());
    }

    [Fact]
    public async Task What_was_given_up_is_tried_again_when_its_sender_sends_it_again()
    {
        await using var installation = await CreateAsync();
        using var host = new AnsweringHost(404);
        var delivery = await DeliverAsync(installation, host);
        await using (var db = installation.Open())
        {
            await db.VcsDeliveries.ExecuteUpdateAsync(set => set.SetProperty(row => row.Status, VcsDeliveryStatus.Failed).SetProperty(row => row.Attempts, 3));
        }
        var before = await ReadAsync(installation, delivery);

        var again = await installation.Get<VcsIntake>().StoreAsync(before.ConnectionId, "push", before.ProviderId, "{}"u8.ToArray());

        Assert.Equal((IntakeOutcome.Repeated, delivery), (again.Outcome, again.Id));
        Assert.Equal((VcsDeliveryStatus.Received, 0), ((await ReadAsync(installation, delivery)).Status, (await ReadAsync(installation, delivery)).Attempts));
    }

    [Theory, EachDatabase]
    public async Task A_job_that_was_lost_gets_a_successor_and_of_two_one_goes_on(DatabaseProvider provider)
    {
        await using var installation = await CreateAsync(provider);
        using var host = new AnsweringHost(500);
        var delivery = await DeliverAsync(installation, host);
        await installation.Get<VcsDispatch>().DispatchAsync(CancellationToken.None);
        Assert.Empty(installation.JobsIn(VcsDeliveryJob.Queue));

        installation.Clock.Advance(VcsIntake.Patience);
        await installation.Get<VcsDispatch>().DispatchAsync(CancellationToken.None);
        Assert.Equal([delivery.Value], installation.JobsIn(VcsDeliveryJob.Queue));

        var job = installation.Get<VcsDeliveryJob>();
        await Task.WhenAll(job.ExecuteAsync(delivery.Value, CancellationToken.None), job.ExecuteAsync(delivery.Value, CancellationToken.None));
        Assert.InRange((await ReadAsync(installation, delivery)).Attempts, 1, 2);
    }

    [Theory]
    [InlineData(1, 5)]
    [InlineData(2, 30)]
    [InlineData(3, 120)]
    [InlineData(5, 1800)]
    public void Waits_grow(int attempts, int seconds) => Assert.Equal(TimeSpan.FromSeconds(seconds), new VcsProblem("x", VcsProblem.Often).WaitAfter(attempts));

    [Fact]
    public void A_service_that_says_how_long_to_wait_is_heard_but_not_for_ever()
    {
        Assert.Equal(TimeSpan.FromSeconds(90), new VcsProblem("x", VcsProblem.Often, TimeSpan.FromSeconds(90)).WaitAfter(1));
        Assert.Equal(TimeSpan.FromHours(1), new VcsProblem("x", VcsProblem.Often, TimeSpan.FromDays(7)).WaitAfter(1));
        Assert.Null(new VcsProblem("x", VcsProblem.Once).WaitAfter(1));
    }

    private static Task<Installation> CreateAsync(DatabaseProvider provider = DatabaseProvider.Sqlite) => Installation.CreateAsync(provider, services =>
        services.Configure<VcsOptions>(options => (options.AllowHttp, options.AllowPrivateAddresses) = (true, true)));

    private static async Task<VcsDeliveryId> DeliverAsync(Installation installation, AnsweringHost host)
    {
        var workspace = await installation.WorkspaceAsync();
        var (connection, _, refusal) = installation.Get<VcsConnectionEditor>().Create(
            workspace.OrganizationId, new VcsConnectionEdit { Service = "gitea", HttpUrl = host.Address, Token = "the-token" }, installation.Clock.GetUtcNow());
        Assert.Null(refusal);
        await using var db = installation.Open();
        db.Add(connection!);
        db.Add(new VcsRepository { WorkspaceId = workspace.Id, ConnectionId = connection!.Id, Identifier = "a/b", IdentifierKey = "a/b", DefaultBranch = "main", CreatedAt = installation.Clock.GetUtcNow() });
        await db.SaveChangesAsync();
        var stored = await installation.Get<VcsIntake>().StoreAsync(connection.Id, "push", "one", Encoding.UTF8.GetBytes($$"""
            {"ref":"refs/heads/main","before":"{{new string('0', 40)}}","after":"{{Commit}}","repository":{"full_name":"a/b","default_branch":"main"},"commits":[]}
            """));
        return stored.Id!.Value;
    }

    private static async Task<VcsDelivery> ReadAsync(Installation installation, VcsDeliveryId id)
    {
        await using var db = installation.Open();
        return await db.VcsDeliveries.AsNoTracking().FirstAsync(row => row.Id == id);
    }

    /// <summary>Answers everything alike.</summary>
    private sealed class AnsweringHost : IDisposable
    {
        private readonly HttpListener _listener = new();

        public AnsweringHost(int status)
        {
            for (var port = 42000 + Random.Shared.Next(5000); ; port++)
            {
                try
                {
                    _listener = new HttpListener();
                    Address = $"http://127.0.0.1:{port}";
                    _listener.Prefixes.Add(Address + "/");
                    _listener.Start();
                    break;
                }
                catch (HttpListenerException)
                {
                    // Somebody has that port.
                }
            }
            _ = AnswerAsync(status);
        }

        public string Address { get; private set; }

        public void Dispose() => ((IDisposable)_listener).Dispose();

        private async Task AnswerAsync(int status)
        {
            try
            {
                while (true)
                {
                    var context = await _listener.GetContextAsync();
                    context.Response.StatusCode = status;
                    context.Response.Close();
                }
            }
            catch (Exception over) when (over is HttpListenerException or ObjectDisposedException)
            {
                // The end.
            }
        }
    }
}
