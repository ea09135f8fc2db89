using System.Security.Cryptography;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;

namespace Orchestrator.Data.Secrets;

/// <summary>A file with a random key that wraps the key ring: AES-256-GCM, with a key of its own for each wrapping (HKDF-SHA256).</summary>
internal sealed class KeyFile
{
    public const int MinLength = 32;

    private const int KeyLength = 32;

    private readonly byte[] _secret;

    private KeyFile(byte[] secret)
    {
        _secret = secret;
        Fingerprint = Convert.ToHexStringLower(Derive("fingerprint"u8.ToArray()))[..16];
    }

    /// <summary>Tells key files apart, and nothing about the key.</summary>
    public string Fingerprint { get; }

    /// <exception cref="KeyRingException">The file cannot be read, or is too short.</exception>
    public static KeyFile Read(string path)
    {
        byte[] secret;
        try
        {
            secret = File.ReadAllBytes(path);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new KeyRingException($"The key file of the key ring cannot be read ({unreadable.Message}). Check Orchestrator__KeyRing__KeyFile.", unreadable);
        }
        return secret.Length >= MinLength
            ? new KeyFile(secret)
            : throw new KeyRingException($"The key file {path} has {secret.Length} bytes; {MinLength} random ones are the least. 'openssl rand -out FILE 64' makes one.");
    }

    public byte[] Encrypt(byte[] plain)
    {
        var salt = RandomNumberGenerator.GetBytes(KeyLength);
        var nonce = RandomNumberGenerator.GetBytes(AesGcm.NonceByteSizes.MaxSize);
        var (cipher, tag) = (new byte[plain.Length], new byte[AesGcm.TagByteSizes.MaxSize]);
        using var aes = new AesGcm(Derive(salt), tag.Length);
        aes.Encrypt(nonce, plain, cipher, tag);
        return [.. salt, .. nonce, .. tag, .. cipher];
    }

    /// <exception cref="CryptographicException">It was altered.</exception>
    public byte[] Decrypt(byte[] wrapped)
    {
        var (nonceLength, tagLength) = (AesGcm.NonceByteSizes.MaxSize, AesGcm.TagByteSizes.MaxSize);
        if (wrapped.Length < KeyLength + nonceLength + tagLength)
        {
            throw new CryptographicException("The wrapped key is cut off.");
        }
        var parts = wrapped.AsSpan();
        using var aes = new AesGcm(Derive(parts[..KeyLength].ToArray()), tagLength);
        var cipher = parts[(KeyLength + nonceLength + tagLength)..];
        var plain = new byte[cipher.Length];
        aes.Decrypt(parts.Slice(KeyLength, nonceLength), cipher, parts.Slice(KeyLength + nonceLength, tagLength), plain);
        return plain;
    }

    public override string ToString() => $"key file {Fingerprint}";

    private byte[] Derive(byte[] salt) => HKDF.DeriveKey(HashAlgorithmName.SHA256, _secret, KeyLength, salt, "Orchestrator.KeyRing.v1"u8.ToArray());
}

/// <summary>The key files that this process knows, the one that wraps first.</summary>
internal sealed record KeyFiles(IReadOnlyList<KeyFile> All);

internal sealed class KeyFileEncryptor(KeyFile file) : IXmlEncryptor
{
    public static readonly XName Element = "wrappedByKeyFile";

    public EncryptedXmlInfo Encrypt(XElement plaintextElement)
    {
        var plain = System.Text.Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting));
        try
        {
            return new EncryptedXmlInfo(
                new XElement(Element, new XAttribute("file", file.Fingerprint), Convert.ToBase64String(file.Encrypt(plain))), typeof(KeyFileDecryptor));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }
}

/// <summary>Made by the key ring itself, which finds its name in the ring.</summary>
internal sealed class KeyFileDecryptor(IServiceProvider services) : IXmlDecryptor
{
    public XElement Decrypt(XElement encryptedElement)
    {
        var fingerprint = (string?)encryptedElement.Attribute("file");
        var file = (services.GetService(typeof(KeyFiles)) as KeyFiles)?.All.FirstOrDefault(file => file.Fingerprint == fingerprint)
            ?? throw new KeyRingException($"A key of the ring is wrapped by the key file {fingerprint}, which is not configured. Name it under Orchestrator__KeyRing__KeyFile or Orchestrator__KeyRing__Old__0__KeyFile.");
        var plain = file.Decrypt(Convert.FromBase64String(encryptedElement.Value));
        try
        {
            return XElement.Parse(System.Text.Encoding.UTF8.GetString(plain));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }
}

/// <summary>What is to wrap the key ring, or has wrapped it, cannot be used.</summary>
public sealed class KeyRingException(string message, Exception? inner = null) : Exception(message, inner);
