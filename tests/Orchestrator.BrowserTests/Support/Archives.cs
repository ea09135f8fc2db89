using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace Orchestrator.BrowserTests.Support;

/// <summary>Configurations as people upload them. They need no provider: terraform_data is built in.</summary>
internal static class Archives
{
    /// <summary>Says a line, waits for the file, says another: so a test decides when terraform goes on.</summary>
    public static byte[] Waiting(string file, string first = "before the gate", string last = "after the gate") => Of($$"""
        resource "terraform_data" "gate" {
          input = "gate"
          provisioner "local-exec" {
            command = "echo '{{first}}'; while [ ! -e {{file}} ]; do sleep 0.05; done; echo '{{last}}'"
          }
        }
        """);

    public static byte[] Of(string configuration, string name = "main.tf") => Of((name, configuration));

    public static byte[] Of(params (string Name, string Text)[] files)
    {
        using var packed = new MemoryStream();
        using (var zipped = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        using (var archive = new TarWriter(zipped))
        {
            foreach (var (name, text) in files)
            {
                archive.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name)
                {
                    DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)),
                });
            }
        }
        return packed.ToArray();
    }
}
