using Microsoft.EntityFrameworkCore;
using Orchestrator.Configurations;
using Orchestrator.Data;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Configurations;

public sealed class ConfigurationStoreTests
{
    private static readonly byte[] Good = new Archive().File("main.tf", "# main").Pack();

    [Theory, EachDatabase]
    public async Task An_upload_is_kept_and_handed_out(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (store, id) = await PendingAsync(installation);

        Assert.Equal(new UploadResult(UploadOutcome.Uploaded), await store.UploadAsync(id, Good, CancellationToken.None));

        using var target = new TemporaryDirectory();
        await store.UnpackAsync(id, target.Path, CancellationToken.None);
        Assert.Equal("# main", await File.ReadAllTextAsync(Path.Combine(target.Path, "main.tf")));
        var row = await ReadAsync(installation, id);
        Assert.Equal((ConfigurationVersionStatus.Uploaded, Good.Length, installation.Clock.GetUtcNow()), (row.Status, row.Size, row.UploadedAt));
    }

    [Theory, EachDatabase]
    public async Task A_bad_upload_is_refused_and_says_why(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (store, id) = await PendingAsync(installation);

        var result = await store.UploadAsync(id, "no archive"u8.ToArray(), CancellationToken.None);

        Assert.Equal(UploadOutcome.Refused, result.Outcome);
        var row = await ReadAsync(installation, id);
        Assert.Equal((ConfigurationVersionStatus.Errored, result.Reason), (row.Status, row.ErrorMessage));
        Assert.Contains("tar -czf", row.ErrorMessage, StringComparison.Ordinal);
    }

    [Theory, EachDatabase]
    public async Task A_configuration_version_takes_one_upload(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (store, id) = await PendingAsync(installation);
        await store.UploadAsync(id, Good, CancellationToken.None);
        var other = new Archive().File("main.tf", "# other").Pack();

        Assert.Equal(UploadOutcome.NotPending, (await store.UploadAsync(id, other, CancellationToken.None)).Outcome);
        Assert.Equal(UploadOutcome.NotPending,
            (await store.UploadAsync(Identifier.New<ConfigurationVersionId>(), Good, CancellationToken.None)).Outcome);

        using var target = new TemporaryDirectory();
        await store.UnpackAsync(id, target.Path, CancellationToken.None);
        Assert.Equal("# main", await File.ReadAllTextAsync(Path.Combine(target.Path, "main.tf")));
    }

    [Theory, EachDatabase]
    public async Task An_archive_that_is_gone_is_said_to_be_gone(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (store, id) = await PendingAsync(installation);
        using var target = new TemporaryDirectory();

        var refused = await Assert.ThrowsAsync<ConfigurationRefusedException>(() => store.UnpackAsync(id, target.Path, CancellationToken.None));

        Assert.Contains("Upload the configuration again", refused.Message, StringComparison.Ordinal);
    }

    private static async Task<(ConfigurationStore Store, ConfigurationVersionId Id)> PendingAsync(Installation installation)
    {
        var workspace = await installation.WorkspaceAsync();
        var version = await installation.ConfigurationAsync(workspace.Id, status: ConfigurationVersionStatus.Pending);
        return (installation.Get<ConfigurationStore>(), version.Id);
    }

    private static async Task<ConfigurationVersion> ReadAsync(Installation installation, ConfigurationVersionId id)
    {
        await using var db = installation.Open();
        return await db.ConfigurationVersions.AsNoTracking().SingleAsync(version => version.Id == id);
    }
}
