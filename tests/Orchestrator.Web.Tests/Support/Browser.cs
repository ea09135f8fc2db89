using System.Net;
using System.Text.RegularExpressions;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Access;

namespace Orchestrator.Web.Tests.Support;

/// <summary>A browser without a screen: it keeps cookies and fills in the forms of pages. It follows no redirect by itself.</summary>
internal sealed partial class Browser(Platform platform) : IDisposable
{
    private readonly ApiClient _http = new(platform.Address);
    private readonly Dictionary<string, string> _cookies = new(StringComparer.Ordinal);

    private static readonly HttpClient Streams = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false });

    /// <summary>A link for the same person voids the one before it, and tests beside each other sign in as the admin.</summary>
    private static readonly SemaphoreSlim SigningIn = new(1);

    private string Cookies => string.Join("; ", _cookies.Select(cookie => $"{cookie.Key}={cookie.Value}"));

    /// <summary>The browser of somebody who is signed in: of the admin, where no user is named.</summary>
    public static async Task<Browser> SignedInAsync(Platform platform, UserId? user = null)
    {
        var browser = new Browser(platform);
        await SigningIn.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            await browser.GetAsync(await platform.Get<SignInLinks>().MakeAsync(user ?? User.AdminId, CancellationToken.None));
        }
        finally
        {
            SigningIn.Release();
        }
        return browser;
    }

    public Task<Answer> GetAsync(string path) => SendAsync(HttpMethod.Get, path, null);

    /// <summary>The status alone, of what may never end, such as a stream.</summary>
    public async Task<int> LookAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(platform.Address, path));
        request.Headers.TryAddWithoutValidation("Cookie", Cookies);
        using var response = await Streams.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        return (int)response.StatusCode;
    }

    /// <summary>Sends a form that no page has shown, with a proof that is genuine.</summary>
    public async Task<Answer> ForgeAsync(string address, params (string Name, string Value)[] fields)
    {
        var proof = Hidden().Match((await GetAsync("/app/settings/tokens")).Expect(200).Text);
        return await PostAsync(address, fields.Prepend((proof.Groups["name"].Value, WebUtility.HtmlDecode(proof.Groups["value"].Value))));
    }

    /// <summary>Sends a form that its page handles itself, and that is refused.</summary>
    /// <returns>The sentence in which the page says why.</returns>
    public async Task<string> RefusalAsync(string page, string form, params (string Name, string Value)[] fields) =>
        Refusal().Match((await ForgeAsync(page, [(FormGate.NameField, form), .. fields])).Expect(200).Text).Groups["text"].Value;

    /// <summary>A stream of events, to be read as it comes.</summary>
    public async Task<Stretch> FollowAsync(string path)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(platform.Address, path));
        request.Headers.TryAddWithoutValidation("Cookie", Cookies);
        var response = await Streams.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        return new Stretch(request, response.EnsureSuccessStatusCode(), new StreamReader(await response.Content.ReadAsStreamAsync()));
    }

    /// <summary>Presses a button of the page's form that posts there.</summary>
    /// <param name="fields">What is typed in and which button is pressed, beside the form's hidden fields.</param>
    public Task<Answer> SubmitAsync(Answer page, string action, params (string Name, string Value)[] fields) =>
        SubmitAsync(page, action, action, fields);

    /// <summary>The same for a form that posts to its own page, at that address.</summary>
    public Task<Answer> SubmitOwnAsync(Answer page, string address, params (string Name, string Value)[] fields) =>
        SubmitAsync(page, "", address, fields);

    /// <summary>Sends what a form would send to another address, as a script of the page does.</summary>
    public Task<Answer> SubmitToAsync(Answer page, string action, string address) => SubmitAsync(page, action, address, []);

    private Task<Answer> SubmitAsync(Answer page, string action, string address, (string Name, string Value)[] fields)
    {
        var form = Forms().Matches(page.Text).FirstOrDefault(form => WebUtility.HtmlDecode(form.Groups["action"].Value) == action)
            ?? throw new Xunit.Sdk.XunitException($"{page.Request} has no form that posts to {action}: {page.Text}");
        return PostAsync(address, Hidden().Matches(form.Value)
            .Select(field => (WebUtility.HtmlDecode(field.Groups["name"].Value), WebUtility.HtmlDecode(field.Groups["value"].Value)))
            .Concat(fields));
    }

    public Task<Answer> PostAsync(string path, IEnumerable<(string Name, string Value)> fields) => SendAsync(
        HttpMethod.Post, path, new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))));

    /// <summary>What the browser keeps under this name; empty when nothing.</summary>
    public string Cookie(string name) => _cookies.GetValueOrDefault(name, "");

    public void SetCookie(string name, string value) => _cookies[name] = value;

    public void Dispose() => _http.Dispose();

    private async Task<Answer> SendAsync(HttpMethod method, string path, HttpContent? content)
    {
        var answer = await _http.SendAsync(method, path, content, headers =>
            headers.TryAddWithoutValidation("Cookie", Cookies));
        content?.Dispose();
        if (answer.Headers.TryGetValues("Set-Cookie", out var set))
        {
            foreach (var cookie in set)
            {
                var (name, value) = (cookie[..cookie.IndexOf('=')], cookie[(cookie.IndexOf('=') + 1)..].Split(';')[0]);
                _cookies[name] = value;
            }
        }
        return answer;
    }

    /// <summary>What a stream says, from one reading to the next.</summary>
    public sealed class Stretch(HttpRequestMessage request, HttpResponseMessage response, StreamReader reader) : IDisposable
    {
        /// <summary>The lines until one holds this.</summary>
        public async Task<string> ReadToAsync(string word)
        {
            var said = "";
            while (!said.Contains(word, StringComparison.Ordinal))
            {
                said += await reader.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Wait.Limit)
                    ?? throw new Xunit.Sdk.XunitException($"The stream ended before it said '{word}': {said}");
            }
            return said;
        }

        public Task<string> ReadToEndAsync() => reader.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(Wait.Limit);

        public void Dispose()
        {
            reader.Dispose();
            response.Dispose();
            request.Dispose();
        }
    }

    [GeneratedRegex("""<form method="post"( action="(?<action>[^"]*)")?.*?</form>""", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Forms();

    [GeneratedRegex("role=\"alert\">(?<text>[^<]*)<")]
    private static partial Regex Refusal();

    [GeneratedRegex("""<input type="hidden" name="(?<name>[^"]+)" value="(?<value>[^"]*)""")]
    private static partial Regex Hidden();
}
