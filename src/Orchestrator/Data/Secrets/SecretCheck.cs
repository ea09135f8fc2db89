using System.Buffers;
using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Orchestrator.Data.Secrets;

/// <param name="Values">How many encrypted values were opened.</param>
/// <param name="Texts">How many texts that rest in the clear were looked through.</param>
/// <param name="InTheClear">What must not be as it is. Never the secret itself.</param>
/// <param name="Notes">What 'secrets rotate' would mend, and what is worth knowing.</param>
public sealed record SecretReport(long Values, long Texts, IReadOnlyList<string> InTheClear, IReadOnlyList<string> Notes)
{
    public bool IsClean => InTheClear.Count == 0;
}

/// <summary>Looks whether everything that is to be encrypted is, opens each value, and searches what rests in the clear for the installation's own
/// secrets and for what looks like somebody's.</summary>
public sealed partial class SecretCheck(
    IDbContextFactory<OrchestratorDbContext> databases, SecretBox secrets, KeyRing ring, DataDirectory directory)
{
    // What is shorter is part of ordinary words.
    private const int MinSecretLength = 12;

    private readonly List<string> _inTheClear = [];
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _notes = [];
    private long _values;
    private long _texts;

    /// <summary>Once for each instance.</summary>
    public async Task<SecretReport> CheckAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        foreach (var column in UnknownColumns(db.Model))
        {
            _inTheClear.Add($"{column}: nobody has said whether it may be kept in the clear.");
        }
        await CheckRowsAsync(db, cancellationToken);
        await CheckFilesAsync(cancellationToken);
        await CheckHashesAsync(db, cancellationToken);
        await CheckTextsAsync(db, cancellationToken);
        await CheckRingAsync(db, cancellationToken);
        return new SecretReport(_values, _texts, _inTheClear, [.. _notes.Select(note => $"{note.Key} ({note.Value})")]);
    }

    /// <summary>Columns of text or bytes that are neither sealed nor known to be plain.</summary>
    internal static IEnumerable<string> UnknownColumns(IModel model) => TextColumns(model)
        .Select(column => $"{column.Table}.{column.Column}")
        .Where(column => !PlainColumns.All.Contains(column) && !SealedColumn.All.Any(known => known.ToString() == column));

    private static IEnumerable<(string Table, string Column)> TextColumns(IModel model) =>
        from entity in model.GetEntityTypes()
        from property in entity.GetProperties()
        // Identifiers, enums, numbers and times are value types.
        where !property.ClrType.IsValueType
        select (entity.GetTableName()!, property.GetColumnName());

    private async Task CheckRowsAsync(OrchestratorDbContext db, CancellationToken cancellationToken)
    {
        var current = ring.Youngest()?.KeyId;
        foreach (var column in SealedColumn.All)
        {
            await foreach (var value in column.ReadAsync(db, except: null, cancellationToken))
            {
                var plain = Look(column.Kind, value.Place, value.Value, $"{column} of {value.Place}", current);
                if (plain is not null && column.Kind is SecretKind.SshKey or SecretKind.Notification)
                {
                    Remember(Encoding.UTF8.GetString(plain));
                }
            }
        }
        // What is not sensitive is shown to everybody who may read the workspace, and stands in many a place.
        await foreach (var value in SealedColumn.All[0].ReadAsync(db, except: null, cancellationToken))
        {
            var id = new VariableId((string)value.Key[0]);
            if (await db.Variables.AnyAsync(row => row.Id == id && row.Sensitive, cancellationToken) && TryOpen(SecretKind.Variable, value) is { } plain)
            {
                Remember(Encoding.UTF8.GetString(plain));
            }
        }
    }

    private async Task CheckFilesAsync(CancellationToken cancellationToken)
    {
        var current = ring.Youngest()?.KeyId;
        foreach (var (path, kind, place) in SealedFiles.All(directory).ToList())
        {
            if (await SealedFiles.ReadAsync(path, cancellationToken) is { } value)
            {
                Look(kind, place, value, path, current);
            }
        }
    }

    private byte[]? Look(SecretKind kind, string place, byte[] value, string name, Guid? current)
    {
        if (KeyRing.KeyOf(value) is not { } key)
        {
            _inTheClear.Add($"{name} is not encrypted.");
            return null;
        }
        try
        {
            var (plain, isBound) = secrets.Open(kind, place, value);
            _values++;
            if (!isBound)
            {
                Note("Values that are not bound to their place yet; 'secrets rotate' binds them");
            }
            else if (key != current)
            {
                Note("Values that an older key has encrypted; 'secrets rotate' encrypts them anew");
            }
            return plain;
        }
        catch (CryptographicException)
        {
            _inTheClear.Add($"{name} cannot be opened: it was altered, belongs to another place, or its key is lost.");
            return null;
        }
    }

    private async Task CheckHashesAsync(OrchestratorDbContext db, CancellationToken cancellationToken)
    {
        foreach (var (table, column) in PlainColumns.Hashes)
        {
            await foreach (var text in TextsAsync(db, table, column, cancellationToken))
            {
                if (!Hash().IsMatch(text))
                {
                    _inTheClear.Add($"{table}.{column} holds something that is no hash.");
                }
            }
        }
    }

    private async Task CheckTextsAsync(OrchestratorDbContext db, CancellationToken cancellationToken)
    {
        var known = SearchValues.Create([.. _known.Concat(_known.Select(secret => Convert.ToBase64String(Encoding.UTF8.GetBytes(secret))))], StringComparison.Ordinal);
        var hashes = PlainColumns.Hashes.Select(hash => $"{hash.Table}.{hash.Column}").ToHashSet(StringComparer.Ordinal);
        foreach (var (table, column) in TextColumns(db.Model).Where(column =>
            PlainColumns.All.Contains($"{column.Table}.{column.Column}") && !hashes.Contains($"{column.Table}.{column.Column}") && column.Table != "DataProtectionKeys"))
        {
            await foreach (var text in TextsAsync(db, table, column, cancellationToken))
            {
                _texts++;
                if (_known.Count > 0 && text.AsSpan().ContainsAny(known))
                {
                    _inTheClear.Add($"{table}.{column} holds the value of a sensitive variable, a key, or a token.");
                }
                else if (LooksSecret().Match(text) is { Success: true })
                {
                    _inTheClear.Add($"{table}.{column} holds something that looks like a private key or a token.");
                }
            }
        }
    }

    private async Task CheckRingAsync(OrchestratorDbContext db, CancellationToken cancellationToken)
    {
        var files = await Task.WhenAll(Directory.EnumerateFiles(directory.Keys, "*.xml").Select(path => File.ReadAllTextAsync(path, cancellationToken)));
        var rows = await db.DataProtectionKeys.AsNoTracking().Select(key => key.Xml ?? "").ToListAsync(cancellationToken);
        if (rows.Any(IsUnwrapped))
        {
            _inTheClear.Add("The key ring stands in the database unwrapped: whoever has the database opens everything in it. Set Orchestrator__KeyRing__KeyFile "
                + "or __CertificatePath, and run 'secrets rotate --delete-old'.");
        }
        foreach (var _ in files.Where(IsUnwrapped))
        {
            Note("Keys of the ring that lie unwrapped in the data directory; with Orchestrator__KeyRing__KeyFile or __CertificatePath, 'secrets rotate --delete-old' replaces them");
        }
        var adminToken = directory.AdminTokenFile;
        if (File.Exists(adminToken) && (File.GetUnixFileMode(adminToken) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite)) != 0)
        {
            _inTheClear.Add($"{adminToken} can be read by others than its owner.");
        }
    }

    internal static bool IsUnwrapped(string xml) => xml.Contains("<masterKey", StringComparison.Ordinal) && xml.Contains("<value>", StringComparison.Ordinal)
        && !xml.Contains("<encryptedSecret decryptorType", StringComparison.Ordinal);

    private void Remember(string secret)
    {
        foreach (var line in secret.Split('\n').Select(line => line.Trim()).Where(line => line.Length >= MinSecretLength && !line.StartsWith("-----", StringComparison.Ordinal)))
        {
            _known.Add(line);
        }
    }

    private void Note(string note) => _notes[note] = _notes.GetValueOrDefault(note) + 1;

    private byte[]? TryOpen(SecretKind kind, SealedValue value)
    {
        try
        {
            return secrets.Unprotect(kind, value.Place, value.Value);
        }
        catch (CryptographicException)
        {
            // That was said before.
            return null;
        }
    }

    private static async IAsyncEnumerable<string> TextsAsync(
        OrchestratorDbContext db, string table, string column, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await db.Database.OpenConnectionAsync(cancellationToken);
        await using DbCommand command = db.Database.GetDbConnection().CreateCommand();
        command.CommandText = $"SELECT \"{column}\" FROM \"{table}\" WHERE \"{column}\" IS NOT NULL";
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            if (reader.GetValue(0) is string text)
            {
                yield return text;
            }
        }
    }

    [GeneratedRegex("^[0-9a-f]{64}$")]
    private static partial Regex Hash();

    // A PEM key, our own tokens, and what clouds and forges give out.
    [GeneratedRegex(@"-----BEGIN [A-Z ]*PRIVATE KEY-----|[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9]{60,}|\bgh[pousr]_[A-Za-z0-9]{36}|\bglpat-[A-Za-z0-9_-]{20}|\bxox[abp]-[0-9A-Za-z-]{20,}|\bhvs\.[A-Za-z0-9_-]{24,}")]
    private static partial Regex LooksSecret();
}
