using System.Globalization;
using System.IO.Pipelines;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Data.Audit;
using Orchestrator.Web.Hosting;

namespace Orchestrator.Web.Audit;

/// <summary><c>audit</c>: follows the audit trail from end to end, or writes it out. Works on the installation's database, beside a server or
/// without one.</summary>
internal static class AuditCommand
{
    private const string Usage = """
        audit verify [--expect NUMBER:HASH]     follows the whole chain; says which entry is the first that is not as it was written
        audit export [--organization NAME] [--since INSTANT] [--until INSTANT]
                                                writes the entries to the output, oldest first, one JSON document a line

        --expect    an end of the trail that an earlier 'audit verify' has printed and somebody has kept elsewhere: it must still be there
        """;

    /// <returns>0 when the chain is whole or was written out, 1 when not.</returns>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter errors)
    {
        if (args is not ["verify" or "export", ..])
        {
            await errors.WriteLineAsync(Usage);
            return CommandLine.WrongUsage;
        }
        var builder = BesideServer.CreateBuilder(args[1..]);
        await using var app = builder.Build();
        if (!await BesideServer.IsReadyAsync(app.Services))
        {
            await errors.WriteLineAsync(BesideServer.NotReady);
            return CommandLine.Failed;
        }
        // What is stored without a place gets one first.
        await app.Services.GetRequiredService<AuditTrail>().CatchUpAsync(CancellationToken.None);
        return args[0] == "verify"
            ? await VerifyAsync(app.Services, builder.Configuration["expect"], output, errors)
            : await ExportAsync(app.Services, builder.Configuration, errors);
    }

    private static async Task<int> VerifyAsync(IServiceProvider services, string? expect, TextWriter output, TextWriter errors)
    {
        (long, string)? known = null;
        if (expect is not null)
        {
            if (expect.Split(':') is not [var number, { Length: 64 } hash] || !long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence))
            {
                await errors.WriteLineAsync("--expect is NUMBER:HASH, as 'audit verify' prints it.");
                return CommandLine.WrongUsage;
            }
            known = (sequence, hash);
        }
        var verdict = await services.GetRequiredService<AuditVerification>().VerifyAsync(known, CancellationToken.None);
        if (verdict.IsWhole)
        {
            await output.WriteLineAsync($"The audit trail is whole: {verdict.Entries} entries. It ends at {verdict.Head}:{verdict.HeadHash}");
            return 0;
        }
        await errors.WriteLineAsync(verdict.BrokenAt is { } entry
            ? $"The audit trail is broken at entry {entry}: {verdict.Problem} The {verdict.Entries} entries before it are whole."
            : $"The audit trail is broken: {verdict.Problem} {verdict.Entries} entries are whole.");
        return CommandLine.Failed;
    }

    private static async Task<int> ExportAsync(IServiceProvider services, ConfigurationManager settings, TextWriter errors)
    {
        await using var db = await services.GetRequiredService<IDbContextFactory<OrchestratorDbContext>>().CreateDbContextAsync();
        OrganizationId? organization = null;
        if (settings["organization"] is { } name)
        {
            organization = await db.Organizations.Where(row => row.Name == name).Select(row => (OrganizationId?)row.Id).FirstOrDefaultAsync();
            if (organization is null)
            {
                await errors.WriteLineAsync($"There is no organization '{name}'.");
                return CommandLine.Failed;
            }
        }
        var (filter, fault) = AuditQuery.Read(name => settings[name], organization);
        if (fault is not null)
        {
            await errors.WriteLineAsync(fault);
            return CommandLine.WrongUsage;
        }
        await using var stream = Console.OpenStandardOutput();
        var writer = PipeWriter.Create(stream);
        await AuditExport.WriteAsync(filter.Of(db), writer, CancellationToken.None);
        await writer.CompleteAsync();
        return 0;
    }
}
