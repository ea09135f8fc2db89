using System.Buffers;
using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Orchestrator.AwsPolicies;
using Orchestrator.AwsPolicies.Json;
using Orchestrator.Configurations;
using Orchestrator.Credentials.Aws.Trust;
using Orchestrator.RunLogs;
using Orchestrator.Terraform;
using Orchestrator.Tests.Support;
using Orchestrator.Vcs;
using Orchestrator.Vcs.Providers;

namespace Orchestrator.Tests.Fuzzing;

/// <summary>The parsers that strangers' bytes reach. The bodies of the API's requests are tried in <c>Orchestrator.Web.Tests</c>, in
/// <c>RequestTests</c>.</summary>
public sealed class FuzzTests
{
    [Fact]
    public void However_an_archive_is_damaged_it_is_unpacked_or_refused_and_nothing_is_written_outside()
    {
        using var directory = new TemporaryDirectory();
        var target = Path.Combine(directory.Path, "target");
        var reader = new ConfigurationArchive(new ConfigurationOptions { MaxUnpackedBytes = 1024 * 1024, MaxEntries = 100 });
        Fuzz.Try("Archives", tar =>
        {
            DirectoryRemoval.Remove(target);
            Directory.CreateDirectory(target);
            try
            {
                reader.UnpackAsync(new MemoryStream(Gzip(tar)), target, CancellationToken.None).GetAwaiter().GetResult();
            }
            catch (ConfigurationRefusedException)
            {
                // As good as unpacked.
            }
            return Directory.GetFileSystemEntries(directory.Path).Length == 1 && LinksOf(target).All(place => (place + "/").StartsWith(target + "/", StringComparison.Ordinal));
        });
    }

    /// <summary>The compression itself is a parser, too.</summary>
    [Fact]
    public void However_an_uploads_bytes_are_damaged_they_are_an_archive_or_refused()
    {
        var reader = new ConfigurationArchive(new ConfigurationOptions { MaxUnpackedBytes = 1024 * 1024 });
        Fuzz.Try("Archives", upload =>
        {
            try
            {
                reader.InspectAsync(new MemoryStream(upload), CancellationToken.None).GetAwaiter().GetResult();
            }
            catch (ConfigurationRefusedException)
            {
                // As good as an archive.
            }
            return true;
        }, new Archive().File("main.tf", "# main").Directory("modules").Link("b.tf", "main.tf").Pack());
    }

    [Fact]
    public void Whatever_a_delivery_holds_each_service_reads_it_or_refuses_it_with_a_reason()
    {
        var http = new VcsHttp(Options.Create(new VcsOptions()));
        VcsProvider[] services = [new GitHub(http, TimeProvider.System), new Gitea(http), new GitLab(http), new Bitbucket(http), new AzureDevOps(http), new PlainGit()];
        string[] events =
        [
            "push", "pull_request", "Push Hook", "Tag Push Hook", "Merge Request Hook", "repo:push", "pullrequest:created", "repo:refs_changed", "pr:opened",
            "service-hook",
        ];
        Fuzz.Try("Deliveries", body =>
        {
            JsonDocument document;
            try
            {
                document = JsonDocument.Parse(body);
            }
            catch (JsonException)
            {
                return true;
            }
            using (document)
            {
                foreach (var (service, name) in services.SelectMany(service => events.Select(name => (service, name))))
                {
                    try
                    {
                        Assert.True(service.Read(name, document.RootElement) is { Changes.Count: > 0 } or { Ignored: not null });
                    }
                    catch (VcsPayloadException refused)
                    {
                        Assert.NotEmpty(refused.Message);
                    }
                }
            }
            return true;
        }, [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests", "Orchestrator.Tests", "Vcs", "Payloads"), "*.json").Select(File.ReadAllBytes)]);
    }

    [Fact]
    public void A_trust_policy_is_read_or_refused_and_one_that_denies_all_lets_nobody_in()
    {
        Fuzz.Try("Policies", text =>
        {
            PolicyDocument policy;
            try
            {
                policy = PolicyReader.ReadTrustPolicy(Encoding.UTF8.GetString(text), "fuzzed");
            }
            catch (Exception refused) when (refused is JsonException or JsonShapeException)
            {
                return true;
            }
            var verdicts = TrustEvaluator.Evaluate(policy, Somebody, new RequestContext());
            var closed = policy with
            {
                Statements =
                [
                    .. policy.Statements,
                    new PolicyStatement
                    {
                        Label = "closed", Path = "$", Effect = Effect.Deny, Principals = new PolicyElement(["*"], Inverted: false), Actions = new PolicyElement(["*"], Inverted: false),
                    },
                ],
            };
            var open = policy with { Statements = [.. policy.Statements.Where(statement => statement.Effect == Effect.Allow)] };
            return TrustEvaluator.Evaluate(closed, Somebody, new RequestContext()).All(verdict => !verdict.Allowed)
                // What a policy denies takes away, and never gives.
                && TrustEvaluator.Evaluate(open, Somebody, new RequestContext()).Zip(verdicts).All(pair => pair.First.Allowed || !pair.Second.Allowed);
        });
    }

    [Fact]
    public void Whatever_is_pasted_as_a_trust_policy_the_linter_and_the_explainer_have_an_answer() => Fuzz.Try("Policies", text =>
    {
        var policy = Encoding.UTF8.GetString(text);
        _ = TrustLinter.Lint(policy, "https://orchestrator.example", "111122223333");
        _ = TrustExplainer.Explain(
            new TrustQuestion
            {
                Policy = policy,
                Issuer = "https://orchestrator.example",
                Subject = "organization:acme:project:core:workspace:net:run_phase:plan",
                Audience = "aws.workload.identity",
                SessionName = "run-1",
            },
            DateTimeOffset.UnixEpoch);
        return true;
    });

    /// <summary>The first line of an input holds the secrets, separated by tabs; the second tells how the rest is cut into pieces.</summary>
    [Fact]
    public void However_a_log_arrives_no_secret_is_in_what_comes_out_and_the_same_comes_out() => Fuzz.Try("Logs", input =>
    {
        var lines = Encoding.Latin1.GetString(input).Split('\n', 3);
        if (lines.Length < 3)
        {
            return true;
        }
        // A secret made of the mask's own letters could be seen in the mask.
        string[] secrets = [.. lines[0].Split('\t').Where(secret => secret.Length is >= 4 and <= 200 && !secret.Contains('*')).Take(20)];
        var sizes = lines[1].Select(letter => (letter % 16) + 1).DefaultIfEmpty(1).ToArray();
        var text = Encoding.UTF8.GetBytes(lines[2]);
        var redactor = new Redactor(secrets);
        var whole = Redact(redactor, text, [text.Length + 1]);
        return Redact(redactor, text, sizes) == whole
            && secrets.All(secret => !whole.Contains(secret, StringComparison.Ordinal))
            && (redactor.Finds(text) ? whole.Contains("***", StringComparison.Ordinal) : whole == lines[2]);
    });

    private static readonly WebIdentity Somebody = new()
    {
        ProviderArn = "arn:aws:iam::111122223333:oidc-provider/orchestrator.example",
        ProviderHost = "orchestrator.example",
        Subject = "organization:acme:project:core:workspace:net:run_phase:plan",
        Audience = "aws.workload.identity",
        OriginalAudience = ["aws.workload.identity"],
        SessionName = "run-1",
        SourceIdentity = "somebody",
        Tags = new Dictionary<string, string> { ["workspace"] = "net" },
    };

    /// <summary>Where the links of a directory lead to, as the file system goes.</summary>
    private static string[] LinksOf(string directory)
    {
        string[] links = [.. new DirectoryInfo(directory)
            .EnumerateFileSystemInfos("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None })
            .Where(entry => entry.LinkTarget is not null).Select(entry => entry.FullName)];
        if (links.Length == 0)
        {
            return [];
        }
        using var realpath = Process.Start(new ProcessStartInfo("realpath", ["-zm", "--", .. links]) { RedirectStandardOutput = true })!;
        return realpath.StandardOutput.ReadToEnd().Split('\0', StringSplitOptions.RemoveEmptyEntries);
    }

    private static string Redact(Redactor redactor, byte[] text, int[] sizes)
    {
        var output = new ArrayBufferWriter<byte>();
        var stream = redactor.Start();
        for (var (at, turn) = (0, 0); at < text.Length; turn++)
        {
            var size = Math.Min(sizes[turn % sizes.Length], text.Length - at);
            stream.Push(text.AsSpan(at, size), output);
            at += size;
        }
        stream.Finish(output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static byte[] Gzip(byte[] content)
    {
        var packed = new MemoryStream();
        using (var zip = new GZipStream(packed, CompressionLevel.NoCompression))
        {
            zip.Write(content);
        }
        return packed.ToArray();
    }
}
