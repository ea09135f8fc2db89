using Markdig;
using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Orchestrator.Web.Pages.Workspaces;

/// <summary>Markdown of strangers as HTML: their own HTML is text, links lead to web addresses alone, and nothing is loaded from elsewhere.</summary>
internal static class MarkdownText
{
    /// <summary>The page's own headings stand above those of the text.</summary>
    private const int HeadingShift = 2;
    private const int LowestHeading = 6;

    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().DisableHtml().UsePipeTables().UseEmphasisExtras().Build();

    public static string ToHtml(string markdown)
    {
        var document = Markdown.Parse(markdown, Pipeline);
        foreach (var heading in document.Descendants<HeadingBlock>())
        {
            heading.Level = Math.Min(LowestHeading, heading.Level + HeadingShift);
        }
        foreach (var link in document.Descendants<LinkInline>().ToList())
        {
            Tame(link);
        }
        foreach (var link in document.Descendants<AutolinkInline>().Where(link => !link.IsEmail && !IsWeb(link.Url)).ToList())
        {
            link.ReplaceBy(new LiteralInline(link.Url));
        }
        using var written = new StringWriter();
        var renderer = new HtmlRenderer(written);
        Pipeline.Setup(renderer);
        renderer.Render(document);
        return written.ToString();
    }

    private static void Tame(LinkInline link)
    {
        if (link.IsImage)
        {
            // A picture would tell its server who reads this page. Its description stays, and leads to it.
            link.IsImage = false;
            if (link.FirstChild is null)
            {
                link.AppendChild(new LiteralInline("picture"));
            }
        }
        if (link.GetDynamicUrl is not null || !IsWeb(link.Url))
        {
            var text = new ContainerInline();
            while (link.FirstChild is { } child)
            {
                child.Remove();
                text.AppendChild(child);
            }
            link.ReplaceBy(text);
            return;
        }
        var attributes = link.GetAttributes();
        attributes.AddProperty("rel", "noopener noreferrer nofollow");
    }

    private static bool IsWeb(string? address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp);
}
