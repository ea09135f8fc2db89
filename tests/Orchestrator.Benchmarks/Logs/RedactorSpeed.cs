using System.Buffers;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Orchestrator.Benchmarks.Harness;
using Orchestrator.RunLogs;

namespace Orchestrator.Benchmarks.Logs;

/// <summary>How fast secrets are looked for, on one core, against copying the same text and counting its lines.</summary>
internal static class RedactorSpeed
{
    private const int Secrets = 50;
    private const int PieceSize = 32 * 1024;

    public static void Measure(BenchmarkOptions options, Report report)
    {
        // The same figures each time.
        var random = new Random(50);
        string[] secrets = [.. Enumerable.Range(0, Secrets).Select(index => Secret(random, index))];
        var redactor = new Redactor(secrets);
        var text = Text(options.Times(usually: 64, quick: 4) * 1024 * 1024, secrets);

        var (subject, raw) = (new Series(), new Series());
        for (var round = 0; round < options.Times(usually: 9, quick: 2); round++)
        {
            raw.Add(Rate(text, Copy));
            subject.Add(Rate(text, piece => Redact(redactor, piece)));
        }
        report.Add($"redaction of {Secrets} secrets", subject, "MB/s", raw, Goal.ValueAtLeast(200));
    }

    /// <summary>Passwords, access keys and session tokens, as a workspace has them.</summary>
    private static string Secret(Random random, int index)
    {
        var bytes = new byte[(index % 5) switch { 0 => 15, 1 => 30, 2 => 24, 3 => 600, _ => 48 }];
        random.NextBytes(bytes);
        return index % 2 == 0 ? Convert.ToBase64String(bytes) : Convert.ToHexStringLower(bytes);
    }

    /// <summary>What terraform prints; here and there a line with a secret in it.</summary>
    private static byte[] Text(int length, string[] secrets)
    {
        var text = new StringBuilder(length + 4096);
        for (var line = 0; text.Length < length; line++)
        {
            text.Append("\u001b[0m\u001b[1mmodule.network.aws_subnet.private[").Append(line % 97)
                .Append("]: Creation complete after 1s [id=subnet-0").Append(SHA256HexOf(line)).Append("]\u001b[0m\n");
            if (line % 1000 == 999)
            {
                text.Append("password = ").Append(secrets[line / 1000 % secrets.Length]).Append('\n');
            }
        }
        return Encoding.UTF8.GetBytes(text.ToString(0, length));
    }

    private static string SHA256HexOf(int line) => Convert.ToHexStringLower(SHA256.HashData(BitConverter.GetBytes(line)))[..16];

    private static double Rate(byte[] text, Action<byte[]> work)
    {
        var started = Stopwatch.GetTimestamp();
        work(text);
        return text.Length / (1024.0 * 1024) / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static void Redact(Redactor redactor, byte[] text)
    {
        var output = new ArrayBufferWriter<byte>(2 * PieceSize);
        var stream = redactor.Start();
        for (var start = 0; start < text.Length; start += PieceSize)
        {
            stream.Push(text.AsSpan(start, Math.Min(PieceSize, text.Length - start)), output);
            output.ResetWrittenCount();
        }
        stream.Finish(output);
    }

    private static void Copy(byte[] text)
    {
        var output = new ArrayBufferWriter<byte>(2 * PieceSize);
        var lines = 0;
        for (var start = 0; start < text.Length; start += PieceSize)
        {
            output.Write(text.AsSpan(start, Math.Min(PieceSize, text.Length - start)));
            lines += output.WrittenSpan.Count((byte)'\n');
            output.ResetWrittenCount();
        }
        GC.KeepAlive(lines);
    }
}
