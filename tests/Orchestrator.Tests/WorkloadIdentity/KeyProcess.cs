using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Orchestrator.Data;
using Orchestrator.Tests.Support;
using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Tests.WorkloadIdentity;

/// <summary>What one process of an installation knows about the keys: nothing in memory is shared with another's.</summary>
internal sealed class KeyProcess(Installation installation) : IDisposable
{
    public const string Audience = "aws.workload.identity";

    private static readonly RunIdentity Identity = new(
        OrganizationId.Of("org-aaaaaaaaaaaaaaaa"), "acme", ProjectId.Of("prj-bbbbbbbbbbbbbbbb"), "Default Project",
        WorkspaceId.Of("ws-cccccccccccccccc"), "network-prod", RunId.Of("run-dddddddddddddddd"), "apply");

    public SigningKeys Keys { get; } = new(installation.Databases, installation.Get<SigningKeyVault>(), installation.Clock);

    public IssuerDocuments Documents => new(Keys, installation.Get<IOptions<IssuerOptions>>());

    public KeyRotation Rotation => new(
        installation.Databases, Keys, installation.Get<SigningKeyVault>(), installation.Get<PublishedCopy>(),
        installation.Get<IOptions<IssuerOptions>>(), installation.Clock, NullLogger<KeyRotation>.Instance);

    public KeySchedule Schedule => new(
        Rotation, Keys, installation.Get<PublishedCopy>(), installation.Databases, installation.Get<IOptions<SigningKeyOptions>>(),
        installation.Get<IOptions<IssuerOptions>>(), installation.Clock, NullLogger<KeySchedule>.Instance);

    /// <summary>Keys on a curve are made in no time; where the kind does not matter, tests need not wait.</summary>
    public static Task<Installation> InstallAsync(DatabaseProvider provider, Action<IServiceCollection>? configure = null) =>
        Installation.CreateAsync(provider, services =>
        {
            services.Configure<SigningKeyOptions>(options => options.Algorithm = SecurityAlgorithms.EcdsaSha256);
            configure?.Invoke(services);
        });

    public Task<KeyMove> RotateAsync(bool force = false) => Rotation.RotateAsync(force, CancellationToken.None);

    public async Task<string> MintAsync(TimeSpan? lifetime = null) =>
        (await new TokenIssuer(Keys, installation.Get<IOptions<IssuerOptions>>(), installation.Clock)
            .MintAsync(Identity, Audience, CancellationToken.None, lifetime)).Compact;

    /// <summary>The key set as relying parties get it.</summary>
    public async Task<IList<SecurityKey>> KeySetAsync() =>
        new JsonWebKeySet(Encoding.UTF8.GetString((await Documents.ReadAsync(CancellationToken.None)).KeySetJson)).GetSigningKeys();

    /// <summary>As a relying party, whose clock is the test's.</summary>
    public static async Task<Exception?> RefusalAsync(string token, IList<SecurityKey> keys) =>
        (await new JsonWebTokenHandler().ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = "https://orchestrator.example",
            ValidAudience = Audience,
            IssuerSigningKeys = keys,
            ValidateLifetime = false,
            TryAllIssuerSigningKeys = false,
        })).Exception;

    public async Task<string> KidAsync(SigningKeyState state)
    {
        await using var db = installation.Open();
        return await db.SigningKeys.Where(key => key.State == state).Select(key => key.Kid).SingleAsync();
    }

    public async Task<SigningKey> RowAsync(string kid)
    {
        await using var db = installation.Open();
        return await db.SigningKeys.AsNoTracking().SingleAsync(key => key.Kid == kid);
    }

    public async Task<IReadOnlyList<string>> PublishedAsync() =>
        [.. (await Documents.ReadAsync(CancellationToken.None)).KeySet.Keys.Select(key => key.Kid)];

    public void Dispose() => Keys.Dispose();
}
