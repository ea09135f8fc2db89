using System.Linq.Expressions;
using System.Reflection;

namespace Orchestrator.Web.Api.JsonApi;

internal static class TextSearch
{
    private static readonly MethodInfo ToLower = typeof(string).GetMethod(nameof(string.ToLower), [])!;
    private static readonly MethodInfo Contains = typeof(string).GetMethod(nameof(string.Contains), [typeof(string)])!;

    /// <summary>The rows that have the text in one of the columns, in capitals or not. All rows when there is no text.</summary>
    public static IQueryable<T> Containing<T>(this IQueryable<T> rows, string? text, params Expression<Func<T, string?>>[] columns)
    {
        if (text is null)
        {
            return rows;
        }
        // Reached through a field, as the compiler does it for a captured variable: so it becomes a parameter of the statement.
        var wanted = Expression.Field(Expression.Constant(new Captured(text.ToLowerInvariant())), nameof(Captured.Text));
        var row = Expression.Parameter(typeof(T), "row");
        var found = columns
            .Select(column => new Replace(column.Parameters[0], row).Visit(column.Body))
            .Select(column => (Expression)Expression.Call(Expression.Call(column, ToLower), Contains, wanted))
            .Aggregate(Expression.OrElse);
        return rows.Where(Expression.Lambda<Func<T, bool>>(found, row));
    }

    private sealed class Captured(string text)
    {
        public readonly string Text = text;
    }

    private sealed class Replace(ParameterExpression from, Expression to) : ExpressionVisitor
    {
        protected override Expression VisitParameter(ParameterExpression node) => node == from ? to : node;
    }
}
