using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Access;

public sealed class RunTokensTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Theory, EachDatabase]
    public async Task A_living_token_says_what_it_opens(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (tokens, run, workspace) = await PrepareAsync(installation);

        var token = await tokens.IssueAsync(run, workspace, mayWriteState: true, Hour, CancellationToken.None);
        var found = await tokens.FindAsync(token, CancellationToken.None);

        Assert.NotNull(found);
        Assert.Equal((run, workspace, true), (found.RunId, found.WorkspaceId, found.MayWriteState));
        Assert.StartsWith(RunTokens.Prefix, token, StringComparison.Ordinal);
        Assert.True(await tokens.IsAliveAsync(TokenHash.Of(token), CancellationToken.None));
    }

    [Theory, EachDatabase]
    public async Task Only_a_tokens_hash_is_stored(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (tokens, run, workspace) = await PrepareAsync(installation);

        var token = await tokens.IssueAsync(run, workspace, mayWriteState: false, Hour, CancellationToken.None);

        await using var db = installation.Open();
        var row = await db.RunTokens.AsNoTracking().SingleAsync();
        Assert.Equal(TokenHash.Of(token), row.Hash);
        var texts = db.Entry(row).Properties.Select(property => property.CurrentValue?.ToString() ?? "");
        Assert.DoesNotContain(texts, text => text.Contains(token[RunTokens.Prefix.Length..], StringComparison.OrdinalIgnoreCase));
    }

    [Theory, EachDatabase]
    public async Task A_tokens_hash_is_not_a_token(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (tokens, run, workspace) = await PrepareAsync(installation);
        var token = await tokens.IssueAsync(run, workspace, mayWriteState: false, Hour, CancellationToken.None);

        Assert.Null(await tokens.FindAsync(TokenHash.Of(token), CancellationToken.None));
        Assert.Null(await tokens.FindAsync(token[..^1], CancellationToken.None));
        Assert.Null(await tokens.FindAsync("", CancellationToken.None));
    }

    [Theory, EachDatabase]
    public async Task A_token_opens_nothing_from_the_moment_it_expires(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (tokens, run, workspace) = await PrepareAsync(installation);
        var token = await tokens.IssueAsync(run, workspace, mayWriteState: true, Hour, CancellationToken.None);

        installation.Clock.Advance(Hour - TimeSpan.FromMilliseconds(1));
        Assert.NotNull(await tokens.FindAsync(token, CancellationToken.None));
        installation.Clock.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Null(await tokens.FindAsync(token, CancellationToken.None));
        Assert.False(await tokens.IsAliveAsync(TokenHash.Of(token), CancellationToken.None));
    }

    [Theory, EachDatabase]
    public async Task Revoking_ends_every_token_of_the_run_and_no_other(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (tokens, run, workspace) = await PrepareAsync(installation);
        var other = await installation.QueueAsync(workspace, request => request with { PlanOnly = true });
        var (first, second, others) = (
            await tokens.IssueAsync(run, workspace, mayWriteState: false, Hour, CancellationToken.None),
            await tokens.IssueAsync(run, workspace, mayWriteState: true, Hour, CancellationToken.None),
            await tokens.IssueAsync(other.Id, workspace, mayWriteState: false, Hour, CancellationToken.None));

        Assert.True(await tokens.RevokeAsync(run, CancellationToken.None));

        Assert.Null(await tokens.FindAsync(first, CancellationToken.None));
        Assert.Null(await tokens.FindAsync(second, CancellationToken.None));
        Assert.NotNull(await tokens.FindAsync(others, CancellationToken.None));
    }

    [Theory, EachDatabase]
    public async Task Who_only_reads_is_known_for_five_seconds_and_whoever_writes_is_looked_up_each_time(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (tokens, run, workspace) = await PrepareAsync(installation);
        var token = await tokens.IssueAsync(run, workspace, mayWriteState: true, Hour, CancellationToken.None);
        Assert.NotNull(await tokens.FindForReadingAsync(token, CancellationToken.None));

        // By a process that cannot be heard.
        await using (var db = installation.Open())
        {
            await db.RunTokens.ExecuteUpdateAsync(set => set.SetProperty(row => row.RevokedAt, Installation.Start));
        }

        Assert.NotNull(await tokens.FindForReadingAsync(token, CancellationToken.None));
        Assert.Null(await tokens.FindAsync(token, CancellationToken.None));
        installation.Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Null(await tokens.FindForReadingAsync(token, CancellationToken.None));
    }

    [Theory, EachDatabase]
    public async Task A_revoked_token_reads_nothing_more(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (tokens, run, workspace) = await PrepareAsync(installation);
        var token = await tokens.IssueAsync(run, workspace, mayWriteState: true, Hour, CancellationToken.None);
        Assert.NotNull(await tokens.FindForReadingAsync(token, CancellationToken.None));

        await tokens.RevokeAsync(run, CancellationToken.None);

        Assert.Null(await tokens.FindForReadingAsync(token, CancellationToken.None));
    }

    [Theory, EachDatabase]
    public async Task A_token_that_is_known_reads_nothing_from_the_moment_it_expires(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (tokens, run, workspace) = await PrepareAsync(installation);
        var token = await tokens.IssueAsync(run, workspace, mayWriteState: true, TimeSpan.FromSeconds(2), CancellationToken.None);
        Assert.NotNull(await tokens.FindForReadingAsync(token, CancellationToken.None));

        installation.Clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Null(await tokens.FindForReadingAsync(token, CancellationToken.None));
    }

    [Theory]
    [InlineData("orun.abc", "orun.abc", true)]
    [InlineData("orun.abc", "orun.abd", false)]
    [InlineData("orun.abc", "", false)]
    public void A_token_matches_its_own_hash_alone(string token, string hashed, bool matches) =>
        Assert.Equal(matches, TokenHash.Matches(token, TokenHash.Of(hashed)));

    private static async Task<(RunTokens Tokens, RunId Run, WorkspaceId Workspace)> PrepareAsync(Installation installation)
    {
        var workspace = await installation.ReadyWorkspaceAsync();
        var run = await installation.QueueAsync(workspace.Id);
        return (installation.Get<RunTokens>(), run.Id, workspace.Id);
    }
}
