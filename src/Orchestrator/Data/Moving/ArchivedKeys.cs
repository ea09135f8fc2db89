using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Data.Secrets;

namespace Orchestrator.Data.Moving;

/// <summary>What a row of the key ring's table, or a file of its directory, holds.</summary>
/// <param name="Name">Such as <c>key-…</c>; what the file is called without its ending.</param>
internal sealed record RingElement(string Name, string Xml);

/// <summary>The key ring's elements under a passphrase: AES-256-GCM, with a key from PBKDF2-SHA256.</summary>
internal sealed record EncryptedKeys(int Iterations, byte[] Salt, byte[] Nonce, byte[] Tag, byte[] Cipher);

/// <summary>A passphrase, from a file: nobody sees it among the processes.</summary>
public sealed class ArchivePassphrase
{
    public const int MinLength = 12;

    private readonly string _text;

    private ArchivePassphrase(string text) => _text = text;

    /// <summary>As OWASP asks for; a test has no time for so many.</summary>
    internal int Iterations { get; set; } = 600_000;

    /// <exception cref="ArchiveException">The file cannot be read, or what is in it is too short.</exception>
    public static ArchivePassphrase Read(string path)
    {
        string text;
        try
        {
            text = File.ReadAllText(path).TrimEnd('\r', '\n');
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new ArchiveException($"The file of the passphrase cannot be read: {unreadable.Message}", unreadable);
        }
        return text.Length >= MinLength
            ? new ArchivePassphrase(text)
            : throw new ArchiveException($"The passphrase in {path} has {text.Length} characters; {MinLength} are the least. 'openssl rand -base64 32' prints a good one.");
    }

    internal byte[] Derive(byte[] salt, int iterations) =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(_text), salt, iterations, HashAlgorithmName.SHA256, 32);
}

/// <summary>The key ring in an archive. Everything secret in the archive is encrypted with it, so it never lies beside that in the clear.</summary>
internal static partial class ArchivedKeys
{
    public const string WrappedEntry = "keys/ring.json";
    public const string EncryptedEntry = "keys/ring.encrypted.json";

    private const int MaxIterations = 10_000_000;

    private static readonly byte[] Purpose = "Orchestrator.Archive.Keys.v1"u8.ToArray();

    public static bool AreWrapped(IEnumerable<RingElement> ring) => !ring.Any(element => SecretCheck.IsUnwrapped(element.Xml));

    public static (string Name, byte[] Content) EntryOf(IReadOnlyList<RingElement> ring, ArchivePassphrase? passphrase)
    {
        var plain = JsonSerializer.SerializeToUtf8Bytes(ring, ArchiveJson.Default.IReadOnlyListRingElement);
        if (passphrase is null)
        {
            return (WrappedEntry, plain);
        }
        var (salt, nonce) = (RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(AesGcm.NonceByteSizes.MaxSize));
        var (cipher, tag) = (new byte[plain.Length], new byte[AesGcm.TagByteSizes.MaxSize]);
        using var aes = new AesGcm(passphrase.Derive(salt, passphrase.Iterations), tag.Length);
        aes.Encrypt(nonce, plain, cipher, tag, Purpose);
        CryptographicOperations.ZeroMemory(plain);
        return (EncryptedEntry, JsonSerializer.SerializeToUtf8Bytes(new EncryptedKeys(passphrase.Iterations, salt, nonce, tag, cipher), ArchiveJson.Default.EncryptedKeys));
    }

    /// <exception cref="ArchiveException">The passphrase is missing or wrong, or the entry is none of ours.</exception>
    public static IReadOnlyList<RingElement> Read(string entry, byte[] content, ArchivePassphrase? passphrase)
    {
        try
        {
            var plain = entry == WrappedEntry ? content : Decrypt(JsonSerializer.Deserialize(content, ArchiveJson.Default.EncryptedKeys)!, passphrase);
            var ring = JsonSerializer.Deserialize(plain, ArchiveJson.Default.IReadOnlyListRingElement)!;
            // They become names of files.
            return ring.All(element => ElementName().IsMatch(element.Name)) ? ring : throw new JsonException();
        }
        catch (JsonException wrong)
        {
            throw new ArchiveException($"The archive's entry {entry} holds no key ring: this program has not written it.", wrong);
        }
    }

    private static byte[] Decrypt(EncryptedKeys keys, ArchivePassphrase? passphrase)
    {
        if (passphrase is null)
        {
            throw new ArchiveException("The archive's keys are encrypted by a passphrase. Give the file that has it: --passphrase-file FILE");
        }
        if (keys.Iterations is < 1 or > MaxIterations || keys.Tag.Length != AesGcm.TagByteSizes.MaxSize || keys.Nonce.Length != AesGcm.NonceByteSizes.MaxSize)
        {
            throw new JsonException();
        }
        var plain = new byte[keys.Cipher.Length];
        try
        {
            using var aes = new AesGcm(passphrase.Derive(keys.Salt, keys.Iterations), keys.Tag.Length);
            aes.Decrypt(keys.Nonce, keys.Cipher, keys.Tag, plain, Purpose);
        }
        catch (CryptographicException wrong)
        {
            throw new ArchiveException("The passphrase is not the one that the archive's keys were encrypted by.", wrong);
        }
        return plain;
    }

    /// <summary>Whether this installation's settings unwrap every key of the ring.</summary>
    /// <exception cref="ArchiveException">They do not.</exception>
    public static void CheckThatTheyOpen(IReadOnlyList<RingElement> ring, IConfigurationSection settings)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        KeyRingSetup.Protect(services.AddDataProtection(), settings);
        services.Configure<KeyManagementOptions>(keys => (keys.XmlRepository, keys.AutoGenerateKeys) = (new Elements(ring), false));
        using var provider = services.BuildServiceProvider();
        foreach (var key in provider.GetRequiredService<IKeyManager>().GetAllKeys().Where(key => !key.IsRevoked))
        {
            try
            {
                key.CreateEncryptor();
            }
            catch (Exception wrong) when (wrong is CryptographicException or KeyRingException or InvalidOperationException or FormatException)
            {
                throw new ArchiveException(
                    $"The archive's key ring does not open here ({(wrong as KeyRingException ?? wrong.InnerException as KeyRingException)?.Message ?? wrong.Message}). "
                    + "Give this installation what wraps the key ring of the one that was exported (Orchestrator__KeyRing__…).", wrong);
            }
        }
    }

    [GeneratedRegex(@"\A[A-Za-z0-9_-]{1,100}\z")]
    private static partial Regex ElementName();

    private sealed class Elements(IReadOnlyList<RingElement> ring) : IXmlRepository
    {
        public IReadOnlyCollection<XElement> GetAllElements() => [.. ring.Select(element => XElement.Parse(element.Xml))];

        public void StoreElement(XElement element, string friendlyName) => throw new NotSupportedException();
    }
}
