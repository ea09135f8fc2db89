using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Credentials;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Tests.Support;
using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Tests.Credentials.Clouds;

/// <summary>A run on an installation of its own, whose phases ask clouds for credentials. One for all tests of a class, because making
/// the installation's key takes a while; each test has a directory of its own.</summary>
public sealed class PlannedRun : IAsyncLifetime
{
    private RunClaim _claim = null!;

    internal Installation Installation { get; private set; } = null!;

    internal RunIdentity Identity => _claim.Identity;

    public async ValueTask InitializeAsync()
    {
        Installation = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        var workspace = await Installation.ReadyWorkspaceAsync();
        _claim = await Installation.ClaimAsync((await Installation.QueueAsync(workspace.Id)).Id);
    }

    public ValueTask DisposeAsync() => Installation.DisposeAsync();

    /// <summary>Somebody who trusts this run in the given phase.</summary>
    internal RelyingParty Party(string audience, string phase = "plan", TimeProvider? clock = null) => new(
        "https://orchestrator.example", FetchAsync, clock ?? Installation.Clock)
    {
        Audience = audience,
        Trusts = subject => subject == Identity.FullWorkspace + ":run_phase:" + phase,
    };

    internal PhaseWithClouds Begin(string phase = "plan", bool readOnlyPlan = false, SpeculativeCredentials? speculative = null, string? subjects = null) =>
        new(Installation, Identity with { Phase = phase }, EffectiveCredentialPolicy.Of(workspace: null, project: null, new CredentialPolicy
        {
            Id = Identifier.New<CredentialPolicyId>(),
            ReadOnlyPlan = readOnlyPlan,
            Speculative = speculative,
            SubjectTemplate = subjects,
            // About AWS alone.
            AllowedRoles = ["arn:aws:iam::123456789012:role/*"],
            Delivery = CredentialDelivery.Endpoint,
        }), speculative is not null);

    private async Task<string> FetchAsync(string url)
    {
        var published = await Installation.Get<IssuerDocuments>().ReadAsync(CancellationToken.None);
        return Encoding.UTF8.GetString(new Uri(url).AbsolutePath switch
        {
            IssuerDocuments.DiscoveryPath => published.DiscoveryJson,
            IssuerDocuments.KeySetPath => published.KeySetJson,
            var other => throw new InvalidOperationException($"The issuer has no {other}."),
        });
    }
}

/// <summary>One phase of it, and what was delivered to it.</summary>
internal sealed class PhaseWithClouds : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly Installation _installation;
    private readonly RunIdentity _identity;
    private readonly EffectiveCredentialPolicy _policy;
    private readonly bool _speculative;
    private readonly DateTimeOffset _begunAt;
    private CloudDelivery? _delivery;

    public PhaseWithClouds(Installation installation, RunIdentity identity, EffectiveCredentialPolicy policy, bool speculative)
    {
        (_installation, _identity, _policy, _speculative) = (installation, identity, policy, speculative);
        // Its entries in the ledger are told from those of other tests by their time.
        installation.Clock.Advance(TimeSpan.FromSeconds(1));
        _begunAt = installation.Clock.GetUtcNow();
    }

    public static TimeSpan TimeLimit => TimeSpan.FromHours(2);

    public List<string> Secrets { get; } = [];

    public CloudDelivery Delivery => _delivery!;

    public IReadOnlyDictionary<string, string> Environment => Delivery.Environment;

    /// <summary>Asks for credentials as a run would.</summary>
    public async Task DeliverAsync(ICloud cloud, params (string Name, string Value)[] variables)
    {
        var environment = variables.ToDictionary(variable => variable.Name, variable => variable.Value);
        var reading = CloudSettings.Read(cloud.Vocabulary, environment, _identity.Phase);
        Assert.Empty(reading.Problems);
        Assert.NotEmpty(reading.Configurations);
        _delivery = await cloud.DeliverAsync(PhaseOf(environment), reading.Configurations, CancellationToken.None);
    }

    /// <summary>What the terraform variable says: of the default configuration, or of one with a tag.</summary>
    public string Told(string cloud, string? tag, string field)
    {
        var variable = JsonDocument.Parse(Environment[$"TF_VAR_tfc_{cloud}_dynamic_credentials"]).RootElement;
        var configuration = tag is null ? variable.GetProperty("default") : variable.GetProperty("aliases").GetProperty(tag);
        return configuration.GetProperty(field).GetString()!;
    }

    /// <summary>The content of a file that was written for the phase, and for nobody else: only the server writes it, and the group is
    /// that of the run's user.</summary>
    public string Read(string path)
    {
        const UnixFileMode readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
        Assert.StartsWith(_directory.Path, path, StringComparison.Ordinal);
        Assert.Equal(readable, File.GetUnixFileMode(path));
        Assert.Equal(readable | UnixFileMode.UserExecute | UnixFileMode.GroupExecute, File.GetUnixFileMode(Path.GetDirectoryName(path)!));
        return File.ReadAllText(path);
    }

    /// <summary>The phase's entries, oldest first.</summary>
    public async Task<IReadOnlyList<CredentialGrant>> LedgerAsync()
    {
        await using var db = _installation.Open();
        var grants = await db.CredentialGrants.AsNoTracking().Where(grant => grant.CreatedAt >= _begunAt).ToListAsync();
        return [.. grants.OrderBy(grant => grant.CreatedAt)];
    }

    public async ValueTask DisposeAsync()
    {
        if (_delivery is not null)
        {
            await _delivery.DisposeAsync();
        }
        _directory.Dispose();
    }

    private CloudPhase PhaseOf(IReadOnlyDictionary<string, string> environment) =>
        new(_installation.Get<TokenIssuer>(), _installation.Get<CredentialLedger>(), _installation.Clock)
        {
            Identity = _identity,
            Policy = _policy,
            IsSpeculative = _speculative,
            Responsible = "alice",
            TimeLimit = TimeLimit,
            Directory = _directory.Path,
            Environment = environment,
            Secret = secret =>
            {
                Secrets.Add(secret);
                return secret;
            },
        };
}
