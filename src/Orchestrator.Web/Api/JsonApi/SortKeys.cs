using System.Linq.Expressions;

namespace Orchestrator.Web.Api.JsonApi;

/// <summary>What a list may be sorted by: <c>sort=name</c>, <c>sort=-name</c> downwards, several with commas.</summary>
/// <param name="usual">How it is sorted when nobody says: a key, with or without <c>-</c>.</param>
internal sealed class SortKeys<TRow>(string usual)
{
    private readonly Dictionary<string, Func<IQueryable<TRow>, bool, bool, IOrderedQueryable<TRow>>> _keys = [];
    private readonly HashSet<string> _unique = [];
    private Func<IOrderedQueryable<TRow>, IQueryable<TRow>> _last = rows => rows;

    public IReadOnlyCollection<string> Names => _keys.Keys;

    public SortKeys<TRow> By<TKey>(string name, Expression<Func<TRow, TKey>> key)
    {
        _keys.Add(name, (rows, isFirst, isDown) => (isFirst, isDown) switch
        {
            (true, false) => rows.OrderBy(key),
            (true, true) => rows.OrderByDescending(key),
            (false, false) => ((IOrderedQueryable<TRow>)rows).ThenBy(key),
            (false, true) => ((IOrderedQueryable<TRow>)rows).ThenByDescending(key),
        });
        return this;
    }

    /// <summary>A key of which no two rows of the list have the same. Nothing is left to decide after it, so an index on it is all that a
    /// database needs.</summary>
    public SortKeys<TRow> ByUnique<TKey>(string name, Expression<Func<TRow, TKey>> key)
    {
        _unique.Add(name);
        return By(name, key);
    }

    /// <summary>Decides between equals, so that no row is on two pages, or on none.</summary>
    public SortKeys<TRow> Last<TKey>(Expression<Func<TRow, TKey>> unique)
    {
        _last = rows => rows.ThenBy(unique);
        return this;
    }

    /// <exception cref="ApiProblem">The list is not sorted by that.</exception>
    public IQueryable<TRow> Sort(IQueryable<TRow> rows, HttpRequest request)
    {
        var wanted = ApiQuery.List(request.Query["sort"]);
        var (isFirst, isDecided) = (true, false);
        foreach (var key in wanted.Count == 0 ? [usual] : wanted)
        {
            var isDown = key.StartsWith('-');
            var name = ApiQuery.Kebab(isDown ? key[1..] : key);
            var sort = _keys.GetValueOrDefault(name) ?? throw Unknown(key);
            rows = isDecided ? rows : sort(rows, isFirst, isDown);
            (isFirst, isDecided) = (false, isDecided || _unique.Contains(name));
        }
        return isDecided ? rows : _last((IOrderedQueryable<TRow>)rows);
    }

    private ApiProblem Unknown(string key) => ApiProblem.BadRequest(
        $"The list cannot be sorted by '{key}', only by {string.Join(", ", _keys.Keys)}; downwards with '-' before the name.");
}
