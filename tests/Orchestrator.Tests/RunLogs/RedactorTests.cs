using System.Buffers;
using System.Text;
using System.Text.Json;
using CsCheck;
using Orchestrator.RunLogs;

namespace Orchestrator.Tests.RunLogs;

public sealed class RedactorTests
{
    // Few letters, so that secrets overlap, contain each other and nearly occur; and those that encodings write differently.
    // No '*': a secret made of the mask's own letters could be seen in the mask.
    private static readonly Gen<string> Secret = Gen.String[Gen.Char["aab\"\\/&<>+ %{$é\n="], 4, 12];

    private static readonly Gen<string> Filler = Gen.String[Gen.Char["aab\"\\/&<>+ %{$é\n="], 0, 6];

    [Fact]
    public void Whatever_the_text_the_secrets_and_the_pieces_no_secret_comes_out() =>
        Gen.Select(Secret.Array[1, 4], Gen.Select(Filler, Gen.Int[0, 100], Gen.Int[0, 8]).Array[0, 8], Gen.Int[1, 9].Array[1, 5])
            .Sample((secrets, parts, sizes) =>
            {
                var text = string.Concat(parts.Select(part => part.Item1 + Form(secrets[part.Item2 % secrets.Length], part.Item3)));
                var output = Redact(secrets, Encoding.UTF8.GetBytes(text), sizes);
                return secrets.SelectMany(Forms).Where(form => form.Length >= 4).All(form => !output.Contains(form, StringComparison.Ordinal));
            }, iter: 10_000);

    [Fact]
    public void However_a_text_is_split_the_same_comes_out() =>
        Gen.Select(Secret.Array[1, 3], Gen.Select(Filler, Gen.Int[0, 100]).Array[0, 8], Gen.Int[1, 9].Array[1, 5])
            .Sample((secrets, parts, sizes) =>
            {
                var text = Encoding.UTF8.GetBytes(string.Concat(parts.Select(part => part.Item1 + secrets[part.Item2 % secrets.Length])));
                return Redact(secrets, text, sizes) == Redact(secrets, text, [text.Length + 1]);
            }, iter: 5_000);

    [Fact]
    public void Text_without_secrets_is_unchanged() =>
        Gen.Select(Gen.String[Gen.Char["ABCDEF"], 4, 10].Array[0, 4], Gen.String[Gen.Char["xyz \n{}\"é"], 0, 200], Gen.Int[1, 50].Array[1, 5])
            .Sample((secrets, text, sizes) => Redact(secrets, Encoding.UTF8.GetBytes(text), sizes) == text, iter: 2_000);

    [Fact]
    public void Bytes_that_are_no_text_are_unchanged() =>
        Gen.Byte.Array[0, 300].Sample(bytes =>
        {
            var output = new ArrayBufferWriter<byte>();
            var stream = new Redactor(["correct horse battery staple"]).Start();
            stream.Push(bytes, output);
            stream.Finish(output);
            return output.WrittenSpan.SequenceEqual(bytes);
        }, iter: 1_000);

    [Theory]
    [InlineData("the key is hunter22.", "the key is ***.")]
    [InlineData("hunter22hunter22", "******")]
    [InlineData("hunter2 hunter2", "hunter2 hunter2")]
    [InlineData("hunterhunter22", "hunter***")]
    [InlineData("HUNTER22", "HUNTER22")]
    public void A_secret_is_replaced_by_stars_and_nothing_around_it(string text, string expected) =>
        Assert.Equal(expected, Redact(["hunter22"], Encoding.UTF8.GetBytes(text), [100]));

    [Fact]
    public void Overlapping_secrets_are_hidden_as_one() =>
        Assert.Equal("x***y", Redact(["abcdef", "defghi"], "xabcdefghiy"u8, [3]));

    [Fact]
    public void Of_nested_secrets_the_longest_is_hidden_whole()
    {
        Assert.Equal("x***y", Redact(["cdef", "abcdefgh"], "xabcdefghy"u8, [1]));
        Assert.Equal("xab***gy", Redact(["cdef", "abcdefgh"], "xabcdefgy"u8, [1]));
    }

    [Fact]
    public void A_secret_may_be_spread_over_many_pieces() =>
        Assert.Equal("before *** after", Redact(["correct horse"], "before correct horse after"u8, [1]));

    [Fact]
    public void What_could_become_a_secret_is_held_back_and_let_go_when_the_stream_ends()
    {
        var output = new ArrayBufferWriter<byte>();
        var stream = new Redactor(["correct horse"]).Start();

        stream.Push("yes, correct hor"u8, output);
        Assert.Equal("yes, ", Encoding.UTF8.GetString(output.WrittenSpan));
        stream.Finish(output);

        Assert.Equal("yes, correct hor", Encoding.UTF8.GetString(output.WrittenSpan));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("yes")]
    public void Secrets_that_are_too_short_to_hide_are_ignored(string secret) =>
        Assert.Equal("yes, a small yes", Redact([secret], "yes, a small yes"u8, [4]));

    [Fact]
    public void The_lines_of_a_secret_of_several_are_hidden_also_when_they_are_printed_indented()
    {
        const string key = "-----BEGIN KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQEF\n-----END KEY-----\n";

        var output = Redact([key], "  + key = <<-EOT\n        MIIEvQIBADANBg\n        kqhkiG9w0BAQEF\n    EOT"u8, [7]);

        Assert.Equal("  + key = <<-EOT\n        ***\n        ***\n    EOT", output);
    }

    [Fact]
    public void A_secret_is_found_inside_of_a_longer_base64_text_wherever_it_begins()
    {
        const string secret = "correct horse battery staple";
        foreach (var before in new[] { "", "u", "us", "user:" })
        {
            var text = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{before}{secret}:more"));

            var output = Redact([secret], Encoding.ASCII.GetBytes(text), [5]);

            Assert.Contains("***", output, StringComparison.Ordinal);
            Assert.True(output.Length < 25, output);
        }
    }

    [Fact]
    public void Finds_says_whether_any_form_of_a_secret_is_in_the_text() =>
        Gen.Select(Secret.Array[1, 3], Gen.Select(Filler, Gen.Int[0, 8]).Array[0, 3], Gen.Int[1, 7].Array[1, 4], Gen.Bool)
            .Sample((secrets, parts, sizes, present) =>
            {
                var text = string.Concat(parts.Select(part => part.Item1 + (present ? Form(secrets[0], part.Item2) : "")));
                var redactor = new Redactor(secrets);
                var (state, found) = (0, false);
                foreach (var piece in Split(Encoding.UTF8.GetBytes(text), sizes))
                {
                    found |= redactor.Finds(piece, ref state);
                }
                return found == Redact(secrets, Encoding.UTF8.GetBytes(text), [1000]).Contains("***", StringComparison.Ordinal);
            }, iter: 5_000);

    [Fact]
    public void Secrets_that_become_known_on_the_way_are_masked_and_no_older_one_slips_through() =>
        Gen.Select(
                Gen.String[Gen.Char["abc"], 8, 12], Gen.String[Gen.Char["xyz"], 8, 12],
                Gen.Select(Gen.String[Gen.Char["0123"], 0, 6], Gen.Bool).Array[0, 4], Gen.Int[1, 7].Array[1, 4], Gen.Double[0, 1])
            .Sample((older, newer, parts, sizes, where) =>
            {
                var before = string.Concat(parts.Select(part => part.Item1 + older)) + older;
                var text = Encoding.UTF8.GetBytes(before + string.Concat(parts.Select(part => part.Item1 + (part.Item2 ? newer : older))));
                var cut = (int)(before.Length * where);
                var output = new ArrayBufferWriter<byte>();
                var stream = new Redactor([older]).Start();
                foreach (var piece in Split(text[..cut], sizes))
                {
                    stream.Push(piece, output);
                }
                stream = stream.GoOnWith(new Redactor([older, newer]), output);
                foreach (var piece in Split(text[cut..], sizes))
                {
                    stream.Push(piece, output);
                }
                stream.Finish(output);
                var masked = Encoding.UTF8.GetString(output.WrittenSpan);
                return masked.All(letter => letter is '*' or (>= '0' and <= '3'));
            }, iter: 3_000);

    private static string[] Forms(string secret) =>
    [
        secret,
        JsonSerializer.Serialize(secret)[1..^1],
        Uri.EscapeDataString(secret),
        Convert.ToBase64String(Encoding.UTF8.GetBytes(secret)).TrimEnd('='),
    ];

    private static string Form(string secret, int number) => Forms(secret) is var forms && number < forms.Length ? forms[number] : secret;

    private static string Redact(string[] secrets, ReadOnlySpan<byte> text, int[] sizes)
    {
        var output = new ArrayBufferWriter<byte>();
        var stream = new Redactor(secrets).Start();
        foreach (var piece in Split(text.ToArray(), sizes))
        {
            stream.Push(piece, output);
        }
        stream.Finish(output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static IEnumerable<byte[]> Split(byte[] text, int[] sizes)
    {
        for (var (start, turn) = (0, 0); start < text.Length; turn++)
        {
            var end = Math.Min(text.Length, start + sizes[turn % sizes.Length]);
            yield return text[start..end];
            start = end;
        }
    }
}
