using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Data;
using Orchestrator.Tests.Support;
using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Tests.WorkloadIdentity;

public sealed class CopyCheckTests
{
    [Theory, EachDatabase]
    public async Task What_was_exported_and_published_is_current(DatabaseProvider provider)
    {
        var host = new StaticHost();
        await using var installation = await InstallAsync(provider, host);
        using var directory = new TemporaryDirectory();
        var files = await IssuerExport.WriteAsync(await ReadAsync(installation), directory.Path, CancellationToken.None);
        foreach (var file in files)
        {
            host.Files[StaticHost.Address + file[directory.Path.Length..]] = await File.ReadAllBytesAsync(file);
        }

        Assert.Empty(await CheckAsync(installation));
    }

    [Theory, EachDatabase]
    public async Task An_export_takes_the_place_of_an_older_one(DatabaseProvider provider)
    {
        await using var installation = await InstallAsync(provider, new StaticHost());
        using var directory = new TemporaryDirectory();
        await IssuerExport.WriteAsync(await ReadAsync(installation), directory.Path, CancellationToken.None);
        await RotateAsync(installation);
        var now = await ReadAsync(installation);

        await IssuerExport.WriteAsync(now, directory.Path, CancellationToken.None);

        Assert.Equal(
            [Path.Combine(directory.Path, ".well-known/jwks"), Path.Combine(directory.Path, ".well-known/openid-configuration")],
            Directory.EnumerateFiles(directory.Path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal));
        Assert.Equal(now.KeySetJson, await File.ReadAllBytesAsync(Path.Combine(directory.Path, ".well-known/jwks")));
        Assert.Equal(now.DiscoveryJson, await File.ReadAllBytesAsync(Path.Combine(directory.Path, ".well-known/openid-configuration")));
    }

    [Theory, EachDatabase]
    public async Task A_copy_from_before_a_rotation_lacks_the_next_key_and_later_has_a_retired_one(DatabaseProvider provider)
    {
        var host = new StaticHost();
        await using var installation = await InstallAsync(provider, host);
        using var process = new KeyProcess(installation);
        host.Publish(await ReadAsync(installation));
        await RotateAsync(installation);
        var (old, next) = (await process.KidAsync(SigningKeyState.Retiring), await process.KidAsync(SigningKeyState.Next));

        Assert.Equal([$"The key {next} is missing, or differs."], await CheckAsync(installation));

        await installation.Get<KeyRotation>().TrimAsync(CancellationToken.None);
        Assert.Equal(
            [$"The key {next} is missing, or differs.", $"The key {old} is retired, and still there."], await CheckAsync(installation));
    }

    [Theory, EachDatabase]
    public async Task A_key_of_somebody_else_is_told_from_ours(DatabaseProvider provider)
    {
        var host = new StaticHost();
        await using var installation = await InstallAsync(provider, host);
        var ours = await ReadAsync(installation);
        var stranger = SigningKeyPair.Create("ES256").PublicKey;
        // One whose name is ours, and one whose name is not.
        var forged = stranger with { Kid = ours.KeySet.Keys[0].Kid };
        host.Publish(ours with { KeySet = new KeySetDocument([forged, ours.KeySet.Keys[1], stranger]) });

        Assert.Equal(
            [$"The key {forged.Kid} is missing, or differs.", $"The key {stranger.Kid} is none of this installation's."],
            await CheckAsync(installation));
    }

    [Fact]
    public async Task A_copy_for_another_issuer_is_not_current()
    {
        var host = new StaticHost();
        await using var installation = await InstallAsync(DatabaseProvider.Sqlite, host);
        var ours = await ReadAsync(installation);
        host.Publish(ours with
        {
            Discovery = ours.Discovery with
            {
                Issuer = "https://identity.example.com", KeySetUri = "https://elsewhere.example.com/jwks", SigningAlgorithms = ["RS256"],
            },
        });

        Assert.Equal(
            [
                $"It is for the issuer 'https://identity.example.com', and tokens are signed for '{StaticHost.Address}'.",
                $"It sends readers to 'https://elsewhere.example.com/jwks' for the keys, not to '{StaticHost.Address}/.well-known/jwks'.",
                "It does not name the algorithm ES256.",
            ],
            await CheckAsync(installation));
    }

    public static TheoryData<string, string> UselessAnswers => new()
    {
        { "missing", "answered 404, not 200" },
        { "redirect", "answered 302, not 200" },
        { "html", "did not answer with the document's JSON" },
        { "null", "is empty" },
        { "endless", "cannot be read" },
        { "unreachable", "cannot be read: nobody there" },
    };

    [Theory, MemberData(nameof(UselessAnswers))]
    public async Task What_is_no_document_is_named(string kind, string problem)
    {
        var host = new StaticHost
        {
            Answer = _ => kind switch
            {
                "missing" => Of(HttpStatusCode.NotFound, ""),
                "redirect" => Of(HttpStatusCode.Redirect, ""),
                "html" => Of(HttpStatusCode.OK, "<html>"),
                "null" => Of(HttpStatusCode.OK, "null"),
                "endless" => Of(HttpStatusCode.OK, new string(' ', 300 * 1024)),
                _ => throw new HttpRequestException("nobody there"),
            },
        };
        await using var installation = await InstallAsync(DatabaseProvider.Sqlite, host);

        var fault = Assert.Single(await CheckAsync(installation));

        Assert.StartsWith($"{StaticHost.Address}/.well-known/openid-configuration", fault, StringComparison.Ordinal);
        Assert.Contains(problem, fault, StringComparison.Ordinal);

        static Task<HttpResponseMessage> Of(HttpStatusCode status, string text) => Task.FromResult(
            new HttpResponseMessage(status) { Content = new StringContent(text), Headers = { Location = new Uri("https://another.example.com") } });
    }

    [Fact]
    public async Task A_host_that_does_not_answer_is_given_up()
    {
        var host = new StaticHost();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Answer = async cancelled =>
        {
            asked.SetResult();
            await Task.Delay(Timeout.Infinite, cancelled);
            return new HttpResponseMessage();
        };
        await using var installation = await InstallAsync(DatabaseProvider.Sqlite, host);

        var check = CheckAsync(installation);
        await asked.Task.WaitAsync(Wait.Limit);
        installation.Clock.Advance(TimeSpan.FromSeconds(10));

        Assert.Contains("did not answer within 10 seconds", Assert.Single(await check.WaitAsync(Wait.Limit)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"keys":[null,{"kty":"RSA"},{"kty":"RSA","kid":"one"}]}""", "The key one is none of this installation's.")]
    [InlineData("""{"keys":null}""", "is not a key set")]
    [InlineData("[]", "did not answer with the document's JSON")]
    public async Task A_strange_key_set_does_not_break_the_check(string keySet, string problem)
    {
        var host = new StaticHost();
        await using var installation = await InstallAsync(DatabaseProvider.Sqlite, host);
        host.Files[StaticHost.Address + IssuerDocuments.DiscoveryPath] = JsonSerializer.SerializeToUtf8Bytes((await ReadAsync(installation)).Discovery);
        host.Files[StaticHost.Address + IssuerDocuments.KeySetPath] = Encoding.UTF8.GetBytes(keySet);

        Assert.Contains(await CheckAsync(installation), fault => fault.Contains(problem, StringComparison.Ordinal));
    }

    [Theory, EachDatabase]
    public async Task A_rotation_waits_for_the_next_key_to_be_in_the_published_copy(DatabaseProvider provider)
    {
        var host = new StaticHost();
        await using var installation = await InstallAsync(provider, host, elsewhere: true);
        using var process = new KeyProcess(installation);
        host.Publish(await ReadAsync(installation));
        Assert.True((await process.RotateAsync()).IsDone);
        var (active, next) = (await process.KidAsync(SigningKeyState.Active), await process.KidAsync(SigningKeyState.Next));
        installation.Clock.Advance(TimeSpan.FromDays(1));

        var refused = await process.RotateAsync();

        Assert.Equal(KeyMoveOutcome.NotInCopy, refused.Outcome);
        Assert.Contains("does not have the next key", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Run 'issuer export DIRECTORY'", refused.Message, StringComparison.Ordinal);
        Assert.Equal(active, await process.KidAsync(SigningKeyState.Active));
        host.Publish(await ReadAsync(installation));
        Assert.True((await process.RotateAsync()).IsDone);
        Assert.Equal(next, await process.KidAsync(SigningKeyState.Active));
    }

    [Fact]
    public async Task A_copy_that_cannot_be_read_holds_a_rotation_up_but_not_one_that_somebody_insists_on()
    {
        await using var installation = await InstallAsync(DatabaseProvider.Sqlite, new StaticHost(), elsewhere: true);
        using var process = new KeyProcess(installation);

        var refused = await process.RotateAsync();

        Assert.Equal(KeyMoveOutcome.NotInCopy, refused.Outcome);
        Assert.Contains("could not be read", refused.Message, StringComparison.Ordinal);
        Assert.True((await process.RotateAsync(force: true)).IsDone);
    }

    internal static Task<Installation> InstallAsync(
        DatabaseProvider provider, StaticHost host, bool elsewhere = false, Action<IServiceCollection>? configure = null) =>
        KeyProcess.InstallAsync(provider, services =>
        {
            services.AddSingleton(provider => new PublishedCopy(host, provider.GetRequiredService<TimeProvider>()));
            services.Configure<IssuerOptions>(issuer => (issuer.Issuer, issuer.IssuerIsElsewhere) = (StaticHost.Address, elsewhere));
            configure?.Invoke(services);
        });

    private static Task<PublishedDocuments> ReadAsync(Installation installation) =>
        installation.Get<IssuerDocuments>().ReadAsync(CancellationToken.None);

    private static Task<IReadOnlyList<string>> CheckAsync(Installation installation) =>
        installation.Get<CopyCheck>().CompareAsync(StaticHost.Address, CancellationToken.None);

    private static Task<KeyMove> RotateAsync(Installation installation) => installation.Get<KeyRotation>().RotateAsync(force: true, CancellationToken.None);
}
