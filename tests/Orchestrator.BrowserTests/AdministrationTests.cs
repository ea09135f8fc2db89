using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Access;
using Orchestrator.Data;

namespace Orchestrator.BrowserTests;

public sealed class AdministrationTests(Site site)
{
    [Fact]
    public async Task Accounts_keys_pools_and_settings_are_looked_after_on_their_pages()
    {
        await using var visitor = await site.VisitAsync();
        await visitor.ArriveAsync("administered");
        var name = await AccountAsync();
        await visitor.Page.GotoAsync("/app/admin");
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Users", Exact = true }).ClickAsync();
        await visitor.Page.GetByLabel("Part of a username or an address").FillAsync(name);
        await visitor.PressAsync("Search");
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = name }).ClickAsync();
        await visitor.Page.GetByLabel("to say that you mean it").FillAsync("somebody-else");
        await visitor.PressAsync("Disable the account");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("That is not the name.");
        await visitor.Page.GetByLabel("to say that you mean it").FillAsync(name);
        await visitor.PressAsync("Disable the account");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("is disabled");
        await visitor.PressAsync("Enable the account");
        await visitor.PressAsync("Reset the second factor");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("It works once");

        await visitor.Page.GotoAsync("/app/admin/keys");
        await visitor.Page.GetByLabel("which signs now").FillAsync("no-key");
        await visitor.PressAsync("Rotate the keys");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("That is not the key that signs now.");

        await visitor.Page.GotoAsync("/app/administered/settings/agents");
        await visitor.Page.GetByLabel("Name").FillAsync("in two words");
        await visitor.PressAsync("Create pool");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("A name has 1 to 90");
        await visitor.Page.GetByLabel("Name").FillAsync("inside");
        await visitor.PressAsync("Create pool");
        await Assertions.Expect(visitor.Page.GetByText("No agent: runs that use the pool wait.")).ToBeVisibleAsync();

        await visitor.Page.GotoAsync("/app/administered/settings/general");
        await visitor.Page.GetByLabel("Name").FillAsync("in two words");
        await visitor.PressAsync("Save settings");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("A name has 1 to 40");
        await visitor.Page.GetByLabel("Name").FillAsync("administered");
        await visitor.Page.GetByLabel("E-mail").FillAsync("ops@example.com");
        await visitor.PressAsync("Save settings");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Status)).ToHaveTextAsync("Saved.");
        await Assertions.Expect(visitor.Page.GetByLabel("E-mail")).ToHaveValueAsync("ops@example.com");
        visitor.SeeNoComplaints();
    }

    private async Task<string> AccountAsync()
    {
        var name = $"visitor-{Guid.NewGuid():N}"[..20];
        await using var db = await site.Services.GetRequiredService<IDbContextFactory<OrchestratorDbContext>>().CreateDbContextAsync();
        db.Users.Add(new User { Id = Identifier.New<UserId>(), Username = name, UsernameKey = User.KeyOf(name), CreatedAt = TimeProvider.System.GetUtcNow() });
        await db.SaveChangesAsync();
        return name;
    }
}
