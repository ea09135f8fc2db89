using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Organizations;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Data;

public sealed class InstantTests
{
    // The same hour written in three zones, and in the order of time rather than of text.
    private static readonly DateTimeOffset[] Instants =
    [
        new(2026, 1, 1, 23, 59, 59, 999, TimeSpan.FromHours(14)),
        new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero),
        new(2026, 1, 1, 12, 0, 0, 1, TimeSpan.Zero),
        new(2026, 1, 1, 3, 0, 0, 2, TimeSpan.FromHours(-9)),
        new(2026, 1, 1, 12, 30, 0, TimeSpan.Zero),
        new(2026, 10, 1, 0, 0, 0, TimeSpan.FromHours(2)),
    ];

    [Theory, EachDatabase]
    public async Task Instants_of_any_zone_come_back_as_the_same_moment_in_utc(DatabaseProvider provider)
    {
        await using var installation = await WithAsync(provider);
        await using var db = installation.Open();

        var stored = await db.Organizations.OrderBy(organization => organization.Name).Select(row => row.CreatedAt).ToListAsync();

        Assert.Equal(Instants, stored);
        Assert.All(stored, instant => Assert.Equal(TimeSpan.Zero, instant.Offset));
    }

    [Theory, EachDatabase]
    public async Task The_database_orders_them_by_time(DatabaseProvider provider)
    {
        await using var installation = await WithAsync(provider);
        await using var db = installation.Open();

        var newestFirst = await db.Organizations.OrderByDescending(row => row.CreatedAt).Select(row => row.CreatedAt).ToListAsync();

        Assert.Equal(Instants.Reverse(), newestFirst);
    }

    [Theory, EachDatabase]
    public async Task The_database_compares_them_by_time(DatabaseProvider provider)
    {
        await using var installation = await WithAsync(provider);
        await using var db = installation.Open();

        for (var index = 0; index < Instants.Length; index++)
        {
            var instant = Instants[index];
            Assert.Equal(index, await db.Organizations.CountAsync(row => row.CreatedAt < instant));
            Assert.Equal(1, await db.Organizations.CountAsync(row => row.CreatedAt == instant));
            Assert.Equal(Instants.Length - index, await db.Organizations.CountAsync(row => row.CreatedAt >= instant));
        }
    }

    private static async Task<Installation> WithAsync(DatabaseProvider provider)
    {
        var installation = await Installation.CreateAsync(provider);
        await using var db = installation.Open();
        db.AddRange(Instants.Select((instant, index) => new Organization
        {
            Id = Identifier.New<OrganizationId>(),
            Name = $"org-{index}",
            CreatedAt = instant,
        }));
        await db.SaveChangesAsync();
        return installation;
    }
}
