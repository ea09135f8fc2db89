using System.Globalization;
using Orchestrator.Access;
using Orchestrator.Credentials;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Terraform;
using Orchestrator.Web.Access;
using Orchestrator.Web.Hosting;
using Spectre.Console;
using Rule = Spectre.Console.Rule;

namespace Orchestrator.Web.Demo;

/// <summary>The demo in the terminal: progress, the log as it flows, and a table of what happened.</summary>
internal static class DemoDisplay
{
    private const byte StartOfText = 0x02;
    private const byte EndOfText = 0x03;
    private const int WidthOfFile = 160;

    private static readonly Stream Output = Console.OpenStandardOutput();

    public static void Started(IServiceProvider services)
    {
        AnsiConsole.MarkupLineInterpolated($"[bold]Orchestrator[/] is at [link]{services.GetRequiredService<ServerAddresses>().Local}[/], with a simulated AWS beside it.");
        if (services.GetRequiredService<Sandbox>().Warning is { } warning)
        {
            AnsiConsole.MarkupLineInterpolated($"[yellow]Warning:[/] {warning}");
        }
    }

    public static async Task<T> PrepareAsync<T>(Func<Action<string>, Task<T>> work) => await AnsiConsole.Status().StartAsync(
        "Preparing", context => work(step => context.Status(Markup.Escape($"Making {step}"))));

    public static void Phase(string phase) => AnsiConsole.Write(new Rule($"[bold]{phase}[/]").LeftJustified());

    /// <summary>Terraform's own colours go through as they are.</summary>
    /// <returns>True when this was the end of the log.</returns>
    public static bool Log(byte[] piece)
    {
        var ended = piece is [.., EndOfText];
        var text = piece.AsSpan();
        text = text is [StartOfText, ..] ? text[1..] : text;
        text = ended ? text[..^1] : text;
        Output.Write(text);
        Output.Flush();
        return ended;
    }

    public static void Close(Run run, PhaseRecord[] phases, IReadOnlyList<CredentialGrant> grants)
    {
        // Where nobody looks at a terminal, nothing needs to fit in one; a role's name stays on its line.
        AnsiConsole.Profile.Width = Console.IsOutputRedirected ? WidthOfFile : AnsiConsole.Profile.Width;
        var table = new Table().RoundedBorder().Title("What happened").AddColumns(
            new TableColumn("step").NoWrap(), new TableColumn("at").NoWrap(), new TableColumn("took").NoWrap().RightAligned(), new TableColumn("what"));
        Row(table, "queued", run.CreatedAt, null, $"{run.Id}: {run.Message}");
        foreach (var phase in phases.Where(phase => phase.StartedAt is not null))
        {
            Describe(table, phase, grants.FirstOrDefault(grant => grant.Phase == NameOf(phase)));
        }
        AnsiConsole.Write(table);
        AnsiConsole.MarkupLineInterpolated(run.Status == RunStatus.Applied
            ? $"[green bold]Applied[/] on credentials that this server has forgotten."
            : (FormattableString)$"[red bold]{EnumText.Of(run.Status)}[/] {run.Outcome}");
    }

    public static async Task KeepsServingAsync(IServiceProvider services)
    {
        var address = services.GetRequiredService<ServerAddresses>().Local;
        AnsiConsole.MarkupLineInterpolated($"The run's page: [link]{address}/app/acme/aws-remote-state[/]");
        var link = await services.GetRequiredService<SignInLinks>().MakeAsync(User.AdminId, CancellationToken.None);
        AnsiConsole.MarkupLineInterpolated($"Sign in (once): [link]{address}{link}?return=/app/acme/aws-remote-state[/]");
        AnsiConsole.MarkupLine("[grey]Ctrl-C ends the demo and removes everything.[/]");
    }

    private static void Describe(Table table, PhaseRecord phase, CredentialGrant? grant)
    {
        table.AddEmptyRow().AddRow(new Markup($"[bold]{NameOf(phase)}[/]"));
        foreach (var step in phase.Steps)
        {
            Row(table, step.Name, step.StartedAt, step.Milliseconds, step.Name switch
            {
                "prepare" => "a private directory with the configuration, and a state token for this phase alone",
                "credentials" => Describe(grant),
                "init" => "terraform init",
                "plan" => $"terraform plan: {Counts(phase)}",
                "show" => "terraform show -json, without credentials",
                "store" => "plan file and its JSON, encrypted",
                "apply" => $"terraform apply: {Counts(phase)}",
                "wipe" => Describe(phase.WipeReceipt),
                _ => "",
            });
        }
    }

    private static string Describe(CredentialGrant? grant) => grant switch
    {
        null => "",
        _ => $"token {grant.TokenId}, minted in {grant.TokenMilliseconds} ms\nsubject {grant.Subject}\naudience {grant.Audience}\n" + (grant.ErrorCode is { } code
            ? $"refused: {code}\nrole {grant.Role}"
            : $"assumed {grant.Role} in {grant.ExchangeMilliseconds} ms\nsession {grant.SessionName}\nkey {grant.AccessKeyId}, expires {Time(grant.ExpiresAt!.Value)}"),
    };

    private static string Describe(WipeReceipt? receipt) => receipt is null
        ? ""
        : $"processes {(receipt.ProcessesGone ? "gone" : "LEFT")}, directory {(receipt.DirectoryRemoved ? "removed" : "LEFT")}, "
            + $"token {(receipt.TokenRevoked ? "revoked" : "ALIVE")}\nsearched {string.Join(" and ", receipt.Scanned)} for its secrets: "
            + (receipt.Findings.Count == 0 ? "clean" : $"FOUND in {string.Join(", ", receipt.Findings)}");

    private static string Counts(PhaseRecord phase) =>
        $"{phase.Additions ?? 0} to add, {phase.Changes ?? 0} to change, {phase.Destructions ?? 0} to destroy";

    private static string NameOf(PhaseRecord phase) => phase is Plan ? "plan" : "apply";

    private static void Row(Table table, string step, DateTimeOffset at, int? took, string what) => table.AddRow(
        new Text(step),
        new Text(Time(at)),
        new Text(took is { } milliseconds ? $"{milliseconds} ms" : ""),
        new Text(what));

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);
}
