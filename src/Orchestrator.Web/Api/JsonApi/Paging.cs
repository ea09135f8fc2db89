using System.Globalization;
using Microsoft.EntityFrameworkCore;

namespace Orchestrator.Web.Api.JsonApi;

/// <summary><c>page[number]</c> and <c>page[size]</c>.</summary>
public readonly record struct Paging(int Number, int Size)
{
    private const int DefaultSize = 20;
    private const int MaxSize = 100;

    public static Paging Of(HttpRequest request) => new(
        Read(request, "page[number]", 1, int.MaxValue / MaxSize),
        Read(request, "page[size]", DefaultSize, MaxSize));

    public async Task<JsonApiResult> AnswerAsync<TRow, TAttributes>(
        IQueryable<TRow> ordered, Func<TRow, Resource<TAttributes>> map, HttpRequest request)
    {
        var total = await ordered.CountAsync(request.HttpContext.RequestAborted);
        var rows = await ordered.Skip((Number - 1) * Size).Take(Size).ToListAsync(request.HttpContext.RequestAborted);
        var pages = Math.Max(1, (total + Size - 1) / Size);
        var self = this;
        // The next page is of the same search.
        var others = QueryString.Create(request.Query.Where(pair => !pair.Key.StartsWith("page[", StringComparison.Ordinal))).Value;
        string Link(int page) => $"{request.Scheme}://{request.Host}{request.Path}?page%5Bnumber%5D={page}&page%5Bsize%5D={self.Size}"
            + (others is { Length: > 0 } ? "&" + others[1..] : "");
        return new JsonApiResult(new ListDocument<TAttributes>([.. rows.Select(map)])
        {
            Links = new PageLinks(Link(Number), Link(1), Number > 1 ? Link(Number - 1) : null, Number < pages ? Link(Number + 1) : null, Link(pages)),
            Meta = new ListMeta(new Pagination(
                Number, Size, Number > 1 ? Number - 1 : null, Number < pages ? Number + 1 : null, pages, total)),
        });
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
