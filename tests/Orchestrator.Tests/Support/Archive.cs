using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace Orchestrator.Tests.Support;

/// <summary>Writes a configuration archive entry by entry, also ones that no honest program would write.</summary>
internal sealed class Archive
{
    private readonly List<TarEntry> _entries = [];

    public Archive File(string path, string content = "", UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        _entries.Add(new PaxTarEntry(TarEntryType.RegularFile, path)
        {
            DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)),
            Mode = mode,
        });
        return this;
    }

    public Archive Directory(string path) => Add(TarEntryType.Directory, path);

    public Archive Link(string path, string target, TarEntryType type = TarEntryType.SymbolicLink)
    {
        _entries.Add(new PaxTarEntry(type, path) { LinkName = target });
        return this;
    }

    public Archive Add(TarEntryType type, string path)
    {
        _entries.Add(new PaxTarEntry(type, path));
        return this;
    }

    public byte[] Pack()
    {
        var packed = new MemoryStream();
        using (var zip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        using (var writer = new TarWriter(zip, TarEntryFormat.Pax))
        {
            _entries.ForEach(writer.WriteEntry);
        }
        return packed.ToArray();
    }
}
