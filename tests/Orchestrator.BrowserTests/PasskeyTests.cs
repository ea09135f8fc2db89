using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Access;

namespace Orchestrator.BrowserTests;

public sealed class PasskeyTests(Site site)
{
    /// <summary>Passkeys belong to a name, and browsers take this one for safe.</summary>
    private string Address => site.Address.Replace("127.0.0.1", "localhost", StringComparison.Ordinal);

    [Fact]
    public async Task A_passkey_signs_in_without_name_and_password_until_it_is_removed()
    {
        await using var visitor = await site.VisitAsync(signedIn: false, new BrowserNewContextOptions { BaseURL = Address });
        await AddDeviceAsync(visitor.Page);
        var name = await ArriveAsync(visitor);
        await visitor.Page.GotoAsync("/app/settings/security");
        await visitor.Page.GetByLabel("Name of the device").FillAsync("my <laptop>");
        await visitor.PressAsync("Add a passkey");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("This device signs you in");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Rowheader, new() { Name = "my <laptop>" })).ToBeVisibleAsync();
        await visitor.PressAsync("Sign out");

        await visitor.Page.GotoAsync("/app/settings/sessions");
        await visitor.PressAsync("Sign in with a passkey");

        await Assertions.Expect(visitor.Page).ToHaveURLAsync($"{Address}/app/settings/sessions");
        await Assertions.Expect(visitor.Page.Locator("[data-label=By]").First).ToHaveTextAsync("Passkey");
        await visitor.Page.GotoAsync("/app/settings/security");
        await Assertions.Expect(visitor.Page.GetByText($"How you prove that you are {name}.")).ToBeVisibleAsync();
        await visitor.PressAsync("Remove the passkey my <laptop>");
        await visitor.PressAsync("Sign out");
        await visitor.PressAsync("Sign in with a passkey");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "That passkey is not known here" })).ToBeVisibleAsync();
        visitor.SeeNoComplaints();
    }

    [Fact]
    public async Task A_password_is_set_once_and_opens_from_then_on()
    {
        await using var visitor = await site.VisitAsync(signedIn: false);
        var name = await ArriveAsync(visitor);
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Not now" })).ToBeVisibleAsync();
        await visitor.Page.GetByLabel("New password").FillAsync("correct horse battery");
        await visitor.Page.GetByLabel("The same again").FillAsync("correct horse battery");
        await visitor.PressAsync("Set password");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("Your password is set.");
        await visitor.PressAsync("Sign out");

        await visitor.Page.GotoAsync("/app/settings/profile");
        await visitor.Page.GetByLabel("Username or e-mail").FillAsync(name);
        await visitor.Page.GetByLabel("Password", new() { Exact = true }).FillAsync("correct horse buttery");
        await visitor.PressAsync("Sign in");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Alert).First).ToContainTextAsync("are not an account's");
        await visitor.Page.GetByLabel("Username or e-mail").FillAsync(name);
        await visitor.Page.GetByLabel("Password", new() { Exact = true }).FillAsync("correct horse battery");
        await visitor.PressAsync("Sign in");

        await Assertions.Expect(visitor.Page).ToHaveURLAsync($"{site.Address}/app/settings/profile");
        await Assertions.Expect(visitor.Page.GetByLabel("Username")).ToHaveValueAsync(name);
        visitor.SeeNoComplaints();
    }

    /// <summary>A device that always says yes, and whose person it always knows.</summary>
    private static async Task AddDeviceAsync(IPage page)
    {
        var browser = await page.Context.NewCDPSessionAsync(page);
        await browser.SendAsync("WebAuthn.enable");
        await browser.SendAsync("WebAuthn.addVirtualAuthenticator", new Dictionary<string, object>
        {
            ["options"] = new Dictionary<string, object>
            {
                ["protocol"] = "ctap2",
                ["transport"] = "internal",
                ["hasResidentKey"] = true,
                ["hasUserVerification"] = true,
                ["isUserVerified"] = true,
                ["automaticPresenceSimulation"] = true,
            },
        });
    }

    /// <summary>Somebody new comes by a link.</summary>
    private async Task<string> ArriveAsync(Visitor visitor)
    {
        var name = $"visitor-{Guid.NewGuid():N}"[..20];
        var user = new User { Id = Identifier.New<UserId>(), Username = name, UsernameKey = User.KeyOf(name), CreatedAt = TimeProvider.System.GetUtcNow() };
        await using var db = await site.Services.GetRequiredService<IDbContextFactory<OrchestratorDbContext>>().CreateDbContextAsync();
        db.Users.Add(user);
        await db.SaveChangesAsync();
        await visitor.Page.GotoAsync(await site.Services.GetRequiredService<SignInLinks>().MakeAsync(user.Id, CancellationToken.None));
        return name;
    }
}
