using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Data.Audit;
using Orchestrator.Data.Moving;

namespace Orchestrator.Web.Hosting;

/// <summary><c>export</c>: the whole installation in one file, from either database, beside servers or without one.</summary>
internal static class ExportCommand
{
    private const string LeaveKeysOption = "--without-keys";

    private const string Usage = """
        usage: export FILE [--passphrase-file FILE | --without-keys]

        Writes every table, every blob and the key ring into FILE, which must not be there yet and which only you may read then. Servers go on
        serving; the archive holds one state of the database. 'import' takes it in, on SQLite or PostgreSQL.

        --passphrase-file    encrypts the key ring in the archive by what stands in that file. Needed unless something wraps the ring
                             (Orchestrator__KeyRing__…): with the ring, whoever has the archive opens everything in it
        --without-keys       leaves the key ring out: the archive is worthless unless the ring is kept, too
        """;

    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter errors)
    {
        if (ArchiveArguments.Read(args, LeaveKeysOption) is not { } told || (told.Passphrase is not null && told.Flags.Count > 0))
        {
            await errors.WriteLineAsync(Usage);
            return CommandLine.WrongUsage;
        }
        await using var app = BesideServer.CreateBuilder(told.Settings).Build();
        if (!await BesideServer.IsReadyAsync(app.Services))
        {
            await errors.WriteLineAsync(BesideServer.NotReady);
            return CommandLine.Failed;
        }
        await using (var db = await app.Services.GetRequiredService<IDbContextFactory<OrchestratorDbContext>>().CreateDbContextAsync())
        {
            if (await MigrateCommand.UnknownAsync(db) is { } unknown)
            {
                await errors.WriteLineAsync(unknown);
                return CommandLine.Failed;
            }
        }
        using var interruption = new ConsoleInterruption();
        try
        {
            var manifest = await app.Services.GetRequiredService<InstallationExport>()
                .WriteAsync(told.File, new KeyChoice(told.Passphrase, told.Flags.Contains(LeaveKeysOption)), interruption.Token);
            await app.Services.GetRequiredService<AuditTrail>().RecordAsync(
                AuditRecord.OfConsole(app.Services.GetRequiredService<TimeProvider>().GetUtcNow(), "export", "installation", null) with
                {
                    Detail = AuditDetail.Of(("rows", $"{manifest.Rows}"), ("blobs", $"{manifest.Blobs}"), ("keys", $"{manifest.Keys}")),
                }, CancellationToken.None);
            await output.WriteLineAsync($"{told.File} ({new FileInfo(told.File).Length:N0} bytes) holds {ArchiveWords.Of(manifest)}");
            return 0;
        }
        catch (ArchiveException refused)
        {
            await errors.WriteLineAsync(refused.Message);
            return CommandLine.Failed;
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            await errors.WriteLineAsync($"The archive could not be written: {failed.Message}");
            return CommandLine.Failed;
        }
        catch (OperationCanceledException)
        {
            await errors.WriteLineAsync("Interrupted. Nothing was written.");
            return CommandLine.Failed;
        }
    }
}
