using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Access;

public sealed class HeaderTests
{
    [Theory]
    [InlineData("/api/v2/organizations", true)]
    [InlineData("/api/v2/organizations", false)]
    [InlineData("/api/v2/there-is-no-such-thing", true)]
    [InlineData("/api/v2/logs/plans/forged", false)]
    [InlineData("/.well-known/openid-configuration", false)]
    [InlineData("/.well-known/terraform.json", false)]
    [InlineData("/healthz", false)]
    [InlineData("/readyz", false)]
    [InlineData("/openapi/v1.json", false)]
    [InlineData("/sign-in", false)]
    [InlineData("/sign-in/wrong-code", false)]
    [InlineData("/", false)]
    [InlineData("/there-is-no-such-page", false)]
    public async Task Every_answer_tells_browsers_to_be_careful(string path, bool asAdmin)
    {
        var platform = await SharedPlatforms.OfAsync();

        var answer = await (asAdmin ? platform.Api : platform.Anonymous).GetAsync(path);

        Assert.InRange(answer.Status, 200, 499);
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("DENY", Assert.Single(answer.Headers.GetValues("X-Frame-Options")));
        Assert.Equal("no-referrer", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
        Assert.Contains("camera=()", Assert.Single(answer.Headers.GetValues("Permissions-Policy")), StringComparison.Ordinal);
        Assert.Equal("same-origin", Assert.Single(answer.Headers.GetValues("Cross-Origin-Opener-Policy")));
        Assert.Equal("same-origin", Assert.Single(answer.Headers.GetValues("Cross-Origin-Resource-Policy")));
        var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.False(answer.Headers.Contains("Server"));
    }

    [Theory]
    [InlineData("ping", true, 204)]
    [InlineData("ping", false, 401)]
    [InlineData("organizations", true, 200)]
    [InlineData("organizations/no-such-thing", true, 404)]
    [InlineData("no/such/route", true, 404)]
    [InlineData("logs/plans/forged", false, 404)]
    public async Task Every_answer_of_the_api_tells_which_api_this_is(string path, bool asAdmin, int status)
    {
        var platform = await SharedPlatforms.OfAsync();

        var answer = (await (asAdmin ? platform.Api : platform.Anonymous).GetAsync(path)).Expect(status);

        Assert.Equal("2.6", Assert.Single(answer.Headers.GetValues("TFP-API-Version")));
        Assert.Equal("Terraform Enterprise", Assert.Single(answer.Headers.GetValues("TFP-AppName")));
        // Another form makes the CLI fail.
        Assert.Matches(@"\Av[0-9]{6}-[0-9]+\z", Assert.Single(answer.Headers.GetValues("X-TFE-Version")));
    }
}
