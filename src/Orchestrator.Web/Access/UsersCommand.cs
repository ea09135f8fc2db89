using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Access.SignIn;
using Orchestrator.Data;
using Orchestrator.Data.Audit;
using Orchestrator.Web.Hosting;

namespace Orchestrator.Web.Access;

/// <summary><c>users</c>: lets people in, on the word of whoever can read the installation's database.</summary>
internal static class UsersCommand
{
    private const string Usage = """
        users link USERNAME [--server URL]     a link by which this person signs in: once, within a day
        users reset USERNAME [--server URL]    the same for somebody who has lost their authenticator or device: nothing asks for either any
                                               more, their passkeys are gone, and every browser of theirs is signed out

        --server    the address that people use for this installation (default: http://localhost:8080)
        """;

    /// <returns>0 when a link was printed, 1 when there is nobody of this name.</returns>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter errors)
    {
        if (args is not [("link" or "reset") and var verb, var name, ..] || name.StartsWith('-'))
        {
            await errors.WriteLineAsync(Usage);
            return CommandLine.WrongUsage;
        }
        var builder = BesideServer.CreateBuilder(args[2..]);
        builder.Services.AddAccess();
        await using var app = builder.Build();
        if (!await BesideServer.IsReadyAsync(app.Services))
        {
            await errors.WriteLineAsync(BesideServer.NotReady);
            return CommandLine.Failed;
        }
        await using var db = await app.Services.GetRequiredService<IDbContextFactory<OrchestratorDbContext>>().CreateDbContextAsync();
        var key = User.KeyOf(name);
        if (await db.Users.AsNoTracking().FirstOrDefaultAsync(user => user.UsernameKey == key) is not { } found)
        {
            await errors.WriteLineAsync($"There is no user '{name}'.");
            return CommandLine.Failed;
        }
        if (verb == "reset")
        {
            await app.Services.GetRequiredService<SignInReset>().ResetAsync(found.Id, CancellationToken.None);
        }
        await app.Services.GetRequiredService<AuditTrail>().RecordAsync(
            AuditRecord.OfConsole(app.Services.GetRequiredService<TimeProvider>().GetUtcNow(), verb, "user", found.Id.Value) with
            {
                Detail = AuditDetail.Of(("username", found.Username)),
            }, CancellationToken.None);
        var code = await app.Services.GetRequiredService<MemberLinks>().MakeAsync(found.Id, CancellationToken.None);
        var server = (builder.Configuration["server"] ?? "http://localhost:8080").TrimEnd('/');
        await output.WriteLineAsync($"{server}{SignInEndpoints.MemberLinkPath}{code}");
        return 0;
    }
}
