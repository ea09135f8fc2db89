using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Orchestrator.Data;
using Orchestrator.Data.Announcements;
using Orchestrator.Data.Secrets;

namespace Orchestrator.RunLogs;

/// <summary>Opens a phase's log for its writer, and reads it for everybody else: any stretch, at any time.</summary>
public sealed class RunLogStore(
    IDbContextFactory<OrchestratorDbContext> databases, IAnnouncements announcements, SecretBox secrets, DataDirectory data, IOptions<LogOptions> options,
    TimeProvider clock)
{
    /// <summary>Goes on where an earlier writer of the same log, whose process died, has stopped: also with what that one could not store any
    /// more, when it has left it in this data directory.</summary>
    /// <param name="writer">Who has claimed the run: what arrives when somebody else has is not stored.</param>
    /// <param name="isFirst">There was no earlier writer.</param>
    public async Task<RunLogWriter> OpenAsync(RunId run, string phase, string writer, CancellationToken cancellationToken, bool isFirst = false)
    {
        var stored = isFirst ? 0 : await LengthAsync(run, phase, cancellationToken);
        var spool = LogSpool.Open(Path.Combine(data.Spool, $"{run.Value}.{phase}"), options.Value.MaxSpoolBytes);
        spool.GoOnFrom(stored);
        return new RunLogWriter(new LogPlace(this, databases, announcements, secrets, clock), run, phase, writer, stored, spool);
    }

    /// <summary>Removes what was left in this data directory of the logs of runs that nobody works on any more.</summary>
    public async Task RemoveSpooledAsync(Func<RunId, Task<bool>> isOver)
    {
        foreach (var file in Directory.EnumerateFiles(data.Spool))
        {
            if (!Identifier.TryParse<RunId>(Path.GetFileNameWithoutExtension(file), out var run) || await isOver(run))
            {
                File.Delete(file);
            }
        }
    }

    public async Task<long> LengthAsync(RunId run, string phase, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.LogChunks
            .Where(chunk => chunk.RunId == run && chunk.Phase == phase)
            .OrderByDescending(chunk => chunk.Offset)
            .Select(chunk => chunk.Offset + chunk.Length)
            .FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>Up to <paramref name="limit"/> bytes from <paramref name="offset"/>; empty when there are none yet.</summary>
    public async Task<byte[]> ReadAsync(RunId run, string phase, long offset, int limit, CancellationToken cancellationToken)
    {
        using var result = new MemoryStream();
        await foreach (var content in ChunksAsync(run, phase, offset, offset + limit, cancellationToken))
        {
            result.Write(content.Span);
        }
        return result.ToArray();
    }

    /// <summary>The stored log between two offsets, a chunk at a time.</summary>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ChunksAsync(
        RunId run, string phase, long from, long to, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var chunks = db.LogChunks.AsNoTracking()
            .Where(chunk => chunk.RunId == run && chunk.Phase == phase && chunk.Offset + chunk.Length > from && chunk.Offset < to)
            .OrderBy(chunk => chunk.Offset)
            .AsAsyncEnumerable();
        await foreach (var chunk in chunks.WithCancellation(cancellationToken))
        {
            var content = secrets.Unprotect(SecretKind.RunLog, SealedPlaces.OfChunk(chunk.RunId, chunk.Phase, chunk.Offset), chunk.ProtectedContent);
            var start = (int)Math.Max(0, from - chunk.Offset);
            var end = (int)Math.Min(content.Length, to - chunk.Offset);
            yield return content.AsMemory(start, end - start);
        }
    }
}
