using System.Data.Common;
using System.Globalization;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Data;
using Orchestrator.Data.Blobs;
using Orchestrator.Data.Moving;
using Orchestrator.Runs;
using Orchestrator.Tests.Support;
using Orchestrator.Variables;

namespace Orchestrator.Tests.Data;

public sealed class MovingTests : IDisposable
{
    /// <summary>A variable is a workspace's or a set's.</summary>
    private static readonly HashSet<(string Table, string Column, int Row)> Empty = [("Variables", "WorkspaceId", 0), ("Variables", "VariableSetId", 1)];

    private readonly TemporaryDirectory _files = new();

    [Fact]
    public async Task Every_table_comes_back_through_the_other_database_as_it_was()
    {
        await using var origin = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        var blob = BlobKey.PlanJson(Identifier.New<RunId>());
        await origin.Get<IBlobStore>().WriteAsync(blob, "{\"a\":1}"u8.ToArray(), CancellationToken.None);
        await PlantEverywhereAsync(origin);
        var planted = await DumpAsync(origin);
        // Whoever adds a table has it planted here, and carried by the archive, without a word.
        Assert.All(planted, table => Assert.True(table.Value.Count > 0, $"{table.Key} has no row"));

        await using var middle = await Installation.CreateAsync(DatabaseProvider.PostgreSql);
        await using var end = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        var there = await MoveAsync(origin, middle, "there");
        var back = await MoveAsync(middle, end, "back");

        Assert.Equal(planted, await DumpAsync(middle));
        Assert.Equal(planted, await DumpAsync(end));
        Assert.Equal(there.Tables.Select(table => (table.Name, table.Rows, table.Digest)), back.Tables.Select(table => (table.Name, table.Rows, table.Digest)));
        Assert.Equal("{\"a\":1}"u8.ToArray(), await middle.Get<IBlobStore>().ReadAsync(blob, CancellationToken.None));
        Assert.Equal("{\"a\":1}"u8.ToArray(), await end.Get<IBlobStore>().ReadAsync(blob, CancellationToken.None));
        // What counts by itself goes on behind what came.
        foreach (var installation in new[] { middle, end })
        {
            await using var db = installation.Open();
            var last = await db.AuditWaiting.MaxAsync(row => row.Id);
            var next = Orchestrator.Data.Audit.AuditWaiting.Of(Orchestrator.Data.Audit.AuditRecord.OfPlatform(Installation.Start, "create", "thing", null));
            db.AuditWaiting.Add(next);
            await db.SaveChangesAsync();
            Assert.True(next.Id > last);
        }
    }

    [Theory, EachDatabase]
    public void An_archive_carries_every_table_of_the_model(DatabaseProvider provider)
    {
        var model = DataModel.For(provider);

        var tables = TableLayout.Of(model);

        Assert.Equal(model.GetRelationalModel().Tables.Select(table => table.Name).Except([TableLayout.KeyRing]).Order(), tables.Select(table => table.Name).Order());
        Assert.Equal(TableLayout.Of(DataModel.For(DatabaseProvider.Sqlite)).Select(Shape), tables.Select(Shape));

        static string Shape(TableLayout table) => $"{table.Name}({string.Join(',', table.Columns)}; {string.Join(',', table.Key)}; {table.Counted})";
    }

    [Fact]
    public async Task A_byte_that_is_another_one_is_found_wherever_it_is_and_its_entry_named()
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        await installation.ReadyWorkspaceAsync();
        var path = await ExportAsync(installation, "whole");
        var bytes = await File.ReadAllBytesAsync(path);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        await ArchiveCheck.RunAsync(path, passphrase: null, CancellationToken.None);
        var entries = EntriesOf(bytes);
        Assert.Contains(entries, entry => entry.Name == "tables/Workspaces/000001.gz");

        var damaged = Path.Combine(_files.Path, "damaged");
        for (var position = 0; position < bytes.Length; position += 251)
        {
            bytes[position] ^= 0x10;
            await File.WriteAllBytesAsync(damaged, bytes);
            var refused = await Assert.ThrowsAsync<ArchiveException>(() => ArchiveCheck.RunAsync(damaged, null, CancellationToken.None));
            if (entries.FirstOrDefault(entry => position >= entry.From && position < entry.To) is { Name: { } name })
            {
                Assert.Contains(name == ArchiveFile.ManifestSum ? "manifest." : name, refused.Message, StringComparison.Ordinal);
            }
            bytes[position] ^= 0x10;
        }
        foreach (var length in new[] { 0, 100, 512, bytes.Length / 2, bytes.Length - 1024, bytes.Length - 1 })
        {
            await File.WriteAllBytesAsync(damaged, bytes[..length]);
            await Assert.ThrowsAsync<ArchiveException>(() => ArchiveCheck.RunAsync(damaged, null, CancellationToken.None));
        }
        await File.WriteAllBytesAsync(damaged, [.. bytes, 0]);
        await Assert.ThrowsAsync<ArchiveException>(() => ArchiveCheck.RunAsync(damaged, null, CancellationToken.None));
    }

    [Fact]
    public async Task The_key_ring_never_lies_in_an_archive_in_the_clear()
    {
        await using var origin = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        var workspace = await origin.ReadyWorkspaceAsync();
        await origin.VariableAsync(workspace.Id, "password", "correct horse", sensitive: true);
        var plain = Path.Combine(_files.Path, "plain");

        var refused = await Assert.ThrowsAsync<ArchiveException>(() => origin.Get<InstallationExport>().WriteAsync(plain, new KeyChoice(null), CancellationToken.None));
        Assert.Contains("--passphrase-file", refused.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(_files.Path, "plain*"));

        var path = await ExportAsync(origin, "encrypted");
        Assert.Equal(-1, (await File.ReadAllBytesAsync(path)).AsSpan().IndexOf("masterKey"u8));
        await using var target = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        Assert.Contains("encrypted by a passphrase", (await RefusedAsync(target, path, null)).Message, StringComparison.Ordinal);
        Assert.Contains("not the one", (await RefusedAsync(target, path, Passphrase("another one entirely"))).Message, StringComparison.Ordinal);
        Assert.Contains("5 characters", Assert.Throws<ArchiveException>(() => Passphrase("short")).Message, StringComparison.Ordinal);

        var bare = Path.Combine(_files.Path, "bare");
        await origin.Get<InstallationExport>().WriteAsync(bare, new KeyChoice(null, LeaveOut: true), CancellationToken.None);
        Assert.Contains("without its keys", (await RefusedAsync(target, bare, null)).Message, StringComparison.Ordinal);
        foreach (var key in Directory.EnumerateFiles(origin.Get<DataDirectory>().Keys))
        {
            File.Copy(key, Path.Combine(target.Get<DataDirectory>().Keys, Path.GetFileName(key)));
        }
        await target.Get<InstallationImport>().ReadAsync(bare, null, CancellationToken.None);
        Assert.Equal("correct horse", (await target.Get<WorkspaceVariables>().OpenAsync(workspace.Id, CancellationToken.None)).Single().Value);
    }

    [Fact]
    public async Task A_wrapped_ring_goes_as_it_is_and_opens_where_what_wraps_it_is()
    {
        var file = Path.Combine(_files.Path, "key");
        await File.WriteAllBytesAsync(file, [.. Enumerable.Range(1, 64).Select(number => (byte)number)]);
        var path = Path.Combine(_files.Path, "wrapped");
        byte[] sealedValue;
        await using (var origin = await ServicesAsync("origin", ("KeyFile", file)))
        {
            sealedValue = origin.GetRequiredService<SecretBox>().Protect(SecretKind.Blob, "place", "a secret");
            var written = await origin.GetRequiredService<InstallationExport>().WriteAsync(path, new KeyChoice(null), CancellationToken.None);
            Assert.Equal(KeysInArchive.Wrapped, written.Keys);
        }

        await using (var bare = await ServicesAsync("bare"))
        {
            var refused = await Assert.ThrowsAsync<ArchiveException>(() => bare.GetRequiredService<InstallationImport>().ReadAsync(path, null, CancellationToken.None));
            Assert.Contains("which is not configured", refused.Message, StringComparison.Ordinal);
            Assert.Empty(Directory.EnumerateFiles(bare.GetRequiredService<DataDirectory>().Keys));
        }
        await using var target = await ServicesAsync("target", ("KeyFile", file));
        await target.GetRequiredService<InstallationImport>().ReadAsync(path, null, CancellationToken.None);
        Assert.Equal("a secret", target.GetRequiredService<SecretBox>().UnprotectText(SecretKind.Blob, "place", sealedValue));
    }

    [Theory, EachDatabase]
    public async Task An_import_that_fails_half_way_leaves_nothing_and_another_one_goes_well(DatabaseProvider provider)
    {
        await using var origin = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        await origin.ReadyWorkspaceAsync();
        await origin.Get<IBlobStore>().WriteAsync(BlobKey.PlanFile(Identifier.New<RunId>()), new byte[10], CancellationToken.None);
        await using var db = origin.Open();
        await db.Database.ExecuteSqlRawAsync("PRAGMA foreign_keys = OFF");
        await db.Database.ExecuteSqlAsync($"""INSERT INTO "TeamMembers" ("TeamId", "MembershipId") VALUES ('team-nobody', 'ou-nobody')""");
        var broken = await ExportAsync(origin, "broken");
        await db.Database.ExecuteSqlAsync($"""DELETE FROM "TeamMembers" """);
        await db.Database.ExecuteSqlRawAsync("PRAGMA foreign_keys = ON");
        var whole = await ExportAsync(origin, "whole");

        await using var target = await Installation.CreateAsync(provider);
        Assert.Matches("FOREIGN KEY|foreign key", (await RefusedAsync(target, broken, Passphrase())).Message);
        var interrupted = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => target.Get<InstallationImport>().ReadAsync(whole, Passphrase(), interrupted));
        Assert.Empty(FilesOf(target));
        if (provider == DatabaseProvider.Sqlite)
        {
            // Another one was killed in the middle of its files.
            var left = Directory.CreateDirectory(Path.Combine(target.Get<DataDirectory>().Blobs, "plans"));
            await File.WriteAllBytesAsync(Path.Combine(left.FullName, "run-left"), [1]);
            Assert.Contains("is not empty", (await RefusedAsync(target, whole, Passphrase())).Message, StringComparison.Ordinal);
            await File.WriteAllBytesAsync(Path.Combine(target.DirectoryPath, "import-unfinished"), []);
        }

        await target.Get<InstallationImport>().ReadAsync(whole, Passphrase(), CancellationToken.None);

        Assert.DoesNotContain(FilesOf(target), file => file.EndsWith("run-left", StringComparison.Ordinal));
        Assert.Equal(await DumpAsync(origin), await DumpAsync(target));
        Assert.Contains("The database is not empty: there are rows in ", (await RefusedAsync(target, whole, Passphrase())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_archive_of_another_version_is_refused_with_what_to_do()
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        var path = await ExportAsync(installation, "archive");

        await RefuseAsync(manifest => manifest with { Migration = "29990101000000_FromTheFuture" }, "a version that this program does not know (FromTheFuture");
        await RefuseAsync(manifest => manifest with { Format = 9 }, "The archive has the format 9");
        await RefuseAsync(manifest => manifest with { Tables = [.. manifest.Tables.Select(table => table with { Columns = [.. table.Columns.Skip(1)] })] }, "The archive has another table");
        await RefuseAsync(manifest => manifest with { Tables = [.. manifest.Tables, new ArchivedTable("News", [], 0, "")] }, "a table News, which this program does not know");

        async Task RefuseAsync(Func<ArchiveManifest, ArchiveManifest> change, string why)
        {
            var (manifest, _) = await ArchiveReader.VerifyAsync(path, CancellationToken.None);
            var changed = Path.Combine(_files.Path, Guid.NewGuid().ToString("N"));
            await using (var writer = new ArchiveWriter(changed))
            {
                await using var file = ArchiveReader.Open(path);
                var reader = new ArchiveReader(file);
                foreach (var _ in manifest.Entries)
                {
                    var (name, content) = (await reader.NextAsync(CancellationToken.None))!.Value;
                    await writer.AddAsync(name, content, CancellationToken.None);
                }
                await writer.FinishAsync(change(manifest), CancellationToken.None);
            }
            Assert.Contains(why, (await RefusedAsync(installation, changed, Passphrase())).Message, StringComparison.Ordinal);
        }
    }

    [Theory, EachDatabase]
    public async Task Runs_that_were_not_over_go_on_as_what_they_are_or_are_ended(DatabaseProvider provider)
    {
        await using var origin = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        var (one, two) = (await origin.ReadyWorkspaceAsync(), await origin.ReadyWorkspaceAsync());
        var held = await origin.PlannedAsync(one.Id, request => request with { AutoApply = true, MayApply = true });
        await origin.ClaimAsync(held.Id);
        var queued = await origin.QueueAsync(two.Id);
        var path = await ExportAsync(origin, "archive");

        await using (var target = await Installation.CreateAsync(provider))
        {
            await target.Get<InstallationImport>().ReadAsync(path, Passphrase(), CancellationToken.None);
            await using (var db = target.Open())
            {
                await RunsLeftBehind.DoubtAsync(db, CancellationToken.None);
            }
            target.Clock.Advance(RunTurns.PatienceWithAJob);
            await target.SilenceAsync(Orchestrator.Terraform.Lease.AmongOthers);
            await target.Get<RunRecovery>().RecoverAsync(CancellationToken.None);
            Assert.Equal(RunStatus.Errored, (await target.ReadAsync(held.Id)).Status);
            Assert.Null((await target.ReadAsync(one.Id)).LockedByRunId);
            Assert.Contains(queued.Id.Value, target.JobsIn("plan"));
        }
        await using (var copy = await Installation.CreateAsync(provider))
        {
            await copy.Get<InstallationImport>().ReadAsync(path, Passphrase(), CancellationToken.None);
            await using (var db = copy.Open())
            {
                Assert.Equal(2, await RunsLeftBehind.EndAsync(db, copy.Clock.GetUtcNow(), CancellationToken.None));
            }
            Assert.All([await copy.ReadAsync(held.Id), await copy.ReadAsync(queued.Id)], run => Assert.Equal(RunStatus.Canceled, run.Status));
            Assert.True((await copy.ApplyOfAsync(held.Id)).IsOver && (await copy.PlanOfAsync(queued.Id)).IsOver);
            Assert.Null((await copy.ReadAsync(one.Id)).LockedByRunId);
            Assert.Null((await copy.ReadAsync(two.Id)).LockedByRunId);
        }
    }

    public void Dispose() => _files.Dispose();

    private ArchivePassphrase Passphrase(string text = "a passphrase of some length")
    {
        var path = Path.Combine(_files.Path, "passphrase");
        File.WriteAllText(path, text + "\n");
        var passphrase = ArchivePassphrase.Read(path);
        passphrase.Iterations = 1000;
        return passphrase;
    }

    private async Task<string> ExportAsync(Installation installation, string name)
    {
        var path = Path.Combine(_files.Path, name);
        await installation.Get<InstallationExport>().WriteAsync(path, new KeyChoice(Passphrase()), CancellationToken.None);
        return path;
    }

    private async Task<ArchiveManifest> MoveAsync(Installation from, Installation to, string name) =>
        await to.Get<InstallationImport>().ReadAsync(await ExportAsync(from, name), Passphrase(), CancellationToken.None);

    private static Task<ArchiveException> RefusedAsync(Installation target, string path, ArchivePassphrase? passphrase) =>
        Assert.ThrowsAsync<ArchiveException>(() => target.Get<InstallationImport>().ReadAsync(path, passphrase, CancellationToken.None));

    private static string[] FilesOf(Installation installation) =>
        [.. Directory.EnumerateFiles(installation.Get<DataDirectory>().Blobs, "*", SearchOption.AllDirectories), .. Directory.EnumerateFiles(installation.Get<DataDirectory>().Keys)];

    /// <summary>Where in the file each entry's name and content stand.</summary>
    private static List<(string Name, int From, int To)> EntriesOf(byte[] archive)
    {
        var entries = new List<(string, int, int)>();
        for (var at = 0; archive[at] != 0;)
        {
            var name = Encoding.ASCII.GetString(archive, at, 100).TrimEnd('\0');
            var length = Convert.ToInt32(Encoding.ASCII.GetString(archive, at + 124, 11).Trim('\0', ' '), 8);
            // The name itself is not what it was when it is the name that was hit.
            entries.Add((name, at + 148, at + 512 + length));
            at += 512 + ((length + 511) / 512 * 512);
        }
        return entries;
    }

    /// <summary>Two rows in every table, made from the model alone: the first with a value in every column, the second with as few as may be.</summary>
    private static async Task PlantEverywhereAsync(Installation installation)
    {
        await using var db = installation.Open();
        await db.Database.OpenConnectionAsync();
        var planted = new Dictionary<(string Table, string Column, int Row), object?>();
        var waiting = db.Model.GetRelationalModel().Tables.Where(table => table.Name is not (TableLayout.KeyRing or TableLayout.Blobs)).ToList();
        while (waiting.Count > 0)
        {
            var table = waiting.First(table => table.ForeignKeyConstraints.All(key => key.PrincipalTable == table || !waiting.Contains(key.PrincipalTable)));
            waiting.Remove(table);
            if (table.Name == TableLayout.AuditChains)
            {
                await db.Database.ExecuteSqlAsync($"""UPDATE "AuditChains" SET "Head" = 5000, "Anchor" = 2, "Seal" = {new byte[] { 1, 2, 0, 255 }}""");
                continue;
            }
            for (var row = 0; row < 2; row++)
            {
                foreach (var column in table.Columns)
                {
                    var pointer = table.ForeignKeyConstraints.Where(key => key.PrincipalTable != table).SelectMany(key => key.Columns.Zip(key.PrincipalColumns))
                        .FirstOrDefault(pair => pair.First == column).Second;
                    planted[(table.Name, column.Name, row)] = Empty.Contains((table.Name, column.Name, row)) ? null
                        : pointer is not null ? planted[(pointer.Table.Name, pointer.Name, row)]
                        : row == 1 && column.IsNullable ? null
                        : table.ForeignKeyConstraints.Any(key => key.PrincipalTable == table && key.Columns.Contains(column)) ? null
                        : ValueOf(column, row);
                }
                await using var command = db.Database.GetDbConnection().CreateCommand();
                command.CommandText = $"INSERT INTO \"{table.Name}\" ({string.Join(", ", table.Columns.Select(column => $"\"{column.Name}\""))}) "
                    + $"VALUES ({string.Join(", ", table.Columns.Select((_, index) => $"@p{index}"))})";
                foreach (var (index, column) in table.Columns.Index())
                {
                    Add(command, $"@p{index}", planted[(table.Name, column.Name, row)]);
                }
                await command.ExecuteNonQueryAsync();
            }
        }
    }

    private static object ValueOf(IColumn column, int row)
    {
        var mapping = column.PropertyMappings[0];
        var type = mapping.TypeMapping.Converter?.ProviderClrType ?? mapping.TypeMapping.ClrType;
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string))
        {
            var text = $"{row}\u00e4\0\ud83d\ude80'\"\\\n{column.Table.Name}.{column.Name}";
            return column.PropertyMappings[0].Property.GetMaxLength() is { } limit && text.Length > limit ? text[..limit].TrimEnd('\ud83d') : text;
        }
        return type == typeof(byte[]) ? new byte[] { 0, (byte)row, 128, 255, 10, 13 }
            : type == typeof(DateTime) ? new DateTime(2026, 2, 28, 23, 59, row, DateTimeKind.Utc).AddTicks(1234567)
            : type == typeof(bool) ? row == 0
            : type == typeof(int) ? (object)(int.MaxValue - row)
            : type == typeof(long) ? (long)int.MaxValue + 100 + row
            : throw new NotSupportedException(type.Name);
    }

    /// <summary>Every row of every table, as text, in an order of its own; as PostgreSQL holds instants and texts. Not the key ring, and not what is a file on SQLite.</summary>
    private static async Task<SortedDictionary<string, List<string>>> DumpAsync(Installation installation)
    {
        var dump = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        await using var db = installation.Open();
        await db.Database.OpenConnectionAsync();
        foreach (var table in db.Model.GetRelationalModel().Tables.Where(table => table.Name is not (TableLayout.KeyRing or TableLayout.Blobs)))
        {
            await using var command = db.Database.GetDbConnection().CreateCommand();
            var columns = table.Columns.OrderBy(column => column.Name, StringComparer.Ordinal).ToArray();
            command.CommandText = $"SELECT {string.Join(", ", columns.Select(column => $"\"{column.Name}\""))} FROM \"{table.Name}\"";
            await using var reader = await command.ExecuteReaderAsync();
            var rows = new List<string>();
            while (await reader.ReadAsync())
            {
                rows.Add(string.Join(" | ", columns.Select((column, index) => $"{column.Name}={Text(reader, index, columns[index])}")));
            }
            rows.Sort(StringComparer.Ordinal);
            dump[table.Name] = rows;
        }
        return dump;
    }

    private static string Text(DbDataReader reader, int index, IColumn column)
    {
        if (reader.IsDBNull(index))
        {
            return "(null)";
        }
        var type = column.PropertyMappings[0].TypeMapping.Converter?.ProviderClrType ?? column.PropertyMappings[0].TypeMapping.ClrType;
        return (Nullable.GetUnderlyingType(type) ?? type) == typeof(DateTime) ? reader.GetDateTime(index).ToString("yyyy-MM-ddTHH:mm:ss.ffffff", CultureInfo.InvariantCulture)
            : reader.GetValue(index) switch
            {
                byte[] bytes => Convert.ToHexString(bytes),
                bool flag => flag ? "1" : "0",
                string text => text.Replace('\0', ' '),
                var other => Convert.ToString(other, CultureInfo.InvariantCulture)!,
            };
    }

    private static void Add(DbCommand command, string name, object? value)
    {
        var parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.Value) = (name, value ?? DBNull.Value);
        command.Parameters.Add(parameter);
    }

    private async Task<ServiceProvider> ServicesAsync(string name, params (string Name, string Value)[] ring)
    {
        var directory = Directory.CreateDirectory(Path.Combine(_files.Path, name)).FullName;
        var section = new ConfigurationBuilder().AddInMemoryCollection(
        [
            KeyValuePair.Create("Orchestrator:DataDirectory", (string?)directory),
            KeyValuePair.Create("Orchestrator:Database:ConnectionString", (string?)(await Databases.CreateAsync(DatabaseProvider.Sqlite, directory) + ";Pooling=False")),
            .. ring.Select(setting => KeyValuePair.Create($"Orchestrator:KeyRing:{setting.Name}", (string?)setting.Value)),
        ]).Build().GetSection("Orchestrator");
        var services = new ServiceCollection();
        services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        services.AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        services.AddData(section);
        return services.BuildServiceProvider();
    }
}
