using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Access.Login;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Cli;

public sealed partial class LoginCommandTests
{
    private const string Configuration = """resource "terraform_data" "one" { input = "hello" }""";

    [Fact]
    public async Task Terraform_logs_in_through_the_browser_plans_with_what_it_got_and_logs_out()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        using var terraform = new TerraformCli(platform, token: null);
        using var browser = await Browser.SignedInAsync(platform);
        await using var login = await StartLoginAsync(terraform);

        var page = (await browser.GetAsync(await AddressAsync(login))).Expect(200);
        var callback = Callback.Of(await browser.SubmitAsync(page, LoginRequest.Path, ("decision", "approve")));
        await BringAsync(callback);
        (await login.EndAsync()).Expect(0).ExpectSaid("Success!").ExpectSaid("obtained and saved an API token");

        Assert.True(ApiTokens.LooksLikeOne(StoredToken(terraform)!));
        await terraform.InitAsync(workspace, Configuration);
        (await terraform.RunAsync("plan", "-input=false")).Expect(0).ExpectSaid("Plan: 1 to add, 0 to change, 0 to destroy.");
        (await terraform.RunAsync("logout", terraform.Host)).Expect(0);
        Assert.Null(StoredToken(terraform));
        (await terraform.RunAsync("plan", "-input=false")).Expect(1).ExpectSaid("Required token could not be found");
    }

    [Fact]
    public async Task Terraform_says_so_when_it_was_denied()
    {
        var platform = await SharedPlatforms.OfAsync();
        using var terraform = new TerraformCli(platform, token: null);
        using var browser = await Browser.SignedInAsync(platform);
        await using var login = await StartLoginAsync(terraform);

        var page = (await browser.GetAsync(await AddressAsync(login))).Expect(200);
        var callback = Callback.Of(await browser.SubmitAsync(page, LoginRequest.Path, ("decision", "deny")));
        await BringAsync(callback);

        Assert.Null(StoredToken(terraform));
    }

    [Fact]
    public async Task A_token_in_the_environment_is_used()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        using var terraform = new TerraformCli(platform, token: null);
        terraform.Set($"TF_TOKEN_{terraform.Host}", await TokenAsync(platform));

        await terraform.InitAsync(workspace, Configuration);

        (await terraform.RunAsync("plan", "-input=false")).Expect(0).ExpectSaid("Plan: 1 to add");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Terraform_is_told_that_a_revoked_or_expired_token_is_not_authorised(bool revoked)
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var token = await TokenAsync(platform);
        using var terraform = new TerraformCli(platform, token);
        await terraform.InitAsync(workspace, Configuration);
        var hash = TokenHash.Of(token);
        if (revoked)
        {
            await platform.Get<ApiTokens>().RevokeAsync(all => all.Where(row => row.Hash == hash), CancellationToken.None);
        }
        else
        {
            terraform.LogIn(await TokenAsync(platform, TimeProvider.System.GetUtcNow() - TimeSpan.FromSeconds(1)));
        }

        (await terraform.RunAsync("plan", "-input=false")).Expect(1).ExpectSaid("unauthorized");
    }

    private static async Task<RunningCli> StartLoginAsync(TerraformCli terraform)
    {
        var login = terraform.Start("login", terraform.Host);
        await login.WaitForAsync("Enter a value:");
        await login.AnswerAsync("yes");
        return login;
    }

    /// <summary>What terraform asks people to open.</summary>
    private static async Task<string> AddressAsync(RunningCli login)
    {
        await login.WaitForAsync("wait for the host to signal");
        return new Uri(Link().Match(login.Said).Value).PathAndQuery;
    }

    /// <summary>Follows the redirect. Terraform closes its web server as soon as it has a code, sometimes before it has answered.</summary>
    private static async Task BringAsync(Callback callback)
    {
        using var cli = new ApiClient(callback.Address);
        try
        {
            await cli.GetAsync(callback.Address.ToString());
        }
        catch (HttpRequestException) when (callback.Error is null)
        {
        }
    }

    private static string? StoredToken(TerraformCli terraform) => File.Exists(terraform.CredentialsFile)
        ? JsonNode.Parse(File.ReadAllText(terraform.CredentialsFile))!["credentials"]?[terraform.Host]?["token"]?.GetValue<string>()
        : null;

    private static async Task<string> TokenAsync(Platform platform, DateTimeOffset? expiredAt = null) => (await platform.Get<ApiTokens>().IssueAsync(
        User.AdminId, new TokenRequest(Actor.Platform, ExpiredAt: expiredAt), CancellationToken.None)).Text;

    [GeneratedRegex(@"https://\S+/oauth/authorize\?\S+")]
    private static partial Regex Link();
}
