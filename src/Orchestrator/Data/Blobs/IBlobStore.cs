namespace Orchestrator.Data.Blobs;

/// <summary>Configurations, plan files and states: large values that are written once and rest encrypted.</summary>
public interface IBlobStore
{
    /// <summary>Stores the value whole or not at all; a value that was there under the key is replaced.</summary>
    Task WriteAsync(BlobKey key, byte[] content, CancellationToken cancellationToken);

    /// <returns>Null when nothing is stored under the key.</returns>
    Task<byte[]?> ReadAsync(BlobKey key, CancellationToken cancellationToken);

    /// <returns>Bytes as they lie there, encrypted; 0 when nothing does.</returns>
    Task<long> SizeAsync(BlobKey key, CancellationToken cancellationToken);

    /// <summary>No error when there is nothing to delete.</summary>
    Task DeleteAsync(BlobKey key, CancellationToken cancellationToken);
}

/// <summary>A kind and an identifier, such as <c>plan/run-…</c>. Made only here, so that no key can leave its folder.</summary>
public readonly record struct BlobKey
{
    private BlobKey(string value) => Value = value;

    public string Value { get; }

    public static BlobKey Configuration(ConfigurationVersionId id) => new($"configurations/{id.Value}");

    public static BlobKey PlanFile(RunId id) => new($"plans/{id.Value}");

    /// <summary>The dependency lock file that the plan was made with.</summary>
    public static BlobKey PlanLock(RunId id) => new($"plans-lock/{id.Value}");

    public static BlobKey PlanJson(RunId id) => new($"plans-json/{id.Value}");

    /// <summary>The providers' schemas of what the plan changes, for clients that draw it themselves.</summary>
    public static BlobKey PlanSchemas(RunId id) => new($"plans-schemas/{id.Value}");

    /// <summary>A state that an apply left behind and that could not become the workspace's.</summary>
    public static BlobKey ErroredState(RunId id) => new($"states-errored/{id.Value}");

    public static BlobKey State(StateVersionId id) => new($"states/{id.Value}");

    public static BlobKey StateJson(StateVersionId id) => new($"states-json/{id.Value}");

    public override string ToString() => Value;
}
