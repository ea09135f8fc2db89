using System.Diagnostics;
using System.Net.ServerSentEvents;
using System.Text.RegularExpressions;

namespace Orchestrator.Benchmarks.Harness;

/// <summary>A browser as far as the server sees one: it keeps its session, and takes what is compressed.</summary>
internal sealed partial class PageClient : IDisposable
{
    private readonly HttpClient _http;

    private PageClient(string address)
    {
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(address), Timeout = TimeSpan.FromMinutes(2) };
        _http.DefaultRequestHeaders.TryAddWithoutValidation("Accept-Encoding", "br, gzip");
    }

    public static async Task<PageClient> SignInAsync(string address)
    {
        var client = new PageClient(address);
        using var plain = new HttpRequestMessage(HttpMethod.Get, "/sign-in");
        plain.Headers.TryAddWithoutValidation("Accept-Encoding", "identity");
        var page = await (await client._http.SendAsync(plain)).Content.ReadAsStringAsync();
        var form = Forms().Matches(page).First(form => form.Value.Contains("name=\"token\"", StringComparison.Ordinal)).Value;
        var fields = Hidden().Matches(form).Select(field => KeyValuePair.Create(
            field.Groups["name"].Value, System.Net.WebUtility.HtmlDecode(field.Groups["value"].Value))).Append(KeyValuePair.Create("token", ServerProcess.AdminToken));
        using var content = new FormUrlEncodedContent(fields);
        using var answer = await client._http.PostAsync(Action().Match(form).Groups["action"].Value, content);
        return answer.RequestMessage!.RequestUri!.AbsolutePath.StartsWith("/sign-in", StringComparison.Ordinal)
            ? throw new InvalidOperationException("The sign-in with the admin token was refused.")
            : client;
    }

    public async Task<double> TimeAsync(string path)
    {
        var started = Stopwatch.GetTimestamp();
        using var answer = (await _http.GetAsync(path)).EnsureSuccessStatusCode();
        await answer.Content.ReadAsByteArrayAsync();
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    /// <summary>Bytes of the page with everything that it names, as they travel.</summary>
    public async Task<long> FirstVisitAsync(string path)
    {
        using var plain = new HttpRequestMessage(HttpMethod.Get, path);
        plain.Headers.TryAddWithoutValidation("Accept-Encoding", "identity");
        var page = await (await _http.SendAsync(plain)).Content.ReadAsStringAsync();
        var total = (await _http.GetByteArrayAsync(path)).LongLength;
        foreach (var asset in Assets().Matches(page).Select(asset => asset.Groups["address"].Value.Split('#')[0]).Distinct())
        {
            total += (await _http.GetByteArrayAsync(asset)).LongLength;
        }
        return total;
    }

    /// <summary>What a stream brings, as it arrives, until the server ends it.</summary>
    public async IAsyncEnumerable<SseItem<string>> FollowAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept-Encoding", "identity");
        using var answer = (await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead)).EnsureSuccessStatusCode();
        await using var stream = await answer.Content.ReadAsStreamAsync();
        await foreach (var item in SseParser.Create(stream).EnumerateAsync())
        {
            yield return item;
        }
    }

    public void Dispose() => _http.Dispose();

    [GeneratedRegex("<form.*?</form>", RegexOptions.Singleline)]
    private static partial Regex Forms();

    [GeneratedRegex("action=\"(?<action>[^\"]*)\"")]
    private static partial Regex Action();

    [GeneratedRegex("<input type=\"hidden\" name=\"(?<name>[^\"]*)\" value=\"(?<value>[^\"]*)\"")]
    private static partial Regex Hidden();

    [GeneratedRegex("(?:src|href)=\"(?<address>/[^\"]*\\.(?:css|js|svg)[^\"]*)\"")]
    private static partial Regex Assets();
}
