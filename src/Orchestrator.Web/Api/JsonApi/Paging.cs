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

    /// <summary>For a list whose length nobody counts: it only says whether there is more.</summary>
    internal async Task<Page<TRow>> ReadUncountedAsync<TRow>(IQueryable<TRow> ordered, HttpContext context)
    {
        var rows = await ordered.Skip((Number - 1) * Size).Take(Size + 1).ToListAsync(context.RequestAborted);
        return rows.Count > Size
            ? Describe(rows[..Size], context.Request, Size, Number + 1, total: null)
            : Describe(rows, context.Request, Size, next: null, total: null);
    }

    internal Task<Page<TRow>> ReadAsync<TRow>(IQueryable<TRow> ordered, HttpContext context) => ReadAsync(ordered, ordered, context);

    /// <param name="counted">The same rows without what is joined to them.</param>
    internal async Task<Page<TRow>> ReadAsync<TRow, TCounted>(IQueryable<TRow> ordered, IQueryable<TCounted> counted, HttpContext context)
    {
        var total = await counted.CountAsync(context.RequestAborted);
        var rows = await ordered.Skip((Number - 1) * Size).Take(Size).ToListAsync(context.RequestAborted);
        var size = Math.Min(Size, Math.Max(total, DefaultSize));
        return Describe(rows, context.Request, size, Number < PagesOf(total, size) ? Number + 1 : null, total);
    }

    private static int PagesOf(int total, int size) => Math.Max(1, (total + size - 1) / size);

    private Page<TRow> Describe<TRow>(IReadOnlyList<TRow> rows, HttpRequest request, int size, int? next, int? total)
    {
        int? pages = total is { } counted ? PagesOf(counted, size) : null;
        int? previous = Number > 1 ? Number - 1 : null;
        // The next page is of the same search.
        var others = QueryString.Create(request.Query.Where(pair => pair.Key is not (NumberName or SizeName))).Value;
        string Link(int page) => $"{request.Scheme}://{request.Host}{request.Path}?page%5Bnumber%5D={page}&page%5Bsize%5D={size}"
            + (others is { Length: > 0 } ? "&" + others[1..] : "");
        return new Page<TRow>(
            rows,
            new Pagination(Number, size, previous, next, pages, total),
            new PageLinks(
                Link(Number), Link(1), previous is { } before ? Link(before) : null, next is { } after ? Link(after) : null,
                pages is { } last ? Link(last) : null));
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
