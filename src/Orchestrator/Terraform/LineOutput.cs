using System.Buffers;
using Orchestrator.RunLogs;

namespace Orchestrator.Terraform;

/// <summary>Drains a process's two outputs at once: redacted each for itself, joined at line ends.</summary>
internal sealed class LineOutput : IDisposable
{
    private const int ReadSize = 32 * 1024;

    /// <summary>A line longer than this is passed on in parts, so that memory stays bounded.</summary>
    private const int MaxLine = 256 * 1024;

    private readonly SemaphoreSlim _oneAtATime = new(1, 1);

    /// <param name="readAsync">As a stream's.</param>
    public async Task CopyAsync(
        Func<Memory<byte>, CancellationToken, ValueTask<int>> readAsync, Func<Redactor> redactor, OutputSink output, CancellationToken cancellationToken)
    {
        var current = redactor();
        var redacted = current.Start();
        var waiting = new ArrayBufferWriter<byte>();
        var buffer = new byte[ReadSize];
        int read;
        while ((read = await readAsync(buffer, cancellationToken)) > 0)
        {
            if (redactor() is var newest && newest != current)
            {
                redacted = redacted.GoOnWith(current = newest, waiting);
            }
            redacted.Push(buffer.AsSpan(0, read), waiting);
            var lines = waiting.WrittenCount > MaxLine ? waiting.WrittenCount : waiting.WrittenSpan.LastIndexOf((byte)'\n') + 1;
            if (lines > 0)
            {
                await PassOnAsync(waiting, lines, output, cancellationToken);
            }
        }
        redacted.Finish(waiting);
        if (waiting.WrittenCount > 0)
        {
            if (waiting.WrittenSpan[^1] != (byte)'\n')
            {
                waiting.Write("\n"u8);
            }
            await PassOnAsync(waiting, waiting.WrittenCount, output, cancellationToken);
        }
    }

    public void Dispose() => _oneAtATime.Dispose();

    private async Task PassOnAsync(ArrayBufferWriter<byte> waiting, int length, OutputSink output, CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            await output(waiting.WrittenMemory[..length], cancellationToken);
        }
        finally
        {
            _oneAtATime.Release();
        }
        var rest = waiting.WrittenSpan[length..];
        waiting.ResetWrittenCount();
        waiting.Write(rest);
    }
}
