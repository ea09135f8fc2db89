using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore.Query;

namespace Orchestrator.Data;

/// <summary>What is joined to rows to show them: said once, for queries that are composed at each request and for those that are compiled.</summary>
public sealed class QueryView<TRow, TView>(Expression<Func<OrchestratorDbContext, IQueryable<TRow>, IQueryable<TView>>> view)
{
    public IQueryable<TView> Of(IQueryable<TRow> rows, OrchestratorDbContext db) =>
        rows.Provider.CreateQuery<TView>(Join(Expression.Constant(db), rows.Expression));

    /// <param name="rows">For a <see cref="CompiledQuery{TArgument, TResult}"/>.</param>
    public Expression<Func<OrchestratorDbContext, TArgument, IQueryable<TView>>> Of<TArgument>(
        Expression<Func<OrchestratorDbContext, TArgument, IQueryable<TRow>>> rows) =>
        Expression.Lambda<Func<OrchestratorDbContext, TArgument, IQueryable<TView>>>(Join(rows.Parameters[0], rows.Body), rows.Parameters);

    /// <inheritdoc cref="Of{TArgument}"/>
    public Expression<Func<OrchestratorDbContext, TFirst, TSecond, IQueryable<TView>>> Of<TFirst, TSecond>(
        Expression<Func<OrchestratorDbContext, TFirst, TSecond, IQueryable<TRow>>> rows) =>
        Expression.Lambda<Func<OrchestratorDbContext, TFirst, TSecond, IQueryable<TView>>>(Join(rows.Parameters[0], rows.Body), rows.Parameters);

    private Expression Join(Expression db, Expression rows) => new ReplacingExpressionVisitor(view.Parameters, [db, rows]).Visit(view.Body);
}
