namespace Orchestrator.BrowserTests;

public sealed class LoginTests(Site site)
{
    [Fact]
    public async Task Somebody_who_is_not_signed_in_yet_logs_their_terraform_in()
    {
        await using var terraform = new LoggingInTerraform(site);
        await using var visitor = await VisitSecurelyAsync();

        await visitor.Page.GotoAsync(await terraform.AddressAsync());
        await visitor.Page.GetByLabel("Admin token").FillAsync(Site.AdminToken);
        await visitor.PressAsync("Sign in with the token");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Let Terraform act as you?");
        await Assertions.Expect(visitor.Page.Locator(".facts")).ToContainTextAsync("admin");
        visitor.SeeNoComplaints();
        // The browser lets the form lead to the CLI. That one does not always answer: it ends when it has what it wants.
        await visitor.Page.RunAndWaitForRequestAsync(
            () => visitor.PressAsync("Approve"), request => request.Url.StartsWith("http://localhost:100", StringComparison.Ordinal));

        var (said, hasToken) = await terraform.EndAsync();
        Assert.True(hasToken, said);
        await visitor.Page.GotoAsync(site.SecureAddress + "/app/settings/tokens");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Rowheader, new() { Name = "terraform login from 127.0.0.1" }).First).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Whoever_denies_gives_nothing()
    {
        await using var terraform = new LoggingInTerraform(site);
        await using var visitor = await VisitSecurelyAsync();
        await visitor.SignInAsync();

        await visitor.Page.GotoAsync(await terraform.AddressAsync());
        var request = await visitor.Page.RunAndWaitForRequestAsync(
            () => visitor.PressAsync("Deny"), request => request.Url.StartsWith("http://localhost:100", StringComparison.Ordinal));

        Assert.Contains("error=access_denied", request.Url, StringComparison.Ordinal);
        Assert.DoesNotContain("code=", request.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_that_leads_elsewhere_is_explained_and_goes_nowhere()
    {
        await using var visitor = await site.VisitAsync();

        await visitor.Page.GotoAsync(Request("https://elsewhere.example/login"));

        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("This request is not valid");
        Assert.StartsWith(site.Address, visitor.Page.Url, StringComparison.Ordinal);
    }

    /// <summary>As a terraform makes it up.</summary>
    internal static string Request(string callback = "http://localhost:10003/login") =>
        "/oauth/authorize?client_id=terraform-cli&response_type=code&code_challenge_method=S256&state=a-state"
        + $"&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&redirect_uri={Uri.EscapeDataString(callback)}";

    private Task<Visitor> VisitSecurelyAsync() => site.VisitAsync(
        signedIn: false, new BrowserNewContextOptions { BaseURL = site.SecureAddress, IgnoreHTTPSErrors = true });
}
