using Orchestrator.Data.Secrets;
using Orchestrator.Web.Hosting;

namespace Orchestrator.Web.Access;

/// <summary><c>secrets</c>: looks whether everything at rest is encrypted, and encrypts it anew. Works on the installation's database and data
/// directory, beside a server or without one.</summary>
internal static class SecretsCommand
{
    private const string ResumeOption = "--resume";
    private const string DeleteOption = "--delete-old";

    private const string Usage = """
        secrets check                             opens everything that is encrypted, and looks for secrets in what is not
        secrets rotate [--resume] [--delete-old]  gives the key ring a new key and encrypts everything anew, while servers serve

        --resume        with the key that is current: goes on where a rotation was interrupted, or binds what is not bound yet
        --delete-old    destroys the older keys at the end; people have to sign in again, and backups from before cannot be opened.
                        The local authority (tls/) of other machines is made anew there, at their next start or renewal: clients have to
                        trust it again.
        """;

    /// <returns>0 when nothing is in the clear or everything was encrypted, 1 when not.</returns>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter errors)
    {
        if (args is not ["check" or "rotate", ..])
        {
            await errors.WriteLineAsync(Usage);
            return CommandLine.WrongUsage;
        }
        var builder = BesideServer.CreateBuilder([.. args[1..].Where(argument => argument is not (ResumeOption or DeleteOption))]);
        await using var app = builder.Build();
        if (!await BesideServer.IsReadyAsync(app.Services))
        {
            await errors.WriteLineAsync(BesideServer.NotReady);
            return CommandLine.Failed;
        }
        return args[0] == "check"
            ? await CheckAsync(app.Services.GetRequiredService<SecretCheck>(), output, errors)
            : await RotateAsync(app.Services, args.Contains(ResumeOption), args.Contains(DeleteOption), output, errors);
    }

    private static async Task<int> CheckAsync(SecretCheck check, TextWriter output, TextWriter errors)
    {
        var report = await check.CheckAsync(CancellationToken.None);
        foreach (var note in report.Notes)
        {
            await output.WriteLineAsync($"Note: {note}");
        }
        foreach (var found in report.InTheClear)
        {
            await errors.WriteLineAsync(found);
        }
        await output.WriteLineAsync(report.IsClean
            ? $"Nothing is kept in the clear that should not be: {report.Values} encrypted values were opened, {report.Texts} texts looked through."
            : $"{report.InTheClear.Count} things are not as they should be.");
        return report.IsClean ? 0 : CommandLine.Failed;
    }

    private static async Task<int> RotateAsync(IServiceProvider services, bool resume, bool deleteOld, TextWriter output, TextWriter errors)
    {
        using var interrupted = new CancellationTokenSource();
        Console.CancelKeyPress += (_, pressed) =>
        {
            pressed.Cancel = true;
            interrupted.Cancel();
        };
        try
        {
            var time = services.GetRequiredService<KeyRing>().InUse;
            var result = await services.GetRequiredService<SecretRotation>().RotateAsync(resume, deleteOld, async token =>
            {
                await output.WriteLineAsync($"The key ring has a new key. Servers take it up within {time.TotalSeconds:0} seconds.");
                await Task.Delay(time, token);
            }, interrupted.Token);
            foreach (var left in result.Left)
            {
                await errors.WriteLineAsync($"{left} cannot be opened, and is as it was.");
            }
            await output.WriteLineAsync($"{result.Encrypted} values are encrypted anew, with the key {result.Key}."
                + (result.Deleted is { } deleted ? $" {deleted} older keys are destroyed." : " The older keys are kept: sessions and backups need them."));
            return result.Left.Count == 0 ? 0 : CommandLine.Failed;
        }
        catch (OperationCanceledException)
        {
            await errors.WriteLineAsync("Interrupted. Nothing is lost; 'secrets rotate --resume' goes on.");
            return CommandLine.Failed;
        }
    }
}
