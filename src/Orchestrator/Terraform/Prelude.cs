using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.Terraform;

/// <summary>A command that goes before another one in the same sandbox, which is cheaper to share than to make twice. When it has succeeded, the
/// other one waits for a word.</summary>
/// <param name="words">The command's arguments, plain words.</param>
/// <param name="output">Receives both outputs of the command, as those of any other.</param>
public sealed class Prelude(string words, OutputSink output)
{
    private const int Outputs = 2;

    private readonly TaskCompletionSource _succeeded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<bool> _decided = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _ended;

    /// <summary>Ends when all that it has said has been received. Never, when it fails: then there is no other command.</summary>
    public Task Succeeded => _succeeded.Task;

    internal string Words => words;

    internal OutputSink Output => output;

    /// <summary>What ends each of its outputs. Nobody else can know it.</summary>
    internal string LastLine { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <summary>Whether the other command is let go.</summary>
    internal Task<bool> Decided => _decided.Task;

    /// <summary>Lets the other command go, when this one has succeeded.</summary>
    public void GoOn() => _decided.TrySetResult(true);

    /// <summary>Ends it all.</summary>
    public void GiveUp() => _decided.TrySetResult(false);

    /// <summary>Passes on what belongs to this command, and leaves the rest of the output.</summary>
    internal async Task CopyAsync(Stream source, LineOutput lines, CancellationToken cancellationToken)
    {
        var part = new FirstPart(source, Encoding.ASCII.GetBytes(LastLine + "\n"));
        await lines.CopyAsync(part.ReadAsync, cancellationToken);
        if (part.HasRest && Interlocked.Increment(ref _ended) == Outputs)
        {
            _succeeded.SetResult();
        }
    }

    /// <summary>Reads until a line after which nothing comes before an answer.</summary>
    private sealed class FirstPart(Stream source, byte[] lastLine)
    {
        // The line may arrive in pieces.
        private byte[] _held = [];

        public bool HasRest { get; private set; }

        public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            while (!HasRest)
            {
                _held.CopyTo(buffer);
                var read = await source.ReadAsync(buffer[_held.Length..], cancellationToken);
                var length = _held.Length + read;
                HasRest = buffer.Span[..length].EndsWith(lastLine);
                var passed = length - (HasRest ? lastLine.Length : read == 0 ? 0 : BeginningAtEndOf(buffer.Span[..length]));
                _held = HasRest ? [] : buffer[passed..length].ToArray();
                if (passed > 0 || read == 0)
                {
                    return passed;
                }
            }
            return 0;
        }

        /// <returns>How much of the line's beginning is at the end of the text.</returns>
        private int BeginningAtEndOf(ReadOnlySpan<byte> text)
        {
            var length = Math.Min(text.Length, lastLine.Length - 1);
            while (!text.EndsWith(lastLine.AsSpan(0, length)))
            {
                length--;
            }
            return length;
        }
    }
}
