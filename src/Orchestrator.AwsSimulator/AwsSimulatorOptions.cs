using System.Security.Cryptography.X509Certificates;
using Orchestrator.AwsSimulator.Configuration;

namespace Orchestrator.AwsSimulator;

/// <summary>How to run one simulator.</summary>
public sealed record AwsSimulatorOptions
{
    /// <summary>Accounts, roles and buckets: <see cref="SimulatorConfiguration.Load"/>.</summary>
    public required SimulatorConfiguration Configuration { get; init; }

    /// <summary>Addresses to listen on; port 0 takes a free one.</summary>
    public IReadOnlyList<string> Urls { get; init; } = ["http://127.0.0.1:0"];

    /// <summary>Decides about tokens, sessions and signatures. Default: the system's clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>The shortest session a caller may ask for. Default: 15 minutes, as at AWS; tests of renewal want less.</summary>
    public TimeSpan MinimumSessionDuration { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How long an issuer may take for its discovery document and keys together. Default: 5 seconds.</summary>
    public TimeSpan IssuerTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Authorities that issuers' certificates have to come from, in place of the system's. Default: none,
    /// which means the system's.</summary>
    public X509Certificate2Collection IssuerAuthorities { get; init; } = [];

    /// <summary>For <c>https</c> addresses. Default: none.</summary>
    public X509Certificate2? ServerCertificate { get; init; }

    /// <summary>The largest object, in bytes. Default: 64 MiB.</summary>
    public int MaxObjectBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Where log messages go. Default: nowhere.</summary>
    public Action<ILoggingBuilder>? ConfigureLogging { get; init; }
}
