using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Orchestrator.Access;
using Orchestrator.Web.Access;
using Orchestrator.Web.Hosting;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Access;

/// <summary>What a browser, another site and a stranger on the network can make of the server.</summary>
public sealed class WebDefenceTests
{
    /// <summary>Everything by which web applications are told where to lead on to.</summary>
    private static readonly string[] Leading =
        ["return", "returnUrl", "return_to", "ReturnUrl", "redirect", "redirect_uri", "redirect_url", "url", "next", "continue", "back", "goto", "dest", "problem"];

    /// <summary>Programs' requests, for which no cookie counts.</summary>
    private static readonly string[] WithoutForm = ["/oauth/token", "/webhooks/{door}/{connection}"];

    [Fact]
    public async Task Every_form_needs_its_own_proof()
    {
        var platform = await SharedPlatforms.OfAsync();
        using var browser = await Browser.SignedInAsync(platform);
        var forms = SiteRoute.AllOf(platform).Where(route => route.Method == "POST" && !WithoutForm.Contains(route.Pattern)).ToArray();
        Assert.NotEmpty(forms);

        Assert.Empty(forms.Where(route => !route.WantsForm).Select(route => route.ToString()));
        foreach (var route in forms.Where(route => !route.Pattern.Contains('{', StringComparison.Ordinal) && route.Pattern != "/oauth/authorize"))
        {
            var answer = await browser.PostAsync(route.Pattern, [("token", Platform.AdminToken), (FormGate.NameField, "token")]);
            Assert.True(answer.Status is 400, $"{route} answered {answer.Status}");
        }
    }

    [Theory]
    [InlineData("https://elsewhere.example/")]
    [InlineData("//elsewhere.example/")]
    [InlineData("/\\elsewhere.example/")]
    public async Task No_parameter_leads_to_another_site(string elsewhere)
    {
        var platform = await SharedPlatforms.OfAsync();
        using var browser = await Browser.SignedInAsync(platform);
        var query = string.Join('&', Leading.Select(name => $"{name}={Uri.EscapeDataString(elsewhere)}"));
        var led = new List<string>();
        // A stream of events leads nowhere, and has no end.
        foreach (var route in SiteRoute.AllOf(platform).Where(route => route.Method == "GET" && !route.Pattern.Contains('{', StringComparison.Ordinal)
            && !route.Pattern.StartsWith("/app/events/", StringComparison.Ordinal)))
        {
            Look($"{route}", await browser.GetAsync($"{route.Pattern}?{query}"));
            Look($"{route} as a stranger", await platform.Anonymous.GetAsync($"{route.Pattern}?{query}"));
        }
        using var stranger = new Browser(platform);
        var page = (await stranger.GetAsync($"/sign-in?{query}")).Expect(200);
        var form = await stranger.SubmitAsync(page with { Bytes = Encoding.UTF8.GetBytes(page.Text.Replace("action=\"/sign-in\"", $"action=\"/sign-in?{query}\"", StringComparison.Ordinal)) },
            $"/sign-in?{query}", ("token", Platform.AdminToken));
        Look("POST /sign-in", form.Expect(302));
        Look("POST /sign-out", await stranger.SubmitAsync((await stranger.GetAsync("/")).Expect(200), "/sign-out"));

        Assert.Empty(led);

        void Look(string what, Answer answer)
        {
            if (answer.Headers.Location is { } location && new Uri(platform.Address, location).Authority != platform.Address.Authority)
            {
                led.Add($"{what} leads to {location}");
            }
        }
    }

    [Fact]
    public async Task Cookies_are_kept_from_scripts_and_from_other_sites_and_over_TLS_from_the_network()
    {
        var platform = await SharedPlatforms.OfAsync();
        using var handler = new HttpClientHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator,
        };
        using var http = new HttpClient(handler) { BaseAddress = platform.SecureAddress };
        using var page = await http.GetAsync(new Uri("/sign-in", UriKind.Relative), TestContext.Current.CancellationToken);
        var link = await platform.Get<SignInLinks>().MakeAsync(User.AdminId, CancellationToken.None);
        using var session = await http.GetAsync(new Uri(link, UriKind.Relative), TestContext.Current.CancellationToken);
        var cookies = new[] { page, session }.SelectMany(answer => answer.Headers.GetValues("Set-Cookie")).ToArray();

        Assert.Contains(cookies, cookie => cookie.StartsWith("orchestrator=", StringComparison.Ordinal));
        Assert.Contains(cookies, cookie => cookie.StartsWith("orchestrator-forms=", StringComparison.Ordinal));
        Assert.All(cookies, cookie =>
        {
            Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("secure", cookie, StringComparison.OrdinalIgnoreCase);
            Assert.Matches("(?i)samesite=(lax|strict)", cookie);
        });
        // Its certificate is the server's own: a browser that was told so could never be told otherwise.
        Assert.False(session.Headers.Contains("Strict-Transport-Security"));
    }

    [Theory]
    [InlineData("https", "orchestrator.example.com", true, true)]
    [InlineData("http", "orchestrator.example.com", true, false)]
    [InlineData("https", "orchestrator.example.com", false, false)]
    [InlineData("https", "localhost", true, false)]
    [InlineData("https", "10.0.0.7", true, false)]
    [InlineData("https", "[::1]", true, false)]
    public async Task Browsers_are_told_to_come_back_over_TLS_where_the_certificate_is_a_known_one(string scheme, string host, bool isKnown, bool isTold)
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection(
            isKnown ? [KeyValuePair.Create("Kestrel:Certificates:Default:Path", (string?)"server.pem")] : []).Build();
        var context = new DefaultHttpContext();
        (context.Request.Scheme, context.Request.Host) = (scheme, new HostString(host));

        await new SecurityHeaders(_ => Task.CompletedTask, settings).InvokeAsync(context);

        Assert.Equal(isTold ? "max-age=31536000" : null, context.Response.Headers.StrictTransportSecurity);
    }

    [Fact]
    public async Task A_connection_that_only_trickles_is_ended_and_large_heads_are_refused()
    {
        var platform = await SharedPlatforms.OfAsync();
        var limits = platform.Get<IOptions<KestrelServerOptions>>().Value.Limits;
        Assert.True(limits.RequestHeadersTimeout <= TimeSpan.FromSeconds(15));
        Assert.True(limits.MinRequestBodyDataRate is { BytesPerSecond: >= 240, GracePeriod.TotalSeconds: <= 5 });
        Assert.True(limits.MinResponseDataRate is { BytesPerSecond: >= 240 });
        Assert.Equal(RequestLimits.MaxBody, limits.MaxRequestBodySize);

        Assert.StartsWith("HTTP/1.1 431", await SayAsync(platform, $"GET / HTTP/1.1\r\nHost: here\r\nX-Long: {new string('x', 33 * 1024)}\r\n\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 431", await SayAsync(platform, $"GET / HTTP/1.1\r\nHost: here\r\n{string.Concat(Enumerable.Repeat("X-Many: x\r\n", 100))}\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 414", await SayAsync(platform, $"GET /{new string('x', 9 * 1024)} HTTP/1.1\r\nHost: here\r\n\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 413", await SayAsync(platform,
            $"POST /sign-in HTTP/1.1\r\nHost: here\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {RequestLimits.MaxBody + 1}\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Strangers_learn_no_version()
    {
        var platform = await SharedPlatforms.OfAsync();
        string[] versions = [Environment.Version.ToString(), typeof(WebServer).Assembly.GetName().Version!.ToString()];
        string[] names = ["Kestrel", "ASP.NET", "Hangfire"];
        foreach (var route in SiteRoute.AllOf(platform).Where(route => route is { Method: "GET", IsAnonymous: true }))
        {
            var path = route.Pattern.Replace("{documentName}", "v1", StringComparison.Ordinal).Replace("{code}", "0", StringComparison.Ordinal);
            var answer = await platform.Anonymous.GetAsync(path);
            var said = answer.Text + string.Join('\n', answer.Headers.Select(header => $"{header.Key}: {string.Join(' ', header.Value)}"));
            // Figures are named after what is measured.
            Assert.All(path == "/metrics" ? versions : [.. versions, .. names], version => Assert.DoesNotContain(version, said, StringComparison.Ordinal));
            Assert.False(answer.Headers.Contains("X-Powered-By"));
        }
    }

    [Fact]
    public async Task The_queues_own_pages_are_for_site_admins_and_change_nothing()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var owner = await platform.AccountAsync();
        await platform.JoinAsync(owner, await platform.OwnersAsync(workspace.Organization));
        using var owners = await Browser.SignedInAsync(platform, owner.Id);
        using var admin = await Browser.SignedInAsync(platform);

        var page = (await admin.GetAsync("/app/admin/jobs")).Expect(200);
        Assert.Contains("Jobs", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", page.Text, StringComparison.Ordinal);
        Assert.Contains("script-src 'self';", Assert.Single(page.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        Assert.Contains("/app/admin/jobs", (await admin.GetAsync("/app/admin")).Expect(200).Text, StringComparison.Ordinal);
        Assert.InRange((await admin.ForgeAsync("/app/admin/jobs/jobs/enqueued/delete", ("jobs[]", "1"))).Status, 401, 403);
        (await owners.GetAsync("/app/admin/jobs")).Expect(404);
        (await owners.GetAsync("/app/admin/jobs/servers")).Expect(404);
        (await platform.Anonymous.GetAsync("/app/admin/jobs")).Expect(302);
        Assert.DoesNotContain("/app/admin/jobs", (await owners.GetAsync("/")).Expect(200).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7")]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::")]
    [InlineData("2001:db8:1:2:ffff::1", "2001:db8:1:2::")]
    public void Attempts_are_counted_by_who_can_make_them(string address, string counted)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse(address);

        Assert.Equal(counted, FailedAttempts.AddressOf(context));
    }

    private static async Task<string> SayAsync(Platform platform, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(platform.Address.Host, platform.Address.Port, TestContext.Current.CancellationToken);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request), TestContext.Current.CancellationToken);
        var buffer = new byte[1024];
        var read = await stream.ReadAsync(buffer, TestContext.Current.CancellationToken);
        return Encoding.ASCII.GetString(buffer, 0, read);
    }
}
