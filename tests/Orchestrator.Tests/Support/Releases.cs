using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;
using Org.BouncyCastle.Security;
using Orchestrator.Data;

namespace Orchestrator.Tests.Support;

/// <summary>A mirror of releases as publishers lay them out, signed by a key of its own.</summary>
internal sealed class Releases
{
    private readonly PgpKeyPair _key;
    private readonly ConcurrentDictionary<string, byte[]> _files = new();
    private readonly ConcurrentQueue<string> _asked = new();

    public Releases()
    {
        using var rsa = RSA.Create(2048);
        _key = new PgpKeyPair(PublicKeyAlgorithmTag.RsaGeneral, DotNetUtilities.GetRsaKeyPair(rsa), DateTime.UnixEpoch.AddYears(50));
    }

    /// <summary>Where the mirror stands for those who ask it through <see cref="Transport"/>.</summary>
    public static string Address => "https://mirror.example/releases";

    public bool IsAway { get; set; }

    /// <summary>The paths that were asked for, behind the address.</summary>
    public IReadOnlyList<string> Asked => [.. _asked];

    public HttpMessageHandler Transport => new Answers(this);

    public string PublicKey
    {
        get
        {
            using var content = new MemoryStream();
            using (var armor = new ArmoredOutputStream(content))
            {
                _key.PublicKey.Encode(armor);
            }
            return Encoding.ASCII.GetString(content.ToArray());
        }
    }

    public byte[]? this[string path]
    {
        get => _files.GetValueOrDefault(path);
        set
        {
            if (value is null)
            {
                _files.TryRemove(path, out _);
                return;
            }
            _files[path] = value;
        }
    }

    public static string ArchiveOf(EngineKind kind, string version) =>
        $"{Folder(kind, version)}/{Program(kind)}_{version}_linux_{(RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "amd64")}.zip";

    public static string SumsOf(EngineKind kind, string version) => $"{Folder(kind, version)}/{Program(kind)}_{version}_SHA256SUMS";

    public static string SignatureOf(EngineKind kind, string version) => SumsOf(kind, version) + (kind == EngineKind.Tofu ? ".gpgsig" : ".sig");

    public Releases Publish(EngineKind kind, string version, byte[] program)
    {
        using var content = new MemoryStream();
        using (var zip = new ZipArchive(content, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var entry = zip.CreateEntry(Program(kind), CompressionLevel.NoCompression).Open();
            entry.Write(program);
        }
        var archive = ArchiveOf(kind, version);
        _files[archive] = content.ToArray();
        var sums = $"{new string('0', 64)}  another.zip\n{Convert.ToHexStringLower(SHA256.HashData(_files[archive]))}  {Path.GetFileName(archive)}\n";
        _files[SumsOf(kind, version)] = Encoding.ASCII.GetBytes(sums);
        _files[SignatureOf(kind, version)] = Sign(_files[SumsOf(kind, version)]);
        return this;
    }

    public Releases List(EngineKind kind, params string[] versions)
    {
        _files[kind == EngineKind.Tofu ? "api.json" : "terraform/index.json"] = JsonSerializer.SerializeToUtf8Bytes<object>(kind == EngineKind.Tofu
            ? new { versions = versions.Select(version => new { id = "v" + version, files = Array.Empty<string>() }) }
            : new { name = "terraform", versions = versions.ToDictionary(version => version, _ => new { builds = Array.Empty<string>() }) });
        return this;
    }

    public byte[] Sign(byte[] content)
    {
        var generator = new PgpSignatureGenerator(_key.PublicKey.Algorithm, HashAlgorithmTag.Sha512);
        generator.InitSign(PgpSignature.BinaryDocument, _key.PrivateKey);
        generator.Update(content);
        return generator.Generate().GetEncoded();
    }

    private static string Program(EngineKind kind) => kind == EngineKind.Tofu ? "tofu" : "terraform";

    private static string Folder(EngineKind kind, string version) => kind == EngineKind.Tofu ? $"v{version}" : $"terraform/{version}";

    private sealed class Answers(Releases releases) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (releases.IsAway)
            {
                throw new HttpRequestException("Connection refused");
            }
            var path = request.RequestUri!.AbsoluteUri[(Address.Length + 1)..];
            releases._asked.Enqueue(path);
            return Task.FromResult(releases[path] is { } content
                ? new HttpResponseMessage { Content = new ByteArrayContent(content) }
                : new HttpResponseMessage(HttpStatusCode.NotFound));
        }
    }
}
