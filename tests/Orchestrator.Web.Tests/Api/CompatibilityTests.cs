using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using Orchestrator.Web.Tests.Access;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Api;

/// <summary>What of the HCP Terraform API v2 is answered here, as the README tells it.</summary>
/// <remarks>After routes were added, run these tests with <c>UPDATE_DOCUMENTS=1</c>: they write the README's table anew.</remarks>
public sealed partial class CompatibilityTests
{
    private const string Begin = "<!-- compatibility: written by CompatibilityTests -->";
    private const string End = "<!-- /compatibility -->";

    [Fact]
    public async Task The_readme_tells_which_routes_are_answered()
    {
        var platform = await SharedPlatforms.OfAsync();
        var readme = ReadmePath();
        var text = await File.ReadAllTextAsync(readme);
        var (from, to) = (text.IndexOf(Begin, StringComparison.Ordinal), text.IndexOf(End, StringComparison.Ordinal));
        Assert.True(from >= 0 && to > from, "The README has lost the marks around its table.");

        var expected = $"{text[..(from + Begin.Length)]}\n{Table(platform)}{text[to..]}";

        if (Environment.GetEnvironmentVariable("UPDATE_DOCUMENTS") is not null)
        {
            await File.WriteAllTextAsync(readme, expected);
        }
        else
        {
            Assert.Equal(expected, text);
        }
    }

    [Fact]
    public async Task What_is_not_answered_says_so_in_the_shape_of_errors()
    {
        var platform = await SharedPlatforms.OfAsync();
        var answered = Answered(platform);

        foreach (var route in Families().SelectMany(family => family.Routes).Where(route => !answered.Contains(route)))
        {
            var (method, path) = (route[..route.IndexOf(' ', StringComparison.Ordinal)], route[(route.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
            var answer = await platform.Api.SendAsync(new HttpMethod(method), "/api/v2" + path.Replace("{}", "none-0000000000000000", StringComparison.Ordinal));
            Assert.True(answer.Status is 404 or 405, $"{route}: {answer.Status} {answer.Text}");
            answer.ExpectError(answer.Status);
        }
    }

    private static string Table(Platform platform)
    {
        var answered = Answered(platform);
        var table = new StringBuilder("""
            ## What of the API is answered

            The routes of the HCP Terraform API v2, by family. What is not answered is not found (404), in the shape of the API's errors.

            | family | answered | not found |
            | --- | --- | --- |

            """);
        foreach (var (name, routes) in Families())
        {
            var missing = routes.Where(route => !answered.Contains(route)).ToList();
            table.Append(System.Globalization.CultureInfo.InvariantCulture,
                $"| {name} | {routes.Count - missing.Count} of {routes.Count} | {(missing.Count == routes.Count ? "all of it" : Shown(missing))} |\n");
        }
        return table.ToString();
    }

    private static string Shown(IEnumerable<string> routes) => string.Join(", ", routes
        .GroupBy(route => route[(route.IndexOf(' ', StringComparison.Ordinal) + 1)..], route => route[..route.IndexOf(' ', StringComparison.Ordinal)])
        .Select(group => $"`{string.Join('/', group)} {group.Key.Replace("{}", "…", StringComparison.Ordinal)}`"));

    private static HashSet<string> Answered(Platform platform) =>
        [.. ApiRoute.AllOf(platform).Select(route => $"{route.Method} {Parameter().Replace(route.Pattern["/api/v2".Length..], "{}")}")];

    private static IEnumerable<(string Name, IReadOnlyList<string> Routes)> Families()
    {
        var (name, routes) = ("", new List<string>());
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Api", "HcpRoutes.txt")).Where(line => !line.StartsWith("# ", StringComparison.Ordinal)))
        {
            if (line.StartsWith("## ", StringComparison.Ordinal))
            {
                if (routes.Count > 0)
                {
                    yield return (name, routes);
                }
                (name, routes) = (line[3..], []);
            }
            else if (line.Split(' ') is [var methods, var path])
            {
                routes.AddRange(methods.Split('|').Select(method => $"{method} {path}"));
            }
        }
        yield return (name, routes);
    }

    private static string ReadmePath([CallerFilePath] string caller = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(caller)!, "..", "..", "..", "README.md"));

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();
}
