using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orchestrator.Data;
using Orchestrator.Data.Audit;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Data;

public sealed class AuditTrailTests
{
    [Theory, EachDatabase]
    public async Task Entries_follow_each_other_without_a_gap_whoever_records_at_the_same_moment(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        // Each trail is what one process has.
        AuditTrail[] processes = [.. Enumerable.Range(0, 3).Select(_ => new AuditTrail(installation.Get<AuditChainWriter>()))];

        await Task.WhenAll(Enumerable.Range(0, 60).Select(number => Task.Run(() =>
            processes[number % processes.Length].RecordAsync(Record($"resource-{number}"), CancellationToken.None))));

        await using var db = installation.Open();
        var entries = await db.AuditEntries.AsNoTracking().OrderBy(entry => entry.Sequence).ToListAsync();
        Assert.Equal(Enumerable.Range(1, 60).Select(number => (long)number), entries.Select(entry => entry.Sequence));
        Assert.Equal(60, entries.Select(entry => entry.ResourceId).Distinct().Count());
        var verdict = await VerifyAsync(installation);
        Assert.True(verdict.IsWhole, verdict.Problem);
        Assert.Equal((60, 60), (verdict.Entries, verdict.Head));
    }

    [Theory, EachDatabase]
    public async Task Every_part_of_a_record_is_kept_and_none_is_longer_than_its_column(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var record = Record(new string('r', 1000)) with
        {
            At = installation.Clock.GetUtcNow().AddTicks(12_345),
            ActorKind = AuditActorKind.User,
            ActorId = "user-" + new string('u', 100),
            ActorName = new string('n', 198) + "😀😀",
            TokenId = Identifier.New<ApiTokenId>(),
            Via = "token",
            OrganizationId = Identifier.New<OrganizationId>(),
            WorkspaceId = Identifier.New<WorkspaceId>(),
            Route = "POST /" + new string('p', 1000),
            Status = 201,
            Address = new string('1', 200),
            UserAgent = "agent\0" + new string('a', 1000),
            RequestId = new string('q', 100),
            Detail = AuditDetail.Of(Enumerable.Range(0, 100).Select(number => ($"name-{number}", (string?)new string('v', 50)))),
        };

        await installation.Get<AuditTrail>().RecordAsync(record, CancellationToken.None);

        await using var db = installation.Open();
        var entry = await db.AuditEntries.AsNoTracking().SingleAsync();
        Assert.Equal((record.Id, record.TokenId, record.OrganizationId, record.WorkspaceId), (entry.Id, entry.TokenId, entry.OrganizationId, entry.WorkspaceId));
        Assert.Equal(new string('n', 198) + "😀", entry.ActorName);
        Assert.InRange((record.At - entry.At).TotalMilliseconds, 0, 1);
        Assert.NotEmpty(AuditDetail.Read(entry.Detail));
        Assert.True((await VerifyAsync(installation)).IsWhole);
    }

    [Theory, EachDatabase]
    public async Task What_was_stored_with_a_change_gets_its_place_in_order(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        await using (var db = installation.Open())
        {
            await using (var rolledBack = await db.Database.BeginTransactionAsync())
            {
                db.AuditWaiting.Add(AuditWaiting.Of(Record("never-happened")));
                await db.SaveChangesAsync();
            }
            db.ChangeTracker.Clear();
            for (var number = 0; number < AuditChainWriter.AtOnce + 3; number++)
            {
                db.AuditWaiting.Add(AuditWaiting.Of(Record($"{number}")));
                await db.SaveChangesAsync();
            }
        }

        await installation.Get<AuditTrail>().CatchUpAsync(CancellationToken.None);

        await using var after = installation.Open();
        Assert.Equal(
            Enumerable.Range(0, AuditChainWriter.AtOnce + 3).Select(number => (string?)$"{number}"),
            await after.AuditEntries.OrderBy(entry => entry.Sequence).Select(entry => entry.ResourceId).ToListAsync());
        Assert.Empty(after.AuditWaiting);
        Assert.True((await VerifyAsync(installation)).IsWhole);
    }

    [Theory, EachDatabase]
    public async Task What_was_left_without_a_place_gets_one_before_the_next_record(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var trail = installation.Get<AuditTrail>();

        await trail.LeaveAsync(Record("left"), CancellationToken.None);
        await using var before = installation.Open();
        Assert.Equal((0, 1), (await before.AuditEntries.CountAsync(), await before.AuditWaiting.CountAsync()));
        await trail.RecordAsync(Record("recorded"), CancellationToken.None);

        await using var after = installation.Open();
        Assert.Equal(["left", "recorded"], await after.AuditEntries.OrderBy(entry => entry.Sequence).Select(entry => entry.ResourceId).ToListAsync());
        Assert.Empty(after.AuditWaiting);
    }

    [Theory, EachDatabase]
    public async Task What_this_process_and_others_have_left_gets_its_place_without_a_reader(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var other = new AuditTrail(installation.Get<AuditChainWriter>());
        using var upkeep = new AuditUpkeep(
            installation.Get<AuditTrail>(), installation.Get<AuditChainWriter>(), Options.Create(new AuditOptions()), installation.Clock, NullLogger<AuditUpkeep>.Instance);
        await upkeep.StartAsync(CancellationToken.None);

        await installation.Get<AuditTrail>().LeaveAsync(Record("own"), CancellationToken.None);
        await UntilPlacedAsync(installation, "own");
        await other.LeaveAsync(Record("another's"), CancellationToken.None);
        await UntilPlacedAsync(installation, "another's");

        await upkeep.StopAsync(CancellationToken.None);
    }

    private static Task UntilPlacedAsync(Installation installation, string resource) => Wait.UntilAsync(async () =>
    {
        // Again and again: the timer may not be there yet.
        installation.Clock.Advance(TimeSpan.FromSeconds(1));
        await using var db = installation.Open();
        return await db.AuditEntries.AnyAsync(entry => entry.ResourceId == resource);
    });

    [Theory, EachDatabase]
    public async Task The_database_refuses_to_change_or_delete_an_entry_and_to_begin_the_trail_anew(DatabaseProvider provider)
    {
        await using var installation = await WithEntriesAsync(provider, 3);
        await using var db = installation.Open();

        string[] attempts =
        [
            """UPDATE "AuditEntries" SET "ActorName" = 'somebody else' WHERE "Sequence" = 2""",
            """DELETE FROM "AuditEntries" WHERE "Sequence" = 3""",
            """DELETE FROM "AuditEntries" """,
            """UPDATE "AuditChains" SET "Head" = 1""",
            """UPDATE "AuditChains" SET "Anchor" = 4""",
            """DELETE FROM "AuditChains" """,
            provider == DatabaseProvider.PostgreSql
                ? """TRUNCATE "AuditEntries" """
                : """INSERT OR REPLACE INTO "AuditEntries" SELECT * FROM "AuditEntries" WHERE "Sequence" = 2""",
        ];
        foreach (var attempt in attempts)
        {
            await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => db.Database.ExecuteSqlRawAsync(attempt));
        }

        Assert.Equal(3, await db.AuditEntries.CountAsync());
        Assert.True((await VerifyAsync(installation)).IsWhole);
    }

    [Theory]
    [EachDatabase("""UPDATE "AuditEntries" SET "ActorName" = 'somebody else' WHERE "Sequence" = 2""", 2L, "Entry 2 was changed.")]
    [EachDatabase("""UPDATE "AuditEntries" SET "Detail" = NULL, "ResourceId" = NULL WHERE "Sequence" = 3""", 3L, "Entry 3 was changed.")]
    [EachDatabase("""DELETE FROM "AuditEntries" WHERE "Sequence" = 2""", 2L, "Entry 2 is missing; the next one is 3.")]
    [EachDatabase("""DELETE FROM "AuditEntries" WHERE "Sequence" = 1""", 1L, "Entry 1 is missing; the next one is 2.")]
    [EachDatabase("""DELETE FROM "AuditEntries" WHERE "Sequence" >= 3""", null, "The entries from 3 to 4 are missing at the end.")]
    [EachDatabase("""UPDATE "AuditChains" SET "Head" = 3""", null, "The ends of the audit trail were not written by this installation, or its key ring has lost the key.")]
    [EachDatabase("""UPDATE "AuditChains" SET "Anchor" = 1""", null, "The ends of the audit trail were not written by this installation, or its key ring has lost the key.")]
    public async Task Whoever_gets_past_the_guards_is_found_out(DatabaseProvider provider, string attack, long? brokenAt, string problem)
    {
        await using var installation = await WithEntriesAsync(provider, 4);
        await using var db = installation.Open();
        await DropGuardsAsync(db, provider);

        await db.Database.ExecuteSqlRawAsync(attack);

        var verdict = await VerifyAsync(installation);
        Assert.Equal((brokenAt, problem), (verdict.BrokenAt, verdict.Problem));
    }

    [Theory, EachDatabase]
    public async Task A_chain_that_somebody_has_made_anew_does_not_carry_the_seal(DatabaseProvider provider)
    {
        await using var installation = await WithEntriesAsync(provider, 3);
        await using var db = installation.Open();
        await DropGuardsAsync(db, provider);
        await db.AuditEntries.ExecuteDeleteAsync();
        var forged = AuditEntry.Of(Record("nothing to see here"), 1, AuditHash.Genesis);
        db.AuditEntries.Add(forged);
        await db.SaveChangesAsync();

        await db.Database.ExecuteSqlAsync($"""UPDATE "AuditChains" SET "Head" = 1, "HeadHash" = {forged.Hash}""");

        Assert.False((await VerifyAsync(installation)).IsWhole);
    }

    [Theory, EachDatabase]
    public async Task A_head_that_was_noted_elsewhere_shows_that_the_end_was_cut_off(DatabaseProvider provider)
    {
        await using var installation = await WithEntriesAsync(provider, 3);
        var noted = await VerifyAsync(installation);
        await installation.Get<AuditTrail>().RecordAsync(Record("later"), CancellationToken.None);

        var verification = installation.Get<AuditVerification>();
        Assert.True((await verification.VerifyAsync((noted.Head, noted.HeadHash), CancellationToken.None)).IsWhole);
        Assert.Equal(3, (await verification.VerifyAsync((noted.Head, new string('0', 64)), CancellationToken.None)).BrokenAt);
        Assert.False((await verification.VerifyAsync((99, noted.HeadHash), CancellationToken.None)).IsWhole);
    }

    [Theory, EachDatabase]
    public async Task What_is_left_after_its_time_is_verified_from_the_anchor(DatabaseProvider provider)
    {
        await using var installation = await WithEntriesAsync(provider, 5);
        installation.Clock.Advance(TimeSpan.FromDays(10));
        await installation.Get<AuditTrail>().RecordAsync(Record("young", installation.Clock.GetUtcNow()), CancellationToken.None);
        var now = installation.Clock.GetUtcNow();

        var removed = await installation.Get<AuditChainWriter>().TrimAsync(now - TimeSpan.FromDays(1), now, CancellationToken.None);

        Assert.Equal(5, removed);
        var verdict = await VerifyAsync(installation);
        Assert.True(verdict.IsWhole, verdict.Problem);
        Assert.Equal((2, 7), (verdict.Entries, verdict.Head));
        await using var db = installation.Open();
        var last = await db.AuditEntries.OrderBy(entry => entry.Sequence).LastAsync();
        Assert.Equal(("trim", "5"), (last.Action, AuditDetail.Read(last.Detail)["through"]));
        Assert.Equal(0, await installation.Get<AuditChainWriter>().TrimAsync(now - TimeSpan.FromDays(1), now, CancellationToken.None));
        await DropGuardsAsync(db, provider);
        await db.Database.ExecuteSqlRawAsync("""DELETE FROM "AuditEntries" WHERE "Sequence" = 6""");
        Assert.Equal(6, (await VerifyAsync(installation)).BrokenAt);
    }

    private static AuditRecord Record(string resource, DateTimeOffset? at = null) =>
        AuditRecord.OfPlatform(at ?? Installation.Start, "create", "thing", resource) with { Detail = AuditDetail.Of(("why", "a test")) };

    private static async Task<Installation> WithEntriesAsync(DatabaseProvider provider, int count)
    {
        var installation = await Installation.CreateAsync(provider);
        for (var number = 1; number <= count; number++)
        {
            await installation.Get<AuditTrail>().RecordAsync(Record($"resource-{number}"), CancellationToken.None);
        }
        return installation;
    }

    private static Task<AuditVerdict> VerifyAsync(Installation installation) =>
        installation.Get<AuditVerification>().VerifyAsync(known: null, CancellationToken.None);

    /// <summary>As somebody may who owns the database.</summary>
    private static Task<int> DropGuardsAsync(OrchestratorDbContext db, DatabaseProvider provider) => db.Database.ExecuteSqlRawAsync(
        provider == DatabaseProvider.PostgreSql
            ? """
              DROP TRIGGER audit_entries_kept ON "AuditEntries";
              DROP TRIGGER audit_chains_forward ON "AuditChains";
              """
            : """
              DROP TRIGGER "AuditEntries_NeverChanged";
              DROP TRIGGER "AuditEntries_KeptUntilTrimmed";
              DROP TRIGGER "AuditChains_OnlyForward";
              """);
}
