using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Orchestrator.Data;
using Orchestrator.Web.Hosting;
using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Web.Issuer;

/// <summary><c>issuer</c>: the keys that sign run tokens, and the documents that are published about them. Works on the installation's
/// database, beside a server or without one.</summary>
internal sealed class IssuerCommand(IServiceProvider services, TextWriter output)
{
    private const string ForceOption = "--force";

    private const string Usage = """
        issuer list                 the keys and their states
        issuer rotate [--force]     the next key begins to sign; --force: also when relying parties may not know it yet
        issuer revoke KID           a key is trusted no more, from now on; tokens that it has signed are refused
        issuer export DIRECTORY     writes the public documents as files for a static host at the issuer's address
        issuer check [URL]          says whether the documents at the issuer's address, or at another, are current
        """;

    /// <returns>0 when it was done or the documents are current, 1 when not.</returns>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter errors)
    {
        // A key's id may begin with a dash.
        string[] words = args is ["revoke", _, ..] ? args[..2] : [.. args.TakeWhile(argument => !argument.StartsWith('-'))];
        string[] settings = [.. args.Skip(words.Length).Where(argument => argument != ForceOption)];
        Func<IssuerCommand, Task<bool>>? act = words switch
        {
            ["list"] => command => command.ListAsync(),
            ["rotate"] => command => command.MoveAsync(rotation => rotation.RotateAsync(args.Contains(ForceOption), CancellationToken.None)),
            ["revoke", var kid] => command => command.MoveAsync(rotation => rotation.RevokeAsync(kid, CancellationToken.None)),
            ["export", var directory] => command => command.ExportAsync(Path.GetFullPath(directory)),
            ["check"] => command => command.CheckAsync(null),
            ["check", var url] => command => command.CheckAsync(url.TrimEnd('/')),
            _ => null,
        };
        if (act is null)
        {
            await errors.WriteLineAsync(Usage);
            return CommandLine.WrongUsage;
        }
        await using var app = Build(settings, checkedAddress: words is ["check", var address] ? address : null);
        if (!await BesideServer.IsReadyAsync(app.Services))
        {
            await errors.WriteLineAsync(BesideServer.NotReady);
            return CommandLine.Failed;
        }
        return await act(new IssuerCommand(app.Services, output)) ? 0 : CommandLine.Failed;
    }

    private static WebApplication Build(string[] args, string? checkedAddress)
    {
        var builder = BesideServer.CreateBuilder(args);
        builder.Services.AddWorkloadIdentity(builder.Configuration.GetSection(WebServer.Section));
        // An issuer that was not set is the server's own address: then what it serves names itself.
        builder.Services.PostConfigure<IssuerOptions>(issuer => issuer.Issuer = issuer.Issuer.Length > 0 ? issuer.Issuer : checkedAddress ?? "");
        return builder.Build();
    }

    private async Task<bool> ListAsync()
    {
        await using var db = await services.GetRequiredService<IDbContextFactory<OrchestratorDbContext>>().CreateDbContextAsync();
        foreach (var key in await db.SigningKeys.AsNoTracking().OrderBy(key => key.CreatedAt).ThenBy(key => key.Kid).ToListAsync())
        {
            output.WriteLine($"{key.Kid}  {key.Algorithm}  {EnumText.Of(key.State),-8}  since {Since(key).UtcDateTime:yyyy-MM-dd HH:mm} UTC");
        }
        return true;

        static DateTimeOffset Since(SigningKey key) => key.State switch
        {
            SigningKeyState.Next => key.CreatedAt,
            SigningKeyState.Active => key.ActivatedAt ?? key.CreatedAt,
            SigningKeyState.Retiring => key.RetiresAt - KeyLife.Retiring ?? key.CreatedAt,
            SigningKeyState.Retired => key.RetiredAt ?? key.CreatedAt,
        };
    }

    private async Task<bool> MoveAsync(Func<KeyRotation, Task<KeyMove>> move)
    {
        var moved = await move(services.GetRequiredService<KeyRotation>());
        output.WriteLine(moved.Message);
        if (moved.IsDone && Issuer is { IsElsewhere: true, Issuer: { Length: > 0 } address })
        {
            output.WriteLine($"Where {address} is a published copy, run 'issuer export DIRECTORY' and publish that directory now.");
        }
        return moved.IsDone;
    }

    private async Task<bool> ExportAsync(string directory)
    {
        if (Issuer.Issuer.Length == 0)
        {
            output.WriteLine("There is no address to export for. Set Orchestrator__Issuer to the https URL where the files will be published, here and on the server.");
            return false;
        }
        var documents = await services.GetRequiredService<IssuerDocuments>().ReadAsync(CancellationToken.None);
        foreach (var file in await IssuerExport.WriteAsync(documents, directory, CancellationToken.None))
        {
            output.WriteLine(file);
        }
        output.WriteLine($"Publish the directory at {Issuer.Issuer}, both files as application/json; then run 'issuer check'.");
        return true;
    }

    private async Task<bool> CheckAsync(string? url)
    {
        var address = url ?? Issuer.Issuer;
        if (IssuerAddress.Fault(address) is { } fault)
        {
            output.WriteLine(address.Length == 0
                ? "There is no address to check. Set Orchestrator__Issuer, or name one: issuer check https://…"
                : $"'{address}' cannot be checked: {fault}.");
            return false;
        }
        var faults = await services.GetRequiredService<CopyCheck>().CompareAsync(address, CancellationToken.None);
        if (faults.Count == 0)
        {
            output.WriteLine($"What is published at {address} is current.");
            return true;
        }
        output.WriteLine($"What is published at {address} is not current:");
        foreach (var line in faults)
        {
            output.WriteLine($"- {line}");
        }
        output.WriteLine("Run 'issuer export DIRECTORY' and publish that directory there.");
        return false;
    }

    private IssuerOptions Issuer => services.GetRequiredService<IOptions<IssuerOptions>>().Value;
}
