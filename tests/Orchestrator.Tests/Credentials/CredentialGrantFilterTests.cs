using Microsoft.EntityFrameworkCore;
using Orchestrator.Credentials;
using Orchestrator.Data;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Credentials;

public sealed class CredentialGrantFilterTests
{
    [Theory]
    [EachDatabase("", "refused, tagged, second, first")]
    [EachDatabase("phase=plan", "tagged, first")]
    [EachDatabase("phase=apply", "refused, second")]
    [EachDatabase("provider=gcp", "tagged")]
    [EachDatabase("result=granted", "tagged, second, first")]
    [EachDatabase("result=refused", "refused")]
    [EachDatabase("role=team_", "second")]
    [EachDatabase("role=%25", "")]
    [EachDatabase("since=2026-03-02", "refused, tagged")]
    [EachDatabase("until=2026-03-01", "second, first")]
    [EachDatabase("since=2026-03-01T12:00:01Z&until=2026-03-02T12:00:00%2B00:00", "second")]
    [EachDatabase("since=2026-03-02&result=refused&phase=apply", "refused")]
    [EachDatabase("search=jti-fir", "first")]
    [EachDatabase("search=KEYSECOND", "second")]
    [EachDatabase("search=request-tagged", "tagged")]
    [EachDatabase("search=session-refused", "refused")]
    [EachDatabase("search=subject-", "refused, tagged, second, first")]
    [EachDatabase("search=nowhere", "")]
    public async Task Entries_are_found_by_what_they_say_newest_first(DatabaseProvider provider, string query, string found)
    {
        await using var installation = await Installation.CreateAsync(provider);
        await FillAsync(installation);
        var values = query.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('='))
            .ToDictionary(pair => pair[0], pair => Uri.UnescapeDataString(pair[1]));

        var (filter, fault) = CredentialGrantFilter.Read(name => values.GetValueOrDefault(name));

        Assert.Null(fault);
        await using var db = installation.Open();
        Assert.Equal(found, string.Join(", ", await db.CredentialGrants.Where(filter).NewestFirst().Select(grant => grant.Subject.Substring(8)).ToListAsync()));
    }

    [Theory, EachDatabase]
    public async Task Entries_are_found_by_their_run(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var run = await FillAsync(installation);
        await using var db = installation.Open();

        Assert.Equal(4, await db.CredentialGrants.Where(new CredentialGrantFilter { Run = run }).CountAsync());
        Assert.Equal(0, await db.CredentialGrants.Where(new CredentialGrantFilter { Run = Identifier.New<RunId>() }).CountAsync());
    }

    [Theory]
    [InlineData("result", "maybe")]
    [InlineData("since", "yesterday")]
    [InlineData("since", "7")]
    [InlineData("since", "2026-02-30")]
    [InlineData("until", "2026-03-01 12:00")]
    [InlineData("until", "0001-01-01T00:00:00+05:00")]
    public void A_value_that_means_nothing_is_named(string name, string value)
    {
        var (_, fault) = CredentialGrantFilter.Read(asked => asked == name ? value : null);

        Assert.Equal(name, fault?.Name);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData(null)]
    [InlineData("a\0b")]
    public void What_is_empty_filters_nothing(string? value) =>
        Assert.Equal((new CredentialGrantFilter(), null), CredentialGrantFilter.Read(_ => value));

    [Fact]
    public void The_last_day_there_is_can_be_named() =>
        Assert.Equal(DateTimeOffset.MaxValue, CredentialGrantFilter.Read(name => name == "until" ? "9999-12-31" : null).Filter.Until);

    private static async Task<RunId> FillAsync(Installation installation)
    {
        var workspace = await installation.ReadyWorkspaceAsync();
        var run = await installation.QueueAsync(workspace.Id);
        CredentialGrant Entry(string name, int hours, string phase, string provider, string role) => new()
        {
            Id = Identifier.New<CredentialGrantId>(),
            OrganizationId = workspace.OrganizationId,
            WorkspaceId = workspace.Id,
            RunId = run.Id,
            Phase = phase,
            Provider = provider,
            CreatedAt = Installation.Start.AddHours(hours),
            TokenId = $"jti-{name}",
            Subject = $"subject-{name}",
            Audience = "aws.workload.identity",
            TokenIssuedAt = Installation.Start.AddHours(hours),
            TokenExpiresAt = Installation.Start.AddHours(hours).AddMinutes(5),
            TokenMilliseconds = 1,
            Role = role,
            SessionName = $"session-{name}",
            AccessKeyId = $"KEY{name.ToUpperInvariant()}",
            RequestId = $"request-{name}",
            ErrorCode = name == "refused" ? "AccessDenied" : null,
        };
        await using var db = installation.Open();
        db.AddRange(
            Entry("first", 0, "plan", "aws", "arn:aws:iam::123456789012:role/teams"),
            Entry("second", 1, "apply", "aws", "arn:aws:iam::123456789012:role/team_a"),
            Entry("tagged", 24, "plan", "gcp", "plan@project"),
            Entry("refused", 25, "apply", "aws", "arn:aws:iam::123456789012:role/teams"));
        await db.SaveChangesAsync();
        return run.Id;
    }
}
