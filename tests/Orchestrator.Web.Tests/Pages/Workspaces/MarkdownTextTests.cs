using System.Text.RegularExpressions;
using Orchestrator.Web.Pages.Workspaces;

namespace Orchestrator.Web.Tests.Pages.Workspaces;

public sealed partial class MarkdownTextTests
{
    [Fact]
    public void Headings_lists_tables_and_code_are_shown_below_the_pages_own_headings()
    {
        var html = MarkdownText.ToHtml("# One\n\n- *a* **b**\n\n| x | y |\n| --- | --- |\n| 1 | 2 |\n\n```hcl\na = \"<b>\"\n```\n");

        Assert.Contains("<h3>One</h3>", html, StringComparison.Ordinal);
        Assert.Contains("<em>a</em> <strong>b</strong>", html, StringComparison.Ordinal);
        Assert.Contains("<td>1</td>", html, StringComparison.Ordinal);
        Assert.Contains("a = &quot;&lt;b&gt;&quot;", html, StringComparison.Ordinal);
        Assert.Contains("<h6>Six</h6>", MarkdownText.ToHtml("###### Six"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("<img src=x onerror=alert(1)>")]
    [InlineData("text <b onmouseover=alert(1)>b</b>")]
    [InlineData("[x](javascript:alert(1))")]
    [InlineData("[x](JaVaScRiPt:alert(1))")]
    [InlineData("[x](data:text/html,<script>alert(1)</script>)")]
    [InlineData("[x](//evil.example)")]
    [InlineData("[x](../../sign-out)")]
    [InlineData("<javascript:alert(1)>")]
    [InlineData("[x][y]\n\n[y]: vbscript:x")]
    [InlineData("![x](https://evil.example/pixel.png)")]
    [InlineData("![](https://evil.example/pixel.png \"onload=alert(1)\")")]
    [InlineData("[x](https://ok.example \"a\\\" onclick=\\\"alert(1)\")")]
    [InlineData("[x](https://ok.example){onclick=alert(1) .class}")]
    [InlineData("# x {#id onclick=alert(1)}")]
    [InlineData("```\" onclick=alert(1)\nx\n```")]
    public void Nothing_in_it_runs_is_loaded_or_leads_anywhere_but_to_the_web(string markdown)
    {
        var html = MarkdownText.ToHtml(markdown);

        foreach (Match tag in Tag().Matches(html))
        {
            Assert.Contains(tag.Groups["name"].Value, (string[])["a", "p", "h3", "em", "strong", "code", "pre", "b"], StringComparer.Ordinal);
            Assert.DoesNotMatch(Handler(), Quoted().Replace(tag.Value, "\"\""));
        }
        Assert.All(Address().Matches(html), address => Assert.StartsWith("https://", address.Groups["to"].Value, StringComparison.Ordinal));
        Assert.DoesNotContain("<img", html, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Links_to_the_web_tell_nothing_of_where_they_are_followed_from()
    {
        Assert.Contains("<a href=\"https://example.com/a?b=c&amp;d\" rel=\"noopener noreferrer nofollow\">here</a>",
            MarkdownText.ToHtml("[here](https://example.com/a?b=c&d)"), StringComparison.Ordinal);
        Assert.Contains("<a href=\"https://example.com/x.png\" rel=\"noopener noreferrer nofollow\">plan</a>",
            MarkdownText.ToHtml("![plan](https://example.com/x.png)"), StringComparison.Ordinal);
    }

    [GeneratedRegex("<(?<name>[a-zA-Z0-9]+)[^>]*>")]
    private static partial Regex Tag();

    [GeneratedRegex("\"[^\"]*\"")]
    private static partial Regex Quoted();

    [GeneratedRegex("\\bon[a-z]+\\s*=", RegexOptions.IgnoreCase)]
    private static partial Regex Handler();

    [GeneratedRegex("(?:href|src)=\"(?<to>[^\"]*)\"")]
    private static partial Regex Address();
}
