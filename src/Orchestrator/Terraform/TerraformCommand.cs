using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Orchestrator.RunLogs;

namespace Orchestrator.Terraform;

/// <summary>One of the commands that share a sandbox, which is cheaper than to make one for each. They are carried out one after the other: each
/// waits until the one before has ended and somebody lets it go.</summary>
/// <param name="arguments">Anything but secrets, which others could see there.</param>
/// <param name="environment">The whole environment of the command; nothing is inherited.</param>
/// <param name="redactor">What must not appear in the output; asked again for every piece of it, because secrets are renewed.</param>
/// <param name="output">Receives standard output, redacted, line by line.</param>
/// <param name="errors">Receives standard error. Default: <paramref name="output"/> receives both, joined at line ends.</param>
public sealed class TerraformCommand(
    IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, Func<Redactor> redactor, OutputSink output, OutputSink? errors = null)
{
    private const int Outputs = 2;

    private readonly TaskCompletionSource<bool> _decided = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<TerraformExit> _exit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _ended;

    /// <summary>How it ended, when all that it has said has been received. One that was never begun has failed.</summary>
    public Task<TerraformExit> Exit => _exit.Task;

    internal IReadOnlyList<string> Arguments => arguments;

    internal IReadOnlyDictionary<string, string> Environment => environment;

    /// <summary>Whether it is let go.</summary>
    internal Task<bool> Decided => _decided.Task;

    /// <summary>What ends each of its outputs when another command may follow. It is told to the guard alone, and its own processes
    /// find it in no argument and no environment. Where they may trace others of their user, they could find it in the guard.</summary>
    internal string LastWord { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <summary>Lets it begin as soon as the one before has ended.</summary>
    public void LetGo() => _decided.TrySetResult(true);

    /// <summary>Neither this one nor those after it will begin.</summary>
    public void GiveUp() => _decided.TrySetResult(false);

    /// <summary>Passes on what belongs to this command, and leaves the rest of the output.</summary>
    /// <returns>Whether there may be a rest.</returns>
    internal async Task<bool> CopyAsync(Stream source, bool isErrors, LineOutput lines, CancellationToken cancellationToken)
    {
        var part = new Part(source, Encoding.ASCII.GetBytes(LastWord));
        await lines.CopyAsync(part.ReadAsync, redactor, isErrors ? errors ?? output : output, cancellationToken);
        if (part.Code is { } code && Interlocked.Increment(ref _ended) == Outputs)
        {
            _exit.TrySetResult(new TerraformExit(code, Killed: false));
        }
        return part.Code is not null;
    }

    /// <summary>What it says cannot be received.</summary>
    internal void Fail(Exception broken) => _exit.TrySetException(broken);

    /// <summary>Ends with the whole process, unless it has ended before.</summary>
    internal bool TryEndWith(Task<TerraformExit> process) => _exit.TrySetFromTask(process);

    /// <summary>Reads until the last word, and the exit code in the rest of its line. Nothing comes after that before an answer.</summary>
    private sealed class Part(Stream source, byte[] lastWord)
    {
        // The line may arrive in pieces.
        private byte[] _held = [];

        public int? Code { get; private set; }

        public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            while (Code is null)
            {
                _held.CopyTo(buffer);
                var read = await source.ReadAsync(buffer[_held.Length..], cancellationToken);
                var passed = Divide(buffer.Span[..(_held.Length + read)], isAll: read == 0);
                if (passed > 0 || read == 0)
                {
                    return passed;
                }
            }
            return 0;
        }

        /// <returns>How much of the text comes before the last word, or what may become it.</returns>
        private int Divide(ReadOnlySpan<byte> text, bool isAll)
        {
            var passed = text.IndexOf(lastWord);
            if (passed < 0)
            {
                passed = isAll ? text.Length : text.Length - BeginningAtEndOf(text);
            }
            else if (text[^1] == (byte)'\n')
            {
                Code = int.Parse(text[(passed + lastWord.Length)..], NumberStyles.Integer, CultureInfo.InvariantCulture);
            }
            _held = text[passed..].ToArray();
            return passed;
        }

        /// <returns>How much of the word's beginning is at the end of the text.</returns>
        private int BeginningAtEndOf(ReadOnlySpan<byte> text)
        {
            var length = Math.Min(text.Length, lastWord.Length - 1);
            while (!text.EndsWith(lastWord.AsSpan(0, length)))
            {
                length--;
            }
            return length;
        }
    }
}
