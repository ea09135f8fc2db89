using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace Orchestrator.Web.Tests.Support;

/// <summary>Packs configurations as the clients do.</summary>
internal static class Archive
{
    public static byte[] Of(params (string Path, string Content)[] files) => Pack(files.Select(file =>
        (TarEntry)new PaxTarEntry(TarEntryType.RegularFile, file.Path)
        {
            DataStream = new MemoryStream(Encoding.UTF8.GetBytes(file.Content)),
            Mode = (UnixFileMode)(file.Content.StartsWith("#!", StringComparison.Ordinal) ? 0b111_101_101 : 0b110_100_100),
        }));

    /// <summary>A sample as it lies beside the program, and files beside it.</summary>
    public static byte[] OfSample(string name, params (string Path, string Content)[] more)
    {
        var root = Path.Combine(AppContext.BaseDirectory, "samples", name);
        return Of([.. Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)
            .Select(file => (Path.GetRelativePath(root, file), File.ReadAllText(file))), .. more]);
    }

    public static byte[] Pack(IEnumerable<TarEntry> entries)
    {
        var packed = new MemoryStream();
        using (var zip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        using (var writer = new TarWriter(zip, TarEntryFormat.Pax))
        {
            foreach (var entry in entries)
            {
                writer.WriteEntry(entry);
            }
        }
        return packed.ToArray();
    }
}
