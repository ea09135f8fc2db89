using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Orchestrator.Data.Audit;

/// <summary>A record that was stored together with what it is about, in the same transaction, and has no place in the chain yet.</summary>
/// <remarks>So a job's change and its record happen both or not at all, and nobody who changes something waits for the chain.</remarks>
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
