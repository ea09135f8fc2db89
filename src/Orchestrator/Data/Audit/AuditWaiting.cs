using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Orchestrator.Data.Audit;

/// <summary>A record that has no place in the chain yet.</summary>
/// <remarks>A job's is stored together with what it is about, in the same transaction: both happen, or neither does. A request's is
/// stored before its answer. Neither waits for the chain.</remarks>
public sealed class AuditWaiting
{
    /// <summary>Given by the database.</summary>
    public long Id { get; private set; }

    /// <summary>The <see cref="AuditRecord"/> as JSON.</summary>
    public required string Record { get; init; }

    public static AuditWaiting Of(AuditRecord record) => new() { Record = JsonSerializer.Serialize(record, AuditJson.Default.AuditRecord) };

    public AuditRecord Read() => JsonSerializer.Deserialize(Record, AuditJson.Default.AuditRecord)!;

    internal sealed class Mapping : IEntityTypeConfiguration<AuditWaiting>
    {
        public void Configure(EntityTypeBuilder<AuditWaiting> entity) => entity.Property(waiting => waiting.Id).ValueGeneratedOnAdd();
    }
}

[JsonSerializable(typeof(AuditRecord))]
internal sealed partial class AuditJson : JsonSerializerContext;
