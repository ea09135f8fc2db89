using Microsoft.Extensions.Options;
using Orchestrator.AwsSimulator;
using Orchestrator.AwsSimulator.Configuration;
using Orchestrator.Credentials.Aws;
using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Web.Hosting;

/// <summary>Section <c>Orchestrator:AwsSimulator</c>.</summary>
public sealed class SimulatorOptions
{
    /// <summary>Run the simulator inside this process, and send all AWS traffic there. Only in Development.</summary>
    public bool Enabled { get; set; }

    public string Url { get; set; } = "http://127.0.0.1:8090";

    /// <summary>The shortest session that it gives; AWS's own is 15 minutes. Less shows how sessions are renewed.</summary>
    public TimeSpan MinimumSessionDuration { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>The accounts file. Default: the samples'.</summary>
    public string Config { get; set; } = Path.Combine(AppContext.BaseDirectory, "samples", "accounts.json");
}

/// <summary>Starts the AWS simulator once the issuer it is to trust can be asked, and points the exchange at it.</summary>
internal sealed class Simulator(
    IOptions<SimulatorOptions> options, IOptions<AwsOptions> aws, IOptions<IssuerOptions> issuer) : IHostedLifecycleService, ITrustPolicies
{
    private AwsSimulatorServer? _server;
    private SimulatorConfiguration? _configuration;

    /// <summary>What the simulator was asked and what it refused; null when it does not run.</summary>
    public AwsSimulatorServer? Server => _server;

    public string? Find(string roleArn) => _configuration?.TrustPolicyOf(roleArn);

    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        if (!options.Value.Enabled)
        {
            return;
        }
        _configuration = SimulatorConfiguration.Load(Path.GetFullPath(options.Value.Config), issuer.Value.Issuer);
        _server = AwsSimulatorServer.Build(new AwsSimulatorOptions
        {
            Configuration = _configuration,
            Urls = [options.Value.Url],
            MinimumSessionDuration = options.Value.MinimumSessionDuration,
        });
        await _server.Application.StartAsync(cancellationToken);
        var address = _server.Address.ToString().TrimEnd('/');
        aws.Value.StsEndpoint ??= address;
        aws.Value.S3Endpoint ??= address;
    }

    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
