using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Data;
using Orchestrator.Web.Api.JsonApi;
using Orchestrator.Web.Tests.Support;
using Orchestrator.Workspaces;

namespace Orchestrator.Web.Tests.Api;

/// <summary>How many there are: told exactly of short lists, and soon enough of long ones.</summary>
public sealed class ListTotalsTests
{
    [Theory, EachDatabase]
    public async Task A_long_list_is_counted_again_only_after_a_while(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await AddAsync(platform, workspace, ListTotals.Short);
        var clock = new FakeTimeProvider();
        var totals = new ListTotals(clock);

        Assert.Equal(ListTotals.Short + 1, await CountAsync(platform, totals, workspace));
        await AddAsync(platform, workspace, 1);
        Assert.Equal(ListTotals.Short + 1, await CountAsync(platform, totals, workspace));
        Assert.Equal(ListTotals.Short + 2, await CountAsync(platform, totals, workspace, "another=search"));
        clock.Advance(ListTotals.Late);
        Assert.Equal(ListTotals.Short + 2, await CountAsync(platform, totals, workspace));
    }

    [Theory, EachDatabase]
    public async Task A_short_list_is_counted_whenever_somebody_asks(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var totals = new ListTotals(new FakeTimeProvider());

        Assert.Equal(1, await CountAsync(platform, totals, workspace));
        await AddAsync(platform, workspace, 1);
        Assert.Equal(2, await CountAsync(platform, totals, workspace));
    }

    [Theory, EachDatabase]
    public async Task Whoever_follows_the_pages_of_a_growing_list_misses_nothing(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api, name: "a-first");
        await AddAsync(platform, workspace, ListTotals.Short - 1);
        var path = $"organizations/{workspace.Organization}/workspaces?page%5Bsize%5D=100&page%5Bnumber%5D=";

        // Exactly ten pages, until there is one more.
        Assert.Equal((null, 10, 1000), await PageAsync(platform, path + 10));
        await AddAsync(platform, workspace, 1);
        Assert.Equal((2, 11, 1001), await PageAsync(platform, path + 1));
        await AddAsync(platform, workspace, 100);
        Assert.Equal((12, 12, 1101), await PageAsync(platform, path + 11));
        Assert.Equal((null, 12, 1101), await PageAsync(platform, path + 12));
    }

    private static async Task<(int? Next, int Pages, int Total)> PageAsync(Platform platform, string path)
    {
        var pagination = (await platform.Api.GetAsync(path)).Expect(200).Json["meta"]!["pagination"]!;
        return (pagination["next-page"]?.GetValue<int>(), pagination["total-pages"]!.GetValue<int>(), pagination["total-count"]!.GetValue<int>());
    }

    private static async Task<int> CountAsync(Platform platform, ListTotals totals, TestWorkspace workspace, string search = "")
    {
        await using var db = platform.Open();
        var owner = await db.Organizations.Where(row => row.Name == workspace.Organization).Select(row => row.Id).FirstAsync();
        return await totals.CountAsync(db.Workspaces.Where(row => row.OrganizationId == owner).OrderBy(row => row.Name), search, new DefaultHttpContext());
    }

    private static async Task AddAsync(Platform platform, TestWorkspace beside, int count)
    {
        await using var db = platform.Open();
        var one = await db.Workspaces.AsNoTracking().FirstAsync(row => row.Id == new WorkspaceId(beside.Id));
        db.Workspaces.AddRange(Enumerable.Range(0, count).Select(_ => new Workspace
        {
            Id = Identifier.New<WorkspaceId>(),
            OrganizationId = one.OrganizationId,
            ProjectId = one.ProjectId,
            Name = TestWorkspace.NewName("many"),
            CreatedAt = one.CreatedAt,
            UpdatedAt = one.UpdatedAt,
        }));
        await db.SaveChangesAsync();
    }
}
