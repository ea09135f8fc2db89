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

    /// <summary>For a list that is there as a whole.</summary>
    public JsonApiResult Answer<TRow, TAttributes>(
        IReadOnlyList<TRow> all, Func<TRow, Resource<TAttributes>> map, HttpRequest request) where TAttributes : notnull
    {
        var rows = all.Skip((Number - 1) * Size).Take(Size).ToList();
        var page = Describe(rows, request, Size, Number * Size < all.Count ? Number + 1 : null, all.Count);
        return new JsonApiResult(new Document([.. page.Rows.Select(map)], IsList: true) { Links = page.Links, Meta = new ListMeta(page.Pagination) });
    }

    /// <summary>For a list whose length nobody counts: it only says whether there is more.</summary>
    /// <param name="view">What is joined to the rows, for those of the page alone.</param>
    internal async Task<Page<TRow>> ReadUncountedAsync<TEntity, TRow>(
        IQueryable<TEntity> ordered, Func<IQueryable<TEntity>, IQueryable<TRow>> view, HttpContext context)
    {
        var rows = await view(ordered.Skip((Number - 1) * Size).Take(Size + 1)).ToListAsync(context.RequestAborted);
        return rows.Count > Size
            ? Describe(rows[..Size], context.Request, Size, Number + 1, total: null)
            : Describe(rows, context.Request, Size, next: null, total: null);
    }

    internal Task<Page<TRow>> ReadAsync<TRow>(IQueryable<TRow> ordered, HttpContext context) => ReadAsync(ordered, rows => rows, context);

    /// <param name="view">What is joined to the rows, for those of the page alone.</param>
    internal async Task<Page<TRow>> ReadAsync<TEntity, TRow>(
        IQueryable<TEntity> ordered, Func<IQueryable<TEntity>, IQueryable<TRow>> view, HttpContext context)
    {
        var before = (Number - 1) * Size;
        // One more than the page has, to see whether there is a next one.
        var rows = await view(ordered.Skip(before).Take(Size == int.MaxValue ? Size : Size + 1)).ToListAsync(context.RequestAborted);
        var isMore = rows.Count > Size;
        var isEnd = !isMore && (rows.Count > 0 || before == 0);
        var total = isEnd
            ? before + rows.Count
            : await context.RequestServices.GetRequiredService<ListTotals>().CountAsync(ordered, Others(context.Request), context);
        if (isMore)
        {
            rows.RemoveAt(Size);
            total = Math.Max(total, before + Size + 1);
        }
        return Describe(rows, context.Request, Math.Min(Size, Math.Max(total, DefaultSize)), isMore ? Number + 1 : null, total);
    }

    /// <summary>The next page is of the same search.</summary>
    private static string Others(HttpRequest request) =>
        QueryString.Create(request.Query.Where(pair => pair.Key is not (NumberName or SizeName))).Value is { Length: > 0 } others ? others[1..] : "";

    /// <summary>An empty list has one page, too.</summary>
    public static int PagesOf(int total, int size) => Math.Max(1, (total + size - 1) / size);

    /// <summary>The page that is wanted, or the nearest that there is, and how many there are.</summary>
    public static (int Page, int Pages) PageOf(int? wanted, int total, int size)
    {
        var pages = PagesOf(total, size);
        return (Math.Clamp(wanted ?? 1, 1, pages), pages);
    }

    private Page<TRow> Describe<TRow>(IReadOnlyList<TRow> rows, HttpRequest request, int size, int? next, int? total)
    {
        int? pages = total is { } counted ? PagesOf(counted, size) : null;
        int? previous = Number > 1 ? Number - 1 : null;
        var others = Others(request);
        string Link(int page) => $"{request.Scheme}://{request.Host}{request.Path}?page%5Bnumber%5D={page}&page%5Bsize%5D={size}"
            + (others.Length > 0 ? "&" + others : "");
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
