using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Access;

public sealed class BearerTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("wrong")]
    [InlineData("orun.0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("planted-secret-an-admin-token-for-tests-012345678")]
    [InlineData("planted-secret-an-admin-token-for-tests-01234567890")]
    public async Task Without_a_valid_token_every_route_of_the_api_answers_401(string? token)
    {
        var platform = await SharedPlatforms.OfAsync();
        using var caller = new ApiClient(platform.Address, token);

        foreach (var route in ApiRoute.AllOf(platform).Where(route => !route.IsAnonymous))
        {
            (await caller.SendAsync(route.Method, route.Path(name => $"no-{name}"))).ExpectError(401);
        }
    }

    [Theory]
    [InlineData("Basic YWRtaW46YWRtaW4=")]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("planted-secret-an-admin-token-for-tests-0123456789")]
    public async Task Another_kind_of_authorization_answers_401(string header)
    {
        var platform = await SharedPlatforms.OfAsync();

        var answer = await platform.Anonymous.SendAsync(
            HttpMethod.Get, "organizations", headers: headers => headers.TryAddWithoutValidation("Authorization", header));

        answer.ExpectError(401);
    }

    [Theory]
    [InlineData("/api/v2/nobody-said-who-may")]
    [InlineData("/nobody-said-who-may")]
    public async Task A_route_without_a_rule_is_closed_to_everybody(string path)
    {
        var platform = await SharedPlatforms.OfAsync();

        var admin = await platform.Api.GetAsync(path);
        var anonymous = await platform.Anonymous.GetAsync(path);

        Assert.DoesNotContain("open", admin.Text + anonymous.Text, StringComparison.Ordinal);
        Assert.Contains(admin.Status, new[] { 302, 401, 403, 404 });
        Assert.Contains(anonymous.Status, new[] { 302, 401 });
    }

    [Fact]
    public async Task Only_these_routes_need_no_proof_at_all()
    {
        var platform = await SharedPlatforms.OfAsync();

        Assert.Equal(
            [
                "GET /api/v2/downloads/states-json/{link}",
                "GET /api/v2/downloads/states/{link}",
                "GET /api/v2/logs/applies/{link}",
                "GET /api/v2/logs/plans/{link}",
                "PUT /api/v2/uploads/configurations/{link}",
                "PUT /api/v2/uploads/states-json/{link}",
                "PUT /api/v2/uploads/states/{link}",
            ],
            ApiRoute.AllOf(platform).Where(route => route.IsAnonymous).Select(route => route.ToString()).Order(StringComparer.Ordinal));
    }
}
