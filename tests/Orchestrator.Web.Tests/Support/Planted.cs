using System.Data.Common;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;

namespace Orchestrator.Web.Tests.Support;

/// <summary>Secrets that tests give to servers, with a mark by which they are found. When the tests are over, the mark may be in no row,
/// file or message: not as it is, and not in base64 or hexadecimal digits.</summary>
internal static class Planted
{
    public const string Mark = "planted-secret-";

    private static readonly byte[][] Forms = [.. FormsOf(Mark)];

    public static string Secret(string name) => $"{Mark}{name}-{Guid.NewGuid():N}";

    public static bool IsIn(ReadOnlySpan<byte> content) => IsIn(content, Forms);

    public static bool IsIn(string text) => IsIn(Encoding.UTF8.GetBytes(text));

    /// <summary>The places where a server has a planted secret, or one that was minted for a run, in the clear.</summary>
    public static async Task<IReadOnlyList<string>> FindAsync(Platform platform)
    {
        byte[][] forms = [.. Forms, .. platform.Sts.All.SelectMany(FormsOf)];
        var found = new List<string>(platform.LoggedSecrets);
        foreach (var file in Directory.EnumerateFiles(platform.DirectoryPath, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }))
        {
            if (Path.GetFileName(file) != "orchestrator.lock" && IsIn(await ReadAsync(file), forms))
            {
                found.Add(file);
            }
        }
        await using var db = platform.Open();
        await db.Database.OpenConnectionAsync();
        var connection = db.Database.GetDbConnection();
        foreach (var table in await TablesAsync(connection, platform.Provider))
        {
            await using var command = connection.CreateCommand();
            command.CommandText = $"SELECT * FROM {table}";
            await using var rows = await command.ExecuteReaderAsync();
            while (await rows.ReadAsync())
            {
                for (var column = 0; column < rows.FieldCount; column++)
                {
                    var value = rows.IsDBNull(column) ? null : rows.GetValue(column);
                    if (IsIn(value as byte[] ?? Encoding.UTF8.GetBytes(value?.ToString() ?? ""), forms))
                    {
                        found.Add($"{table}.{rows.GetName(column)}");
                    }
                }
            }
        }
        return found;
    }

    private static bool IsIn(ReadOnlySpan<byte> content, byte[][] forms)
    {
        foreach (var form in forms)
        {
            if (content.IndexOf(form) >= 0)
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>In a longer base64 text, a value begins at one of three places of a group, and its ends depend on its neighbours.</summary>
    private static IEnumerable<byte[]> FormsOf(string secret)
    {
        var bytes = Encoding.UTF8.GetBytes(secret);
        var base64 = Enumerable.Range(0, 3).Select(shift => Convert.ToBase64String([.. new byte[shift], .. bytes]).TrimEnd('=')[(shift == 0 ? 0 : shift + 1)..^1]);
        return new[] { secret, Convert.ToHexStringLower(bytes), Convert.ToHexString(bytes) }.Concat(base64).Select(Encoding.ASCII.GetBytes);
    }

    private static async Task<byte[]> ReadAsync(string path)
    {
        try
        {
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var content = new MemoryStream();
            await file.CopyToAsync(content);
            return content.ToArray();
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
    }

    private static async Task<IReadOnlyList<string>> TablesAsync(DbConnection connection, DatabaseProvider provider)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = provider == DatabaseProvider.Sqlite
            ? "SELECT '\"' || name || '\"' FROM sqlite_master WHERE type = 'table'"
            : "SELECT quote_ident(table_schema) || '.' || quote_ident(table_name) FROM information_schema.tables "
                + "WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')";
        await using var reader = await command.ExecuteReaderAsync();
        var tables = new List<string>();
        while (await reader.ReadAsync())
        {
            tables.Add(reader.GetString(0));
        }
        return tables;
    }
}
