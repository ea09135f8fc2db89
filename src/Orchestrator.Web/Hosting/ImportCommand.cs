using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Data.Audit;
using Orchestrator.Data.Moving;
using Orchestrator.Runs;

namespace Orchestrator.Web.Hosting;

/// <summary><c>import</c>: takes an archive into an empty database of either kind, or only looks whether it is whole.</summary>
internal static class ImportCommand
{
    private const string CheckOption = "--check";
    private const string EndRunsOption = "--end-runs";

    private const string Usage = """
        usage: import FILE [--passphrase-file FILE] [--end-runs]    takes the archive into this installation's database
               import --check FILE [--passphrase-file FILE]         looks whether the archive is as it was written; needs no database

        The database has to be empty: make it, run 'migrate', and import before the first server starts. All is taken in or nothing.

        --passphrase-file    what 'export' has encrypted the key ring by
        --end-runs           ends the runs that were not over when the archive was written. Without it they go on here: take it wherever the
                             installation that was exported goes on, too, such as to try a backup
        """;

    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter errors)
    {
        using var interruption = new ConsoleInterruption();
        try
        {
            if (ArchiveArguments.Read(args, CheckOption, EndRunsOption) is not { } told || told.Flags.Count > 1)
            {
                await errors.WriteLineAsync(Usage);
                return CommandLine.WrongUsage;
            }
            return told.Flags.Contains(CheckOption)
                ? await CheckAsync(told, output, interruption.Token)
                : await ImportAsync(told, output, errors, interruption.Token);
        }
        catch (ArchiveException refused)
        {
            await errors.WriteLineAsync(refused.Message);
            return CommandLine.Failed;
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            await errors.WriteLineAsync($"The archive could not be taken in, and nothing of it was kept: {failed.Message}");
            return CommandLine.Failed;
        }
        catch (OperationCanceledException)
        {
            await errors.WriteLineAsync("Interrupted. Nothing was taken in.");
            return CommandLine.Failed;
        }
    }

    private static async Task<int> CheckAsync(ArchiveArguments told, TextWriter output, CancellationToken cancellationToken)
    {
        var manifest = await ArchiveCheck.RunAsync(told.File, told.Passphrase, cancellationToken);
        await output.WriteLineAsync($"{told.File} is whole. It holds {ArchiveWords.Of(manifest)}");
        return 0;
    }

    private static async Task<int> ImportAsync(ArchiveArguments told, TextWriter output, TextWriter errors, CancellationToken cancellationToken)
    {
        await using var app = BesideServer.CreateBuilder(told.Settings, isAlone: true).Build();
        if (!await BesideServer.IsReadyAsync(app.Services))
        {
            await errors.WriteLineAsync("The database does not have this version's tables yet. Run 'migrate', then this again.");
            return CommandLine.Failed;
        }
        await using var db = await app.Services.GetRequiredService<IDbContextFactory<OrchestratorDbContext>>().CreateDbContextAsync(cancellationToken);
        if (await MigrateCommand.UnknownAsync(db) is { } unknown)
        {
            await errors.WriteLineAsync(unknown);
            return CommandLine.Failed;
        }
        var manifest = await app.Services.GetRequiredService<InstallationImport>().ReadAsync(told.File, told.Passphrase, cancellationToken);
        // It is all there now: nothing interrupts what is left.
        await output.WriteLineAsync($"Imported, read back and compared: {ArchiveWords.Of(manifest)}");
        var verdict = await app.Services.GetRequiredService<AuditVerification>().VerifyAsync(null, CancellationToken.None);
        await (verdict.IsWhole ? output : errors).WriteLineAsync(verdict.IsWhole
            ? $"The audit trail is whole: {verdict.Entries} entries. It ends at {verdict.Head}:{verdict.HeadHash}"
            : $"The audit trail is broken, as it was where it comes from: {verdict.Problem}");
        var now = app.Services.GetRequiredService<TimeProvider>().GetUtcNow();
        await RunsLeftBehind.DoubtAsync(db, CancellationToken.None);
        var ended = told.Flags.Contains(EndRunsOption) ? await RunsLeftBehind.EndAsync(db, now, CancellationToken.None) : 0;
        await output.WriteLineAsync(ended > 0 ? $"{ended} runs were not over, and are ended."
            : await db.Runs.CountAsync(run => RunMoves.UnderWay.Contains(run.Status), CancellationToken.None) is > 0 and var left
                ? $"{left} runs were not over. When a server starts here, it queues anew what was queued, and ends as abandoned what a worker held."
                : "No run was under way.");
        await app.Services.GetRequiredService<AuditTrail>().RecordAsync(AuditRecord.OfConsole(now, "import", "installation", null) with
        {
            Detail = AuditDetail.Of(("rows", $"{manifest.Rows}"), ("blobs", $"{manifest.Blobs}"), ("made_at", $"{manifest.MadeAt:O}"), ("ended_runs", $"{ended}")),
        }, CancellationToken.None);
        return verdict.IsWhole ? 0 : CommandLine.Failed;
    }
}
