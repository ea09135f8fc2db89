using System.Buffers;
using System.Text;

namespace Orchestrator.RunLogs;

/// <summary>What must not be seen, compiled once for a phase: an Aho–Corasick automaton over bytes, whose work depends on the
/// length of the text and not on the number of secrets.</summary>
public sealed class Redactor
{
    private static readonly byte[] Stars = "***"u8.ToArray();

    private readonly byte[] _classes = new byte[256];
    private readonly int _classCount;
    private readonly int[] _next;
    private readonly int[] _depth;
    private readonly int[] _match;

    public Redactor(IEnumerable<string> secrets)
    {
        var patterns = secrets.Where(secret => secret.Length >= SecretForms.MinLength).SelectMany(SecretForms.Of).ToArray();
        _classCount = Classify(patterns);
        (_next, _depth, _match) = Compile(patterns);
    }

    /// <summary>A position in one stream of text. Each of a process's outputs has its own.</summary>
    public Stream Start() => new(this);

    /// <summary>True when one of the secrets, in any of its forms, is in the text. Pieces of one text are given one after the
    /// other, with the same <paramref name="state"/>, which starts at zero.</summary>
    public bool Finds(ReadOnlySpan<byte> piece, ref int state)
    {
        foreach (var value in piece)
        {
            state = _next[(state * _classCount) + _classes[value]];
            if (_match[state] > 0)
            {
                return true;
            }
        }
        return false;
    }

    public bool Finds(ReadOnlySpan<byte> text)
    {
        var state = 0;
        return Finds(text, ref state);
    }

    /// <summary>The text with every secret masked.</summary>
    public string Mask(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        if (!Finds(bytes))
        {
            return text;
        }
        var output = new ArrayBufferWriter<byte>(bytes.Length);
        var stream = Start();
        stream.Push(bytes, output);
        stream.Finish(output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    /// <summary>Bytes that occur in no pattern are all alike: they share class 0, which keeps the table small.</summary>
    private int Classify(byte[][] patterns)
    {
        var count = 1;
        foreach (var value in patterns.SelectMany(pattern => pattern))
        {
            if (_classes[value] == 0 && count < 256)
            {
                _classes[value] = (byte)count++;
            }
        }
        return count;
    }

    private (int[] Next, int[] Depth, int[] Match) Compile(byte[][] patterns)
    {
        var states = 1 + patterns.Sum(pattern => pattern.Length);
        var next = new int[states * _classCount];
        var depth = new int[states];
        var match = new int[states];
        var used = 1;
        foreach (var pattern in patterns)
        {
            var state = 0;
            foreach (var value in pattern)
            {
                ref var child = ref next[(state * _classCount) + _classes[value]];
                if (child == 0)
                {
                    depth[used] = depth[state] + 1;
                    child = used++;
                }
                state = child;
            }
            match[state] = pattern.Length;
        }
        Link(next, match);
        return (next, depth, match);
    }

    /// <summary>Breadth first: where a state has no child, it goes on as its longest proper suffix would.</summary>
    private void Link(int[] next, int[] match)
    {
        var suffix = new int[match.Length];
        var queue = new Queue<int>();
        for (var letter = 0; letter < _classCount; letter++)
        {
            if (next[letter] is not 0 and var child)
            {
                queue.Enqueue(child);
            }
        }
        while (queue.TryDequeue(out var state))
        {
            match[state] = Math.Max(match[state], match[suffix[state]]);
            for (var letter = 0; letter < _classCount; letter++)
            {
                ref var child = ref next[(state * _classCount) + letter];
                var onward = next[(suffix[state] * _classCount) + letter];
                if (child == 0)
                {
                    child = onward;
                }
                else
                {
                    suffix[child] = onward;
                    queue.Enqueue(child);
                }
            }
        }
    }

    /// <summary>Redacts a stream piece by piece. What could still become a secret is held back until it cannot.</summary>
    public sealed class Stream
    {
        private readonly Redactor _redactor;
        private readonly ArrayBufferWriter<byte> _held = new();
        private int _state;

        // Marked bytes at the end of what is held: from here on back, the text is a secret.
        private readonly List<(int Start, int End)> _secrets = [];

        internal Stream(Redactor redactor) => _redactor = redactor;

        /// <summary>Takes the next piece and writes all that is certain to <paramref name="output"/>.</summary>
        public void Push(ReadOnlySpan<byte> piece, IBufferWriter<byte> output)
        {
            var classes = _redactor._classes;
            var next = _redactor._next;
            var match = _redactor._match;
            var count = _redactor._classCount;
            var state = _state;
            var position = _held.WrittenCount;
            foreach (var value in piece)
            {
                state = next[(state * count) + classes[value]];
                position++;
                if (match[state] is not 0 and var length)
                {
                    Mark(position - length, position);
                }
            }
            _state = state;
            _held.Write(piece);
            Release(_held.WrittenCount - _redactor._depth[state], output);
        }

        /// <summary>The same stream with more secrets: what is held may be the beginning of one of them.</summary>
        public Stream GoOnWith(Redactor redactor, IBufferWriter<byte> output)
        {
            var next = redactor.Start();
            next.Push(_held.WrittenSpan, output);
            return next;
        }

        /// <summary>The stream has ended: what is still held is no secret's beginning any more.</summary>
        public void Finish(IBufferWriter<byte> output)
        {
            Release(_held.WrittenCount, output);
            _state = 0;
        }

        private void Mark(int start, int end)
        {
            // Neighbours stay two: whether the first is still held must not be seen in the output.
            while (_secrets.Count > 0 && _secrets[^1].End > start)
            {
                start = Math.Min(start, _secrets[^1].Start);
                _secrets.RemoveAt(_secrets.Count - 1);
            }
            _secrets.Add((start, end));
        }

        private void Release(int upTo, IBufferWriter<byte> output)
        {
            var held = _held.WrittenSpan;
            var done = 0;
            var taken = 0;
            foreach (var (start, end) in _secrets)
            {
                // A secret that reaches into what is held back may yet grow into a longer one.
                if (end > upTo)
                {
                    upTo = Math.Min(upTo, start);
                    break;
                }
                output.Write(held[done..start]);
                output.Write(Stars);
                done = end;
                taken++;
            }
            if (done < upTo)
            {
                output.Write(held[done..upTo]);
                done = upTo;
            }
            _secrets.RemoveRange(0, taken);
            Keep(done);
        }

        private void Keep(int from)
        {
            if (from == 0)
            {
                return;
            }
            var rest = _held.WrittenSpan[from..].ToArray();
            _held.ResetWrittenCount();
            _held.Write(rest);
            for (var index = 0; index < _secrets.Count; index++)
            {
                _secrets[index] = (_secrets[index].Start - from, _secrets[index].End - from);
            }
        }
    }
}
