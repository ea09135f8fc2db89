using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Orchestrator.Data;
using Orchestrator.Data.Audit;
using Orchestrator.Web.Access;
using Orchestrator.Web.Audit;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Audit;

/// <summary>The verbs <c>audit</c> and <c>secrets</c>, beside a server that goes on serving.</summary>
public sealed class CommandTests
{
    [Theory, EachDatabase]
    public async Task The_trail_is_verified_beside_a_server_and_a_change_in_the_database_is_found(DatabaseProvider provider)
    {
        await using var platform = await Platform.StartAsync(provider);
        await TestWorkspace.CreateAsync(platform.Api);

        var (code, said) = await RunAsync(platform, AuditCommand.RunAsync, "verify");
        Assert.Equal(0, code);
        var end = said.Trim().Split(' ')[^1];
        Assert.Matches("^[0-9]+:[0-9a-f]{64}$", end);
        await TestWorkspace.CreateAsync(platform.Api);
        Assert.Equal(0, (await RunAsync(platform, AuditCommand.RunAsync, "verify", "--expect", end)).Code);
        Assert.Equal(1, (await RunAsync(platform, AuditCommand.RunAsync, "verify", "--expect", $"1:{new string('0', 64)}")).Code);
        Assert.Equal(2, (await RunAsync(platform, AuditCommand.RunAsync, "verify", "--expect", "the end")).Code);

        await using var db = platform.Open();
        await db.Database.ExecuteSqlRawAsync(provider == DatabaseProvider.PostgreSql
            ? """DROP TRIGGER audit_entries_kept ON "AuditEntries" """
            : """DROP TRIGGER "AuditEntries_NeverChanged" """);
        await db.AuditEntries.Where(entry => entry.Sequence == 2).ExecuteUpdateAsync(set => set.SetProperty(entry => entry.ActorName, "nobody"));

        var (broken, told) = await RunAsync(platform, AuditCommand.RunAsync, "verify");
        Assert.Equal(1, broken);
        Assert.Contains("broken at entry 2: Entry 2 was changed.", told, StringComparison.Ordinal);
    }

    [Theory, EachDatabase]
    public async Task A_rotation_beside_a_server_is_not_noticed_by_those_whom_it_serves(DatabaseProvider provider)
    {
        // The watch is what a rotation waits for.
        await using var platform = await Platform.StartAsync(provider, ("Orchestrator:KeyRing:Watch", "00:00:01"));
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.SetAsync("who", "somebody");
        await workspace.UploadAsync("""
            variable "who" {}
            output "who" { value = var.who }
            """);
        await workspace.ApplyAsync();
        using var browser = await Browser.SignedInAsync(platform);

        var (code, said) = await RunAsync(platform, SecretsCommand.RunAsync, "rotate");

        Assert.True(code == 0, said);
        Assert.Matches("[1-9][0-9]* values are encrypted anew", said);
        (await browser.GetAsync("/")).Expect(200);
        Assert.Equal("\"somebody\"", await workspace.OutputAsync("who"));
        await (await workspace.StartAsync()).ReachAsync("planned_and_finished");
        var (again, resumed) = await RunAsync(platform, SecretsCommand.RunAsync, "rotate", "--resume");
        Assert.True(again == 0, resumed);
        var (check, report) = await RunAsync(platform, SecretsCommand.RunAsync, "check");
        // Nobody has named what wraps the ring, and on PostgreSQL it stands where everything else does.
        Assert.True(check == (provider == DatabaseProvider.PostgreSql ? 1 : 0), report);
        Assert.DoesNotContain("cannot be opened", report, StringComparison.Ordinal);
        await using var db = platform.Open();
        Assert.Equal(2, await db.AuditEntries.CountAsync(entry => entry.Action == "rotate" && entry.ResourceType == "key_ring" && entry.ActorKind == AuditActorKind.Console));
    }

    [Theory, EachDatabase]
    public async Task Whom_the_console_has_let_in_is_recorded(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var user = await platform.AccountAsync();

        Assert.Equal(0, (await RunAsync(platform, UsersCommand.RunAsync, "link", user.Username)).Code);
        var (code, said) = await RunAsync(platform, UsersCommand.RunAsync, "reset", user.Username);
        Assert.True(code == 0, said);
        Assert.Equal(1, (await RunAsync(platform, UsersCommand.RunAsync, "link", TestWorkspace.NewName("nobody"))).Code);

        await using var db = platform.Open();
        var entries = await db.AuditEntries.AsNoTracking().Where(entry => entry.ResourceId == user.Id.Value).OrderBy(entry => entry.Sequence).ToListAsync();
        Assert.Equal(["link", "reset"], entries.Select(entry => entry.Action));
        Assert.All(entries, entry => Assert.Equal((AuditActorKind.Console, "user", AuditOutcome.Succeeded), (entry.ActorKind, entry.ResourceType, entry.Outcome)));
        Assert.DoesNotContain(said.Trim().Split('/')[^1], string.Concat(entries.Select(entry => entry.Detail)), StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Said)> RunAsync(Platform platform, Func<string[], TextWriter, TextWriter, Task<int>> verb, params string[] words)
    {
        var settings = platform.Get<IConfiguration>();
        await using var said = new StringWriter();
        string?[] options =
        [
            "--Orchestrator:DataDirectory", settings["Orchestrator:DataDirectory"],
            "--Orchestrator:Database:Provider", settings["Orchestrator:Database:Provider"],
            .. settings["Orchestrator:Database:ConnectionString"] is { } connection ? new[] { "--Orchestrator:Database:ConnectionString", connection } : [],
            .. settings["Orchestrator:KeyRing:Watch"] is { } watch ? new[] { "--Orchestrator:KeyRing:Watch", watch } : [],
        ];
        return (await verb([.. words, .. options.OfType<string>()], said, said), said.ToString());
    }
}
