using System.Data.Common;
using System.Globalization;
using Microsoft.EntityFrameworkCore;

namespace Orchestrator.Data.Secrets;

/// <summary>A column whose values are encrypted, and how their places are called (<see cref="SealedPlaces"/>).</summary>
/// <param name="Keys">The table's key. Its parts and the suffix are the place.</param>
/// <param name="AtOnce">How many values are held in memory at a time.</param>
internal sealed record SealedColumn(string Table, string Column, SecretKind Kind, string[] Keys, string Suffix = "", int AtOnce = 100)
{
    /// <summary>All there are. A test holds that no column of sealed values is missing here.</summary>
    public static readonly IReadOnlyList<SealedColumn> All =
    [
        new("Variables", "ProtectedValue", SecretKind.Variable, ["Id"]),
        new("Runs", "ProtectedVariables", SecretKind.Variable, ["Id"], SealedPlaces.AllVariables, AtOnce: 20),
        new("Runs", "ProtectedOwnVariables", SecretKind.Variable, ["Id"], SealedPlaces.OwnVariables, AtOnce: 20),
        new("StateOutputs", "ProtectedValue", SecretKind.StateOutput, ["Id"]),
        new("SshKeys", "ProtectedValue", SecretKind.SshKey, ["Id"]),
        new("LogChunks", "ProtectedContent", SecretKind.RunLog, ["RunId", "Phase", "Offset"]),
        new("NotificationConfigurations", "ProtectedUrl", SecretKind.Notification, ["Id"], SealedPlaces.Url),
        new("NotificationConfigurations", "ProtectedToken", SecretKind.Notification, ["Id"], SealedPlaces.Token),
        new("VcsConnections", "ProtectedToken", SecretKind.Vcs, ["Id"], SealedPlaces.Token),
        new("VcsConnections", "ProtectedAppKey", SecretKind.Vcs, ["Id"], SealedPlaces.AppKey),
        new("VcsConnections", "ProtectedSshKey", SecretKind.Vcs, ["Id"], SealedPlaces.SshKey),
        new("VcsConnections", "ProtectedWebhookSecret", SecretKind.Vcs, ["Id"], SealedPlaces.WebhookSecret),
        new("VcsDeliveries", "ProtectedBody", SecretKind.Vcs, ["Id"], SealedPlaces.Body, AtOnce: 20),
        new("SigningKeys", "ProtectedPrivateKey", SecretKind.SigningKey, ["Kid"]),
        new("SignInFactors", "ProtectedPasswordHash", SecretKind.SignIn, ["UserId"], SealedPlaces.Password),
        new("SignInFactors", "ProtectedTimeCodeKey", SecretKind.SignIn, ["UserId"], SealedPlaces.TimeCode),
        new("AuditChains", "Seal", SecretKind.AuditChain, ["Id"]),
        new("Blobs", "Content", SecretKind.Blob, ["Key"], AtOnce: 2),
    ];

    public override string ToString() => $"{Table}.{Column}";

    /// <summary>The values that are there, in the order of their keys.</summary>
    /// <param name="except">Leaves out what this key has encrypted.</param>
    public async IAsyncEnumerable<SealedValue> ReadAsync(
        OrchestratorDbContext db, Guid? except, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        object[]? after = null;
        while (true)
        {
            var batch = await ReadBatchAsync(db, after, except, cancellationToken);
            foreach (var value in batch)
            {
                yield return value;
            }
            if (batch.Count < AtOnce)
            {
                yield break;
            }
            after = batch[^1].Key;
        }
    }

    /// <summary>Puts a value in place of another, unless somebody else has done so meanwhile.</summary>
    public async Task<bool> ReplaceAsync(OrchestratorDbContext db, SealedValue before, byte[] now, CancellationToken cancellationToken)
    {
        await using var command = await CommandAsync(db, cancellationToken);
        command.CommandText = $"""UPDATE "{Table}" SET "{Column}" = @now WHERE {string.Join(" AND ", Keys.Select((key, index) => $"\"{key}\" = @key{index}"))} AND "{Column}" = @before""";
        Add(command, "@now", now);
        Add(command, "@before", before.Value);
        AddKeys(command, before.Key);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    private async Task<List<SealedValue>> ReadBatchAsync(OrchestratorDbContext db, object[]? after, Guid? except, CancellationToken cancellationToken)
    {
        await using var command = await CommandAsync(db, cancellationToken);
        var keys = string.Join(", ", Keys.Select(key => $"\"{key}\""));
        var conditions = new List<string> { $"\"{Column}\" IS NOT NULL" };
        if (after is not null)
        {
            conditions.Add($"({keys}) > ({string.Join(", ", Keys.Select((_, index) => $"@key{index}"))})");
            AddKeys(command, after);
        }
        if (except is { } current)
        {
            // The key's id stands right after the mark.
            conditions.Add($"substr(\"{Column}\", 5, 16) <> @except");
            Add(command, "@except", current.ToByteArray());
        }
        command.CommandText = $"SELECT {keys}, \"{Column}\" FROM \"{Table}\" WHERE {string.Join(" AND ", conditions)} ORDER BY {keys} LIMIT {AtOnce.ToString(CultureInfo.InvariantCulture)}";
        var values = new List<SealedValue>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var key = new object[Keys.Length];
            for (var index = 0; index < key.Length; index++)
            {
                key[index] = reader.GetValue(index);
            }
            values.Add(new SealedValue(key, PlaceOf(key), (byte[])reader.GetValue(key.Length)));
        }
        return values;
    }

    private string PlaceOf(object[] key) => string.Join('/', key.Select(part => Convert.ToString(part, CultureInfo.InvariantCulture))) + Suffix;

    private void AddKeys(DbCommand command, object[] key)
    {
        for (var index = 0; index < Keys.Length; index++)
        {
            Add(command, $"@key{index}", key[index]);
        }
    }

    private static void Add(DbCommand command, string name, object value)
    {
        var parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.Value) = (name, value);
        command.Parameters.Add(parameter);
    }

    private static async Task<DbCommand> CommandAsync(OrchestratorDbContext db, CancellationToken cancellationToken)
    {
        await db.Database.OpenConnectionAsync(cancellationToken);
        return db.Database.GetDbConnection().CreateCommand();
    }
}

/// <param name="Key">The row's, as the database gives it.</param>
internal sealed record SealedValue(object[] Key, string Place, byte[] Value);
