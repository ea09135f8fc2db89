using Orchestrator.AwsSimulator.Configuration;
using Orchestrator.Data;
using Orchestrator.Data.Moving;
using Orchestrator.Terraform;
using Orchestrator.Web.Access;
using Orchestrator.Web.Audit;
using Orchestrator.Web.Credentials;
using Orchestrator.Web.Demo;
using Orchestrator.Web.Issuer;
using Orchestrator.Web.Telemetry;
using Microsoft.Extensions.Options;
using Orchestrator.Data.Secrets;

namespace Orchestrator.Web.Hosting;

/// <summary>The verbs of the program: <c>serve</c> (the default), <c>web</c>, <c>worker</c>, <c>migrate</c>, <c>retention</c>, <c>export</c>, <c>import</c>, <c>demo</c>, <c>issuer</c>,
/// <c>credentials</c>, <c>users</c>, <c>audit</c>, <c>secrets</c>.</summary>
internal static class CommandLine
{
    public const int Failed = 1;
    public const int WrongUsage = 2;

    // Of serve: does not, and says whether anything is kept in the clear.
    private const string CheckOption = "--check";

    public static async Task<int> RunAsync(string[] args)
    {
        var verb = args is [var first, ..] && !first.StartsWith('-') ? first : "serve";
        var rest = args.Length > 0 && args[0] == verb ? args[1..] : args;
        try
        {
            return verb switch
            {
                "serve" => await ServeAsync(rest),
                "web" => await ListenAsync(await WebServer.BuildWebAsync(rest)),
                "worker" => await WorkAsync(rest),
                "retention" => await RetentionCommand.RunAsync(rest, Console.Out, Console.Error),
                "migrate" => await MigrateCommand.RunAsync(rest, Console.Out, Console.Error),
                "export" => await ExportCommand.RunAsync(rest, Console.Out, Console.Error),
                "import" => await ImportCommand.RunAsync(rest, Console.Out, Console.Error),
                "demo" => await DemoCommand.RunAsync(rest),
                "issuer" => await IssuerCommand.RunAsync(rest, Console.Out, Console.Error),
                "users" => await UsersCommand.RunAsync(rest, Console.Out, Console.Error),
                "secrets" => await SecretsCommand.RunAsync(rest, Console.Out, Console.Error),
                "audit" => await AuditCommand.RunAsync(rest, Console.Out, Console.Error),
                "credentials" => await CredentialsCommand.RunAsync(rest, Console.Out, Console.Error),
                _ => await RefuseAsync(verb),
            };
        }
        catch (Exception problem) when (Explain(problem) is { } explanation)
        {
            await Console.Error.WriteLineAsync(explanation);
            return Failed;
        }
    }

    private static async Task<int> ServeAsync(string[] args)
    {
        if (args.Contains(CheckOption))
        {
            return await SecretsCommand.RunAsync(["check", .. args.Where(argument => argument != CheckOption)], Console.Out, Console.Error);
        }
        return await ListenAsync(await WebServer.BuildAsync(args));
    }

    private static async Task<int> ListenAsync(WebApplication server)
    {
        await using var app = server;
        await app.StartAsync();
        await Welcome.PrintAsync(app.Services, Console.Out);
        StartGarbage.Release(app);
        await app.WaitForShutdownAsync();
        return 0;
    }

    private static async Task<int> WorkAsync(string[] args)
    {
        await using var app = await WebServer.BuildWorkerAsync(args);
        await app.StartAsync();
        Console.Out.WriteLine($"This worker takes runs; health and metrics are at {string.Join(", ", app.Urls)}");
        StartGarbage.Release(app);
        await app.WaitForShutdownAsync();
        return 0;
    }

    private static async Task<int> RefuseAsync(string verb)
    {
        await Console.Error.WriteLineAsync($"'{verb}' is not a verb of Orchestrator. There are: serve (the default), web, worker, migrate, retention, export, import, demo, issuer, credentials, users, audit, secrets.");
        return WrongUsage;
    }

    /// <summary>Null for what is nobody's mistake but ours: then the stack trace is worth more than a sentence.</summary>
    private static string? Explain(Exception problem) => problem switch
    {
        TerraformMissingException or SandboxMissingException or NetworkBlockMissingException or DataDirectoryInUseException
            or InvalidConfigurationException or KeyRingException or SchemaException or ArchiveException or OtlpSettingsException => problem.Message,
        // Names the key, the value and the type.
        InvalidOperationException { Source: "Microsoft.Extensions.Configuration.Binder" } wrong => wrong.Message,
        OptionsValidationException invalid => string.Join(Environment.NewLine, invalid.Failures),
        // EF wraps what it takes for transient, and advises to try again.
        InvalidOperationException { InnerException: Npgsql.NpgsqlException transient } => Explain(transient),
        Npgsql.NpgsqlException unreachable =>
            $"The PostgreSQL database does not answer: {unreachable.Message} Check Orchestrator__Database__ConnectionString.",
        IOException { InnerException: Microsoft.AspNetCore.Connections.AddressInUseException } inUse =>
            $"{inUse.Message} Stop the other program, or choose other addresses with --urls.",
        _ => null,
    };
}
