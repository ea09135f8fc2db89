using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Orchestrator.Tests.Support;

/// <summary>Puts TLS before a stand-in, with a certificate of a private authority.</summary>
internal sealed class TlsDoor : IAsyncDisposable
{
    private static readonly Oid ForServers = new("1.3.6.1.5.5.7.3.1");

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closed = new();
    private readonly X509Certificate2 _certificate;
    private readonly Task _serving;

    public TlsDoor(StandIn behind, X509Certificate2 authority)
    {
        _certificate = Sign(authority);
        _listener.Start();
        _serving = ServeAsync(new Uri(behind.Address));
    }

    public string Address => $"https://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForCertificateAuthority());
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2));
    }

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        await _serving;
        _listener.Dispose();
        _certificate.Dispose();
        _closed.Dispose();
    }

    private static X509Certificate2 Sign(X509Certificate2 authority)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([ForServers], critical: false));
        using var signed = request.Create(authority, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1), [1, 2, 3, 4]);
        return signed.CopyWithPrivateKey(key);
    }

    private async Task ServeAsync(Uri behind)
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(PassOnAsync(await _listener.AcceptTcpClientAsync(_closed.Token), behind));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task PassOnAsync(TcpClient caller, Uri behind)
    {
        using (caller)
        {
            try
            {
                await using var secured = new SslStream(caller.GetStream());
                await secured.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _closed.Token);
                using var inner = new TcpClient();
                await inner.ConnectAsync(behind.Host, behind.Port, _closed.Token);
                await Task.WhenAny(
                    secured.CopyToAsync(inner.GetStream(), _closed.Token), inner.GetStream().CopyToAsync(secured, _closed.Token));
            }
            catch (Exception over) when (over is IOException or AuthenticationException or OperationCanceledException)
            {
                // The caller does not trust the certificate, or one of the two has left.
            }
        }
    }
}
