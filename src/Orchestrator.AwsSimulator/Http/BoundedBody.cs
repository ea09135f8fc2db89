namespace Orchestrator.AwsSimulator.Http;

/// <summary>Reads a stream into memory, up to a limit.</summary>
internal static class BoundedBody
{
    /// <returns>Null when there is more than <paramref name="most"/> bytes; the rest is left unread.</returns>
    public static async Task<byte[]?> ReadAsync(Stream stream, int most, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (await stream.ReadAsync(buffer, cancellationToken) is var read and > 0)
        {
            if (content.Length + read > most)
            {
                return null;
            }

            content.Write(buffer, 0, read);
        }

        return content.ToArray();
    }
}
