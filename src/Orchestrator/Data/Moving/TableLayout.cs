using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Orchestrator.Data.Moving;

/// <summary>What a column holds, in every database alike.</summary>
public enum ColumnKind
{
    Text,
    Bytes,
    Instant,
    Flag,
    Number,
    LongNumber,
}

/// <summary>A table as an archive carries it. It is read from the model, so that no table has to be told of here.</summary>
/// <param name="Columns">By name.</param>
/// <param name="Key">The columns of its primary key.</param>
/// <param name="Counted">The column whose values the database counts itself; null for most tables.</param>
internal sealed record TableLayout(string Name, IReadOnlyList<ArchivedColumn> Columns, IReadOnlyList<string> Key, string? Counted)
{
    /// <summary>Rows on PostgreSQL, and files on SQLite.</summary>
    public const string Blobs = nameof(OrchestratorDbContext.Blobs);

    /// <summary>Has a row from the beginning on, which cannot be removed.</summary>
    public const string AuditChains = nameof(OrchestratorDbContext.AuditChains);

    /// <summary>The key ring goes its own way: rows on PostgreSQL, files on SQLite, and never in the clear.</summary>
    public const string KeyRing = nameof(OrchestratorDbContext.DataProtectionKeys);

    public string ColumnNames => string.Join(", ", Columns.Select(column => $"\"{column.Name}\""));

    /// <summary>All tables but the key ring's, each behind those that it points to.</summary>
    public static IReadOnlyList<TableLayout> Of(IModel model)
    {
        var waiting = model.GetRelationalModel().Tables.OrderBy(table => table.Name, StringComparer.Ordinal).ToList();
        var ordered = new List<ITable>();
        while (waiting.Count > 0)
        {
            var next = waiting.FirstOrDefault(table => table.ForeignKeyConstraints.All(key => key.PrincipalTable == table || ordered.Contains(key.PrincipalTable)))
                ?? throw new InvalidOperationException($"The tables {string.Join(", ", waiting.Select(table => table.Name))} point to each other in a circle.");
            waiting.Remove(next);
            ordered.Add(next);
        }
        return [.. ordered.Where(table => table.Name != KeyRing).Select(Of)];
    }

    private static TableLayout Of(ITable table) => new(
        table.Name,
        [.. table.Columns.OrderBy(column => column.Name, StringComparer.Ordinal).Select(column => new ArchivedColumn(column.Name, KindOf(column)))],
        [.. table.PrimaryKey!.Columns.Select(column => column.Name)],
        table.Columns.FirstOrDefault(column => column.PropertyMappings[0].Property is { ValueGenerated: ValueGenerated.OnAdd } property
            && (property.ClrType == typeof(int) || property.ClrType == typeof(long)))?.Name);

    private static ColumnKind KindOf(IColumn column)
    {
        var mapping = column.PropertyMappings[0];
        var type = mapping.TypeMapping.Converter?.ProviderClrType ?? mapping.TypeMapping.ClrType;
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type == typeof(string) ? ColumnKind.Text
            : type == typeof(byte[]) ? ColumnKind.Bytes
            : type == typeof(DateTime) ? ColumnKind.Instant
            : type == typeof(bool) ? ColumnKind.Flag
            : type == typeof(int) ? ColumnKind.Number
            : type == typeof(long) ? ColumnKind.LongNumber
            : throw new NotSupportedException($"{column.Table.Name}.{column.Name} holds a {type.Name}, which no archive carries yet: teach {nameof(RowCodec)} to.");
    }
}
