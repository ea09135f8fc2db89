using System.Globalization;
using Microsoft.EntityFrameworkCore;

namespace Orchestrator.Web.Api.JsonApi;

/// <summary><c>page[number]</c> and <c>page[size]</c>.</summary>
public readonly record struct Paging(int Number, int Size)
{
    private const string NumberName = "page[number]";
    private const string SizeName = "page[size]";
    private const int DefaultSize = 20;
    private const int MaxSize = 100;

    public static Paging Of(HttpRequest request) => new(
        Read(request, NumberName, 1, int.MaxValue / MaxSize),
        Read(request, SizeName, DefaultSize, MaxSize));

    /// <summary>Everything on one page, unless a page is asked for.</summary>
    public static Paging OrAll(HttpRequest request) =>
        request.Query.ContainsKey(NumberName) || request.Query.ContainsKey(SizeName) ? Of(request) : new Paging(1, int.MaxValue);

    public async Task<JsonApiResult> AnswerAsync<TRow, TAttributes>(
        IQueryable<TRow> ordered, Func<TRow, Resource<TAttributes>> map, HttpRequest request) where TAttributes : notnull
    {
        var page = await ReadAsync(ordered, request.HttpContext);
        return new JsonApiResult(new Document([.. page.Rows.Select(map)], IsList: true)
        {
            Links = page.Links,
            Meta = new ListMeta(page.Pagination),
        });
    }

    internal async Task<Page<TRow>> ReadAsync<TRow>(IQueryable<TRow> ordered, HttpContext context)
    {
        var total = await ordered.CountAsync(context.RequestAborted);
        var rows = await ordered.Skip((Number - 1) * Size).Take(Size).ToListAsync(context.RequestAborted);
        return Describe(rows, total, context.Request);
    }

    private Page<TRow> Describe<TRow>(IReadOnlyList<TRow> rows, int total, HttpRequest request)
    {
        var size = Math.Min(Size, Math.Max(total, DefaultSize));
        var pages = Math.Max(1, (total + size - 1) / size);
        // The next page is of the same search.
        var others = QueryString.Create(request.Query.Where(pair => pair.Key is not (NumberName or SizeName))).Value;
        string Link(int page) => $"{request.Scheme}://{request.Host}{request.Path}?page%5Bnumber%5D={page}&page%5Bsize%5D={size}"
            + (others is { Length: > 0 } ? "&" + others[1..] : "");
        return new Page<TRow>(
            rows,
            new Pagination(Number, size, Number > 1 ? Number - 1 : null, Number < pages ? Number + 1 : null, pages, total),
            new PageLinks(Link(Number), Link(1), Number > 1 ? Link(Number - 1) : null, Number < pages ? Link(Number + 1) : null, Link(pages)));
    }

    private static int Read(HttpRequest request, string name, int fallback, int max)
    {
        var text = request.Query[name].ToString();
        if (text.Length == 0)
        {
            return fallback;
        }
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= 1
            ? Math.Min(value, max)
            : throw ApiProblem.BadRequest($"'{name}' is a whole number from 1.");
    }
}

internal sealed record Page<TRow>(IReadOnlyList<TRow> Rows, Pagination Pagination, PageLinks Links);
