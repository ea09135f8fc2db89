using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Tests.Support;
using Orchestrator.Web.Hosting;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Hosting;

/// <summary>The verbs by which an installation is more than one process.</summary>
public sealed class RolesTests : IDisposable
{
    private readonly string _outside = Directory.CreateTempSubdirectory("orchestrator-roles-test-").FullName;

    [Fact]
    public async Task What_web_takes_a_worker_carries_out_on_tables_that_migrate_has_made()
    {
        (string Name, string Value)[] shared =
        [
            ("Orchestrator__Database__Provider", "PostgreSql"),
            ("Orchestrator__Database__ConnectionString", await SharedPlatforms.NewPostgresDatabaseAsync()),
            ("Orchestrator__Database__MigrateAtStart", "false"),
        ];
        string[] database = [.. shared.Take(2).Select(setting => $"--{setting.Name.Replace("__", ":", StringComparison.Ordinal)}={setting.Value}"), $"--Orchestrator:DataDirectory={At("cli")}"];
        await using (var early = ServerProcess.Run(At("early"), ["web", "--urls", "http://127.0.0.1:0"], shared))
        {
            Assert.Equal(CommandLine.Failed, await early.WaitForExitAsync());
            Assert.Contains("Run 'migrate' first", early.Said, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", early.Said, StringComparison.Ordinal);
        }
        Assert.Equal(CommandLine.Failed, (await MigrateAsync([.. database, "--check"])).Code);

        var several = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => MigrateAsync(database)));
        Assert.All(several, one => Assert.Equal(0, one.Code));
        Assert.Contains("nothing to do", (await MigrateAsync([.. database, "--check"])).Said, StringComparison.Ordinal);

        await using var web = await ServerProcess.StartAsync(At("web"), ["web", "--urls", "http://127.0.0.1:0"], shared);
        using var api = new ApiClient(web.Address!, Platform.AdminToken);
        var workspace = await TestWorkspace.CreateAsync(api);
        await workspace.UploadSampleAsync("hello");
        var run = await workspace.StartAsync();
        Assert.Equal("plan_queued", await run.StatusAsync());
        var address = web.Address!.ToString().TrimEnd('/');
        (string, string)[] workers =
            [.. shared, ("Orchestrator__Worker__ApiAddress", address), ("Orchestrator__Issuer", address), ("Orchestrator__IssuerIsElsewhere", "true")];
        await using var worker = ServerProcess.Run(At("worker"), ["worker", "--urls", "http://127.0.0.1:0"], workers);
        await run.ReachAsync("planned");
        (await run.ActAsync("apply")).Expect(202);
        await run.ReachAsync("applied");

        // Each is replaced as in an upgrade: the worker in an apply, the web server as the next worker takes a run.
        var slow = await TestWorkspace.CreateAsync(api, organization: workspace.Organization);
        await slow.UploadSampleAsync("long-running");
        await slow.SetAsync("seconds", "1");
        var applying = await slow.StartAsync(new JsonObject { ["auto-apply"] = true });
        await applying.WaitForLogAsync("apply", "step 1 of 1");
        Assert.Equal(0, await worker.TerminateAsync());
        Assert.Equal("applied", await applying.StatusAsync());
        var waiting = await workspace.StartAsync(new JsonObject { ["auto-apply"] = true, ["allow-empty-apply"] = true });
        Assert.Equal(0, await web.TerminateAsync());
        await using var nextWorker = ServerProcess.Run(At("worker"), ["worker", "--urls", "http://127.0.0.1:0"], workers);
        await Wait.UntilAsync("the next worker to take the run", () => nextWorker.Said.Contains($"Run {waiting.Id} starts its plan", StringComparison.Ordinal));
        await using var nextWeb = await ServerProcess.StartAsync(At("web"), ["web", "--urls", address], shared);
        await waiting.ReachAsync("applied");
        Assert.Contains($"Waiting for the platform's API at {address}, which does not answer.", await waiting.LogAsync("plan"), StringComparison.Ordinal);
        Assert.Equal((0, 0), (await nextWorker.TerminateAsync(), await nextWeb.TerminateAsync()));
    }

    [Fact]
    public async Task Tables_of_a_newer_version_are_left_alone_by_every_verb()
    {
        string[] database = [$"--Orchestrator:DataDirectory={At("newer")}"];
        Assert.Equal(0, (await MigrateAsync(database)).Code);
        await using (var db = OpenIn("newer"))
        {
            await db.Database.ExecuteSqlAsync($"INSERT INTO \"__EFMigrationsHistory\" VALUES ('29990101000000_FromTheFuture', '99.0.0')");
        }

        var (code, said) = await MigrateAsync(database);
        Assert.Equal(CommandLine.Failed, code);
        Assert.Contains("The database is of a newer version: it has 29990101000000_FromTheFuture", said, StringComparison.Ordinal);
        await using var server = ServerProcess.Start(At("newer"), new Uri("http://127.0.0.1:0"));
        Assert.Equal(CommandLine.Failed, await server.WaitForExitAsync());
        Assert.Contains("The database is of a newer version", server.Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lock_that_a_killed_migration_has_left_keeps_no_server_from_starting()
    {
        Assert.Equal(0, (await MigrateAsync([$"--Orchestrator:DataDirectory={At("locked")}"])).Code);
        await using (var db = OpenIn("locked"))
        {
            Assert.Equal(1, await db.Database.ExecuteSqlAsync($"INSERT INTO \"__EFMigrationsLock\" VALUES (1, '2026-01-01 00:00:00')"));
        }

        await using var server = await ServerProcess.StartAsync(At("locked"));

        Assert.Equal(0, await server.TerminateAsync());
    }

    [Theory]
    [InlineData("web")]
    [InlineData("worker")]
    public async Task Who_works_with_others_refuses_a_database_of_its_own(string verb)
    {
        await using var process = ServerProcess.Run(At(verb), [verb, "--urls", "http://127.0.0.1:0"], ("Orchestrator__Worker__ApiAddress", "http://127.0.0.1:1"));

        Assert.Equal(CommandLine.Failed, await process.WaitForExitAsync());
        Assert.Contains("'web' and 'worker' need PostgreSQL.", process.Said, StringComparison.Ordinal);
    }

    private DbContext OpenIn(string data) =>
        new(new DbContextOptionsBuilder().UseSqlite($"Data Source={Path.Combine(At(data), "orchestrator.db")}").Options);

    private string At(string name) => Path.Combine(_outside, name);

    private static async Task<(int Code, string Said)> MigrateAsync(string[] arguments)
    {
        using var said = new StringWriter();
        return (await MigrateCommand.RunAsync(arguments, said, said), said.ToString());
    }

    public void Dispose() => Terraform.DirectoryRemoval.Remove(_outside);
}
