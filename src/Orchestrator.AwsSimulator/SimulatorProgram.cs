using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Orchestrator.AwsSimulator.Configuration;

namespace Orchestrator.AwsSimulator;

/// <summary>The simulator as a program of its own. (Named, because a project that embeds the simulator has a
/// <c>Program</c> already.)</summary>
internal static class SimulatorProgram
{
    private const int Unusable = 2;

    public static async Task<int> Main(string[] arguments)
    {
        if (arguments is ["--help" or "-h"])
        {
            Console.WriteLine(CommandLine.Usage);
            return 0;
        }

        var (commandLine, problem) = CommandLine.Parse(arguments);
        if (commandLine is null)
        {
            await Console.Error.WriteLineAsync($"{problem}\n\n{CommandLine.Usage}");
            return Unusable;
        }

        try
        {
            await using var simulator = AwsSimulatorServer.Build(OptionsFor(commandLine));
            await ServeAsync(simulator);
            return 0;
        }
        catch (InvalidConfigurationException unusable)
        {
            await Console.Error.WriteLineAsync(unusable.Message);
            return Unusable;
        }
        catch (IOException taken)
        {
            await Console.Error.WriteLineAsync($"Cannot listen on {string.Join(", ", commandLine.Urls)}: {taken.Message}");
            return 1;
        }
    }

    private static AwsSimulatorOptions OptionsFor(CommandLine commandLine)
    {
        var authorities = new X509Certificate2Collection();
        if (commandLine.IssuerAuthority is { } file)
        {
            try
            {
                authorities.ImportFromPemFile(file);
            }
            catch (Exception unreadable) when (unreadable is CryptographicException or IOException or UnauthorizedAccessException)
            {
                throw new InvalidConfigurationException($"{file}: is not a readable PEM file: {unreadable.Message}");
            }
        }

        return new AwsSimulatorOptions
        {
            Configuration = SimulatorConfiguration.Load(commandLine.Config, commandLine.Issuer),
            Urls = commandLine.Urls,
            IssuerAuthorities = authorities,
            ConfigureLogging = logging => logging
                .AddSimpleConsole(console => console.SingleLine = true)
                .AddFilter("Microsoft", LogLevel.Warning)
                // A failed start is told in one sentence, not in a stack trace as well.
                .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None),
        };
    }

    private static async Task ServeAsync(AwsSimulatorServer simulator)
    {
        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, pressed) =>
        {
            pressed.Cancel = true;
            stop.Cancel();
        };
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            stop.Cancel();
        });

        await simulator.StartAsync(stop.Token);
        Console.WriteLine($"The AWS simulator listens on {string.Join(", ", simulator.Application.Urls)}");
        Console.WriteLine($"Events: {simulator.Address}_simulator/events  refusals explained: {simulator.Address}_simulator/explain");
        await simulator.Application.WaitForShutdownAsync(stop.Token);
    }
}
