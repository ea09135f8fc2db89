using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Orchestrator.Data;
using Orchestrator.Terraform;
using Orchestrator.Web.Hosting;
using Orchestrator.Web.Tests.Cli;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Hosting;

public sealed partial class TlsTests : IDisposable
{
    private readonly string _outside = Directory.CreateTempSubdirectory("orchestrator-tls-test-").FullName;

    private string Data => Path.Combine(_outside, "data");

    [Fact]
    public async Task The_authoritys_file_is_there_before_the_server_listens_at_its_usual_addresses()
    {
        await using var app = await WebServer.BuildAsync([], builder =>
        {
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Orchestrator:DataDirectory"] = Data });
            builder.Logging.ClearProviders();
        });

        using var authority = X509Certificate2.CreateFromPem(await File.ReadAllTextAsync(Path.Combine(Data, "tls", "ca.pem"), CancellationToken.None));
        Assert.Contains("Orchestrator local authority", authority.Subject, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_authority_that_the_key_ring_opens_no_more_is_made_anew_and_said_to_be()
    {
        var platform = await SharedPlatforms.OfAsync();
        using var directory = DataDirectory.Beside(new DataOptions { DataDirectory = Data });
        var logs = new RecordedLogs();
        using var loggers = LoggerFactory.Create(builder => builder.AddProvider(logs));
        LocalAuthority Start() => new(
            directory, platform.Get<SecretBox>(), TimeProvider.System, new ConfigurationBuilder().Build(), loggers.CreateLogger<LocalAuthority>());
        using var first = Start().ServerCertificate;
        using var known = Start().ServerCertificate;
        Assert.Equal(first.Thumbprint, known.Thumbprint);
        Assert.Empty(logs.Warnings);

        // By a key that was destroyed with a rotation on another machine: the key's id stands after four bytes.
        foreach (var file in Directory.GetFiles(directory.Tls, "*.sealed"))
        {
            var bytes = await File.ReadAllBytesAsync(file, CancellationToken.None);
            Guid.NewGuid().TryWriteBytes(bytes.AsSpan(4));
            await File.WriteAllBytesAsync(file, bytes, CancellationToken.None);
        }
        using var anew = Start().ServerCertificate;

        Assert.NotEqual(first.Thumbprint, anew.Thumbprint);
        using var authority = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(directory.Tls, "ca.pem"));
        Assert.Equal(authority.Subject, anew.Issuer);
        using var chain = new X509Chain();
        (chain.ChainPolicy.TrustMode, chain.ChainPolicy.RevocationMode) = (X509ChainTrustMode.CustomRootTrust, X509RevocationMode.NoCheck);
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        Assert.True(chain.Build(anew));
        Assert.Contains(logs.Warnings, warning => warning.Contains("made anew", StringComparison.Ordinal));
    }

    [Fact]
    public async Task From_a_fresh_data_directory_terraform_logs_in_at_once_with_what_the_server_prints()
    {
        await using var server = Start(FreePort());
        var printed = await WaitForAsync(server, PrintedLine());
        var home = Directory.CreateDirectory(Path.Combine(_outside, "home")).FullName;

        await using var login = new RunningCli(["login", printed.Groups["host"].Value], home, new Dictionary<string, string>
        {
            ["HOME"] = home,
            ["PATH"] = Environment.GetEnvironmentVariable("PATH")!,
            ["SSL_CERT_FILE"] = printed.Groups["file"].Value,
            ["CHECKPOINT_DISABLE"] = "1",
        });

        // It asks only when it has read, over TLS, what the server offers.
        await login.WaitForAsync("using OAuth");
        await login.WaitForAsync("Do you want to proceed?");
    }

    [Fact]
    public async Task A_certificate_of_ones_own_is_used_instead()
    {
        var (certificate, key) = (Path.Combine(_outside, "own.pem"), Path.Combine(_outside, "own.key"));
        using (var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256))
        {
            var request = new CertificateRequest("CN=terraform.example", pair, HashAlgorithmName.SHA256);
            var now = TimeProvider.System.GetUtcNow();
            using var own = request.CreateSelfSigned(now.AddHours(-1), now.AddHours(1));
            await File.WriteAllTextAsync(certificate, own.ExportCertificatePem(), CancellationToken.None);
            await File.WriteAllTextAsync(key, pair.ExportPkcs8PrivateKeyPem(), CancellationToken.None);
        }
        var port = FreePort();

        await using var server = Start(
            port, ("Kestrel__Certificates__Default__Path", certificate), ("Kestrel__Certificates__Default__KeyPath", key));
        await WaitForAsync(server, SignInLine());

        Assert.Equal("CN=terraform.example", await PresentedAsync(port));
        Assert.DoesNotContain("SSL_CERT_FILE", server.Said, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(Data, "tls", "ca.pem")));
    }

    public void Dispose() => DirectoryRemoval.Remove(_outside);

    private ServerProcess Start(int port, params (string, string)[] environment) =>
        ServerProcess.Run(Data, ["--urls", $"http://127.0.0.1:0;https://localhost:{port}"], environment);

    private static async Task<Match> WaitForAsync(ServerProcess server, Regex line)
    {
        await Wait.UntilAsync($"{line} from the server", () => line.IsMatch(server.Said));
        return line.Match(server.Said);
    }

    /// <summary>The name "localhost" takes no port of the system's choice.</summary>
    private static int FreePort()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task<string> PresentedAsync(int port)
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync("127.0.0.1", port);
        // Nobody trusts this one; it is looked at.
        await using var secure = new SslStream(connection.GetStream(), false, (_, shown, _, _) => shown is not null && shown.Subject == shown.Issuer);
        await secure.AuthenticateAsClientAsync("terraform.example");
        return secure.RemoteCertificate!.Subject;
    }

    [GeneratedRegex(@"For the terraform CLI: https://(?<host>\S+) with SSL_CERT_FILE=(?<file>\S+)")]
    private static partial Regex PrintedLine();

    [GeneratedRegex("Sign in \\(once")]
    private static partial Regex SignInLine();
}
