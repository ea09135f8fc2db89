using System.Collections.Concurrent;
using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Web.Access;

namespace Orchestrator.Web.Api.JsonApi;

/// <summary>How many rows a list has. To count a long one takes longer than to read a page of it, so its number is remembered for a
/// while; a short list is counted whenever somebody asks.</summary>
/// <remarks>Only the number may be late: whether there is a next page is always looked at.</remarks>
internal sealed class ListTotals(TimeProvider clock)
{
    public const int Short = 1000;
    public static readonly TimeSpan Late = TimeSpan.FromSeconds(10);

    private const int ManyLists = 1000;

    private readonly ConcurrentDictionary<string, (int Total, DateTimeOffset At)> _long = [];

    /// <param name="search">Says which rows: the same for all pages of a list. Each caller may see others.</param>
    public async Task<int> CountAsync<T>(IQueryable<T> rows, string search, HttpContext context)
    {
        var list = $"{Caller.TryOf(context)?.Principal.Id} {context.Request.Path}?{search}";
        var now = clock.GetUtcNow();
        if (_long.TryGetValue(list, out var known) && now - known.At < Late)
        {
            return known.Total;
        }
        var unordered = Unordered(rows);
        var total = await unordered.Take(Short + 1).CountAsync(context.RequestAborted);
        if (total > Short)
        {
            total = await unordered.CountAsync(context.RequestAborted);
            Remember(list, total, now);
        }
        return total;
    }

    private void Remember(string list, int total, DateTimeOffset now)
    {
        if (_long.Count >= ManyLists)
        {
            foreach (var late in _long.Where(known => now - known.Value.At >= Late))
            {
                _long.TryRemove(late);
            }
        }
        if (_long.Count < ManyLists)
        {
            _long[list] = (total, now);
        }
    }

    /// <summary>A count up to a limit would otherwise sort first.</summary>
    private static IQueryable<T> Unordered<T>(IQueryable<T> rows)
    {
        var expression = rows.Expression;
        while (expression is MethodCallExpression
        {
            Method.Name: nameof(Queryable.OrderBy) or nameof(Queryable.OrderByDescending) or nameof(Queryable.ThenBy) or nameof(Queryable.ThenByDescending),
        } ordering)
        {
            expression = ordering.Arguments[0];
        }
        return rows.Provider.CreateQuery<T>(expression);
    }
}
