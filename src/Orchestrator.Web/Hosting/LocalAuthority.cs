using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Orchestrator.Data;

namespace Orchestrator.Web.Hosting;

/// <summary>A certificate for HTTPS on a machine that has none: signed by an authority that is made once, whose public part
/// (<c>tls/ca.pem</c>) people give to their terraform as <c>SSL_CERT_FILE</c>. Private keys rest encrypted.</summary>
internal sealed partial class LocalAuthority(
    DataDirectory data, SecretBox secrets, TimeProvider clock, IConfiguration settings, ILogger<LocalAuthority> logger)
{
    private static readonly TimeSpan AuthorityLife = TimeSpan.FromDays(3650);

    // The longest that clients accept of a server.
    private static readonly TimeSpan ServerLife = TimeSpan.FromDays(397);
    private static readonly TimeSpan RenewBefore = TimeSpan.FromDays(30);

    private readonly Lock _lock = new();
    private X509Certificate2? _certificate;

    /// <summary>False where Kestrel's own settings name a certificate, such as <c>Kestrel__Certificates__Default__Path</c>.</summary>
    public bool IsNeeded => !HasCertificate(settings);

    public string AuthorityFile => Path.Combine(data.Tls, "ca.pem");

    /// <summary>For <c>localhost</c>, this machine's name, and loopback.</summary>
    public X509Certificate2 ServerCertificate
    {
        get
        {
            lock (_lock)
            {
                if (_certificate is null || _certificate.NotAfter.ToUniversalTime() < clock.GetUtcNow().UtcDateTime + RenewBefore)
                {
                    _certificate = Load("server") ?? MakeServer();
                }
                return _certificate;
            }
        }
    }

    /// <summary>Whether whoever runs the server has a certificate of their own.</summary>
    public static bool HasCertificate(IConfiguration settings)
    {
        var kestrel = settings.GetSection("Kestrel");
        return kestrel.GetSection("Certificates:Default").Exists()
            || kestrel.GetSection("Endpoints").GetChildren().Any(endpoint =>
                endpoint.GetSection("Certificate").Exists() || endpoint.GetSection("Sni").Exists());
    }

    private X509Certificate2 MakeServer()
    {
        using var authority = Load("ca") ?? MakeAuthority();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost, O=Orchestrator", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddDnsName(Environment.MachineName);
        names.AddIpAddress(System.Net.IPAddress.Loopback);
        names.AddIpAddress(System.Net.IPAddress.IPv6Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        var (from, to) = Period(ServerLife);
        using var signed = request.Create(authority, from, to, RandomNumberGenerator.GetBytes(16));
        return Save("server", signed.CopyWithPrivateKey(key));
    }

    private X509Certificate2 MakeAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=Orchestrator local authority of {Environment.MachineName}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var (from, to) = Period(AuthorityLife);
        var authority = Save("ca", request.CreateSelfSigned(from, to));
        File.WriteAllText(AuthorityFile, authority.ExportCertificatePem());
        return authority;
    }

    private (DateTimeOffset From, DateTimeOffset To) Period(TimeSpan life)
    {
        var now = clock.GetUtcNow();
        return (now.AddHours(-1), now + life);
    }

    private X509Certificate2 Save(string name, X509Certificate2 certificate)
    {
        var pkcs12 = certificate.Export(X509ContentType.Pkcs12);
        File.WriteAllBytes(FileOf(name), secrets.Protect(SecretKind.TlsKey, Path.GetFileName(FileOf(name)), pkcs12));
        CryptographicOperations.ZeroMemory(pkcs12);
        certificate.Dispose();
        return Load(name)!;
    }

    /// <summary>Null when there is none, or none that this installation can open any more: 'secrets rotate --delete-old' on one machine reaches the
    /// rows of all, and the files of its own.</summary>
    private X509Certificate2? Load(string name)
    {
        if (!File.Exists(FileOf(name)))
        {
            return null;
        }
        try
        {
            return X509CertificateLoader.LoadPkcs12(
                secrets.Unprotect(SecretKind.TlsKey, Path.GetFileName(FileOf(name)), File.ReadAllBytes(FileOf(name))), null);
        }
        catch (CryptographicException)
        {
            Log.MadeAnew(logger, FileOf(name), AuthorityFile);
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning,
            "{File} cannot be opened with the key ring any more and is made anew. Whoever trusts this machine's authority has to take {Authority} again.")]
        public static partial void MadeAnew(ILogger logger, string file, string authority);
    }

    private string FileOf(string name) => Path.Combine(data.Tls, name + ".sealed");
}
