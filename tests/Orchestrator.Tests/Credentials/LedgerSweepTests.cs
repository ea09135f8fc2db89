using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Credentials;
using Orchestrator.Data;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Credentials;

public sealed class LedgerSweepTests
{
    [Theory, EachDatabase]
    public async Task What_is_older_than_it_is_to_be_kept_is_forgotten_and_nothing_else(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(
            provider, services => services.Configure<LedgerOptions>(ledger => ledger.KeepDays = 30));
        await FillAsync(installation, daysAgo: [0, 29, 30, 31, 400]);

        Assert.Equal(2, await installation.Get<LedgerSweep>().SweepAsync(CancellationToken.None));

        Assert.Equal(["jti-0", "jti-29", "jti-30"], await TokensAsync(installation));
        installation.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(1, await installation.Get<LedgerSweep>().SweepAsync(CancellationToken.None));
        Assert.Equal(["jti-0", "jti-29"], await TokensAsync(installation));
    }

    [Fact]
    public async Task It_is_swept_again_and_again()
    {
        await using var installation = await Installation.CreateAsync(
            DatabaseProvider.Sqlite, services => services.Configure<LedgerOptions>(ledger => ledger.KeepDays = 1));
        await FillAsync(installation, daysAgo: [2]);
        var sweep = installation.Get<LedgerSweep>();
        await sweep.StartAsync(CancellationToken.None);

        await Wait.UntilAsync(async () =>
        {
            installation.Clock.Advance(LedgerSweep.Interval);
            return (await TokensAsync(installation)).Length == 0;
        });

        await sweep.StopAsync(CancellationToken.None);
    }

    [Theory, EachDatabase]
    public async Task Without_a_setting_the_ledger_is_kept_for_ever(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        await FillAsync(installation, daysAgo: [0, 4000]);

        Assert.Equal(0, await installation.Get<LedgerSweep>().SweepAsync(CancellationToken.None));

        Assert.Equal(2, (await TokensAsync(installation)).Length);
    }

    private static async Task FillAsync(Installation installation, int[] daysAgo)
    {
        var workspace = await installation.WorkspaceAsync();
        await using var db = installation.Open();
        db.AddRange(daysAgo.Select(days => new CredentialGrant
        {
            Id = Identifier.New<CredentialGrantId>(),
            OrganizationId = workspace.OrganizationId,
            WorkspaceId = workspace.Id,
            RunId = null,
            Phase = "plan",
            Provider = "aws",
            CreatedAt = Installation.Start - TimeSpan.FromDays(days),
            TokenId = $"jti-{days}",
            Subject = "subject",
            Audience = "audience",
            TokenIssuedAt = Installation.Start,
            TokenExpiresAt = Installation.Start,
            TokenMilliseconds = 1,
        }));
        await db.SaveChangesAsync();
    }

    private static async Task<string[]> TokensAsync(Installation installation)
    {
        await using var db = installation.Open();
        return [.. (await db.CredentialGrants.Select(grant => grant.TokenId).ToListAsync()).Order(StringComparer.Ordinal)];
    }
}
