using Orchestrator.Data.Moving;

namespace Orchestrator.Web.Hosting;

/// <summary>What the verbs say of an archive.</summary>
internal static class ArchiveWords
{
    public static string Of(ArchiveManifest manifest) =>
        FormattableString.Invariant($"{manifest.Tables.Count} tables with {manifest.Rows} rows, {manifest.Blobs} blobs, ")
        + manifest.Keys switch
        {
            KeysInArchive.Left => "and no keys: without the key ring of that installation nothing in it opens",
            KeysInArchive.Wrapped => "and the key ring, as it is wrapped there",
            KeysInArchive.Encrypted => "and the key ring, encrypted by the passphrase",
        }
        + FormattableString.Invariant($"; from {manifest.Provider} at {manifest.MadeAt:yyyy-MM-dd HH:mm:ss}Z, {manifest.MigrationName}.");
}

/// <summary>Ctrl+C as a token, while it is there.</summary>
internal sealed class ConsoleInterruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();

    public ConsoleInterruption() => Console.CancelKeyPress += Interrupt;

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        Console.CancelKeyPress -= Interrupt;
        _source.Dispose();
    }

    private void Interrupt(object? sender, ConsoleCancelEventArgs pressed)
    {
        pressed.Cancel = true;
        _source.Cancel();
    }
}
