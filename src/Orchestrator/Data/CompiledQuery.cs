using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Orchestrator.Data;

/// <summary>A query that is translated once, for what every request asks: translating it anew, even from the cache, takes longer than
/// SQLite takes to answer it.</summary>
/// <remarks>A compiled query belongs to one model, and a process that speaks to two databases has two.</remarks>
public sealed class CompiledQuery<TArgument, TResult>(Expression<Func<OrchestratorDbContext, TArgument, IQueryable<TResult>>> query)
    where TResult : class
{
    private readonly ConditionalWeakTable<IModel, Func<OrchestratorDbContext, TArgument, IAsyncEnumerable<TResult>>> _byModel = [];

    public Task<TResult?> FirstOrDefaultAsync(OrchestratorDbContext db, TArgument argument, CancellationToken cancellationToken) =>
        CompiledQuery.FirstAsync(Ask(db, argument), cancellationToken);

    public ValueTask<List<TResult>> ToListAsync(OrchestratorDbContext db, TArgument argument, CancellationToken cancellationToken) =>
        Ask(db, argument).ToListAsync(cancellationToken);

    private IAsyncEnumerable<TResult> Ask(OrchestratorDbContext db, TArgument argument) =>
        _byModel.GetValue(db.Model, _ => EF.CompileAsyncQuery(query))(db, argument);
}

/// <inheritdoc cref="CompiledQuery{TArgument, TResult}"/>
public sealed class CompiledQuery<TFirst, TSecond, TResult>(Expression<Func<OrchestratorDbContext, TFirst, TSecond, IQueryable<TResult>>> query)
    where TResult : class
{
    private readonly ConditionalWeakTable<IModel, Func<OrchestratorDbContext, TFirst, TSecond, IAsyncEnumerable<TResult>>> _byModel = [];

    public Task<TResult?> FirstOrDefaultAsync(OrchestratorDbContext db, TFirst first, TSecond second, CancellationToken cancellationToken) =>
        CompiledQuery.FirstAsync(_byModel.GetValue(db.Model, _ => EF.CompileAsyncQuery(query))(db, first, second), cancellationToken);
}

internal static class CompiledQuery
{
    public static async Task<T?> FirstAsync<T>(IAsyncEnumerable<T> results, CancellationToken cancellationToken) where T : class
    {
        await foreach (var result in results.WithCancellation(cancellationToken))
        {
            return result;
        }
        return null;
    }
}
