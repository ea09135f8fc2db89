using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.Internal;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Orchestrator.Data.Secrets;

/// <summary>Wraps the key ring as the settings say.</summary>
internal static class KeyRingSetup
{
    public const string Section = "KeyRing";

    public static void Protect(IDataProtectionBuilder ring, IConfigurationSection section)
    {
        var services = ring.Services;
        services.AddOptions<KeyRingOptions>().Bind(section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IValidateOptions<KeyRingOptions>, KeyRingValidation>();
        services.AddSingleton(provider => new WatchedKeys(new XmlKeyManager(
            provider.GetRequiredService<IOptions<KeyManagementOptions>>(), provider.GetRequiredService<IActivator>(),
            provider.GetRequiredService<ILoggerFactory>())));
        services.Replace(ServiceDescriptor.Singleton<IKeyManager>(provider => provider.GetRequiredService<WatchedKeys>()));
        services.AddSingleton(provider => new KeyRing(
            provider.GetRequiredService<WatchedKeys>(), provider.GetRequiredService<IOptions<KeyRingOptions>>(), () => ReadAnew(provider)));

        var options = section.Get<KeyRingOptions>() ?? new KeyRingOptions();
        KeyRingWrapping[] all = [options, .. options.Old];
        KeyFile[] files = [.. all.Where(wrapping => wrapping.KeyFile is { Length: > 0 }).Select(wrapping => KeyFile.Read(wrapping.KeyFile!))];
        services.AddSingleton(new KeyFiles(files));
        X509Certificate2[] certificates = [.. all.Where(wrapping => wrapping.CertificatePath is { Length: > 0 }).Select(Certificate)];
        if (certificates.Length > 0)
        {
            ring.UnprotectKeysWithAnyCertificate(certificates);
        }
        if (options.CertificatePath is { Length: > 0 })
        {
            ring.ProtectKeysWithCertificate(certificates[0]);
        }
        else if (options.KeyFile is { Length: > 0 })
        {
            services.Configure<KeyManagementOptions>(keys => keys.XmlEncryptor = new KeyFileEncryptor(files[0]));
        }
    }

    /// <summary>Data Protection keeps the ring that it has read. One of its own, over the same keys, reads it when it is first used, and makes none.</summary>
    private static IDataProtectionProvider ReadAnew(IServiceProvider provider)
    {
        var services = new ServiceCollection();
        services.AddSingleton(provider.GetRequiredService<ILoggerFactory>());
        services.AddDataProtection().SetApplicationName(provider.GetRequiredService<IOptions<DataProtectionOptions>>().Value.ApplicationDiscriminator!)
            .DisableAutomaticKeyGeneration();
        services.Replace(ServiceDescriptor.Singleton<IKeyManager>(provider.GetRequiredService<WatchedKeys>()));
        return services.BuildServiceProvider().GetRequiredService<IDataProtectionProvider>();
    }

    private static X509Certificate2 Certificate(KeyRingWrapping wrapping)
    {
        try
        {
            var certificate = wrapping switch
            {
                { KeyPath: null or "" } => X509CertificateLoader.LoadPkcs12FromFile(wrapping.CertificatePath!, wrapping.Password),
                { Password: { Length: > 0 } password } => X509Certificate2.CreateFromEncryptedPemFile(wrapping.CertificatePath!, password, wrapping.KeyPath),
                _ => X509Certificate2.CreateFromPemFile(wrapping.CertificatePath!, wrapping.KeyPath),
            };
            using var key = certificate.GetRSAPrivateKey();
            return key is not null
                ? certificate
                : throw new KeyRingException($"The certificate {wrapping.CertificatePath} of the key ring has no RSA private key, which wrapping takes.");
        }
        catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new KeyRingException(
                $"The certificate {wrapping.CertificatePath} of the key ring cannot be used ({unusable.Message}). Check Orchestrator__KeyRing__CertificatePath, "
                + "__KeyPath and __Password.", unusable);
        }
    }

    private sealed class KeyRingValidation : IValidateOptions<KeyRingOptions>
    {
        public ValidateOptionsResult Validate(string? name, KeyRingOptions options) =>
            new[] { options }.Concat(options.Old).Any(wrapping => wrapping is { CertificatePath.Length: > 0, KeyFile.Length: > 0 })
                ? ValidateOptionsResult.Fail("Orchestrator__KeyRing names a certificate and a key file. Name the one that is to wrap the key ring there, and "
                    + "the other under Orchestrator__KeyRing__Old__0 when keys may still be wrapped by it.")
                : options.KeyPath is { Length: > 0 } && options.CertificatePath is not { Length: > 0 }
                    ? ValidateOptionsResult.Fail("Orchestrator__KeyRing__KeyPath is the key of a certificate. Set Orchestrator__KeyRing__CertificatePath, too; "
                        + "for a file with a random key, set Orchestrator__KeyRing__KeyFile.")
                    : ValidateOptionsResult.Success;
    }
}
