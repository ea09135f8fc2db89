using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Data.Blobs;

namespace Orchestrator.Tests.Support;

/// <summary>Stands before the blobs, and does what a test wants whenever one is read or written.</summary>
internal sealed class Disk
{
    /// <summary>Is told <c>write plans/run-…</c> or <c>read …</c>. What it throws is what the store's caller gets to see.</summary>
    public Action<string> Touched { get; set; } = _ => { };

    public void AddTo(IServiceCollection services)
    {
        var inner = services.Last(service => service.ServiceType == typeof(IBlobStore));
        services.AddSingleton<IBlobStore>(provider =>
            new Blobs(this, (IBlobStore)ActivatorUtilities.CreateInstance(provider, inner.ImplementationType!)));
    }

    private sealed class Blobs(Disk disk, IBlobStore inner) : IBlobStore
    {
        public Task WriteAsync(BlobKey key, byte[] content, CancellationToken cancellationToken)
        {
            disk.Touched($"write {key}");
            return inner.WriteAsync(key, content, cancellationToken);
        }

        public Task<byte[]?> ReadAsync(BlobKey key, CancellationToken cancellationToken)
        {
            disk.Touched($"read {key}");
            return inner.ReadAsync(key, cancellationToken);
        }

        public Task<long> SizeAsync(BlobKey key, CancellationToken cancellationToken) => inner.SizeAsync(key, cancellationToken);

        public Task DeleteAsync(BlobKey key, CancellationToken cancellationToken) => inner.DeleteAsync(key, cancellationToken);
    }
}
