using Orchestrator.Data;
using Orchestrator.Runs;

namespace Orchestrator.Web.Hosting;

/// <summary><c>retention</c>: lets go at once what the policies do not keep, or says what would go. Works beside servers or without one.</summary>
internal static class RetentionCommand
{
    private const string DryRun = "--dry-run";

    private const string Usage = """
        retention            removes what the policies of the installation and its organisations do not keep
        retention --dry-run  says what that would be
        """;

    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter errors)
    {
        var isDry = args.Contains(DryRun);
        string[] rest = [.. args.Where(argument => argument != DryRun)];
        if (rest.FirstOrDefault(argument => !argument.StartsWith("--", StringComparison.Ordinal)) is not null)
        {
            await errors.WriteLineAsync(Usage);
            return CommandLine.WrongUsage;
        }
        var builder = BesideServer.CreateBuilder(rest);
        builder.Services.AddRetention(builder.Configuration.GetSection(WebServer.Section));
        await using var app = builder.Build();
        if (!await BesideServer.IsReadyAsync(app.Services))
        {
            await errors.WriteLineAsync(BesideServer.NotReady);
            return CommandLine.Failed;
        }
        var retention = app.Services.GetRequiredService<Retention>();
        var findings = isDry ? await retention.LookAsync(only: null, CancellationToken.None) : await retention.SweepAsync(only: null, CancellationToken.None);
        foreach (var finding in findings)
        {
            await output.WriteLineAsync(FormattableString.Invariant(
                $"{finding.Organization}: {finding.Count} {EnumText.Of(finding.Kind)}, {finding.Bytes} bytes, the oldest of {finding.Oldest:yyyy-MM-dd}"));
        }
        await output.WriteLineAsync((findings.Count, isDry) switch
        {
            (0, _) => "Everything is kept: no policy lets anything go.",
            (_, true) => "This would go. Run retention, without --dry-run.",
            (_, false) => "This has gone, and the audit trail says so.",
        });
        return 0;
    }
}
