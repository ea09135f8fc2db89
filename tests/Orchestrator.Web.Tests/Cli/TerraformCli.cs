using System.Text.Json.Nodes;
using Orchestrator.Terraform;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Cli;

/// <summary>The real terraform, as a person uses it: with a working directory and a home of its own, the server's authority as the only
/// one it trusts, and nothing of this process's environment but the path.</summary>
internal sealed class TerraformCli : IDisposable
{
    private readonly string _root = System.IO.Directory.CreateTempSubdirectory("orchestrator-cli-").FullName;
    private readonly Dictionary<string, string> _environment = new(StringComparer.Ordinal);

    /// <param name="token">What <c>terraform login</c> would have stored; null for somebody who has not logged in.</param>
    public TerraformCli(Platform platform, string? token = Platform.AdminToken)
    {
        Host = $"localhost:{platform.SecureAddress.Port}";
        System.IO.Directory.CreateDirectory(Directory);
        // Terraform makes it when it looks for a newer version of itself, and takes it for granted when it logs in.
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(CredentialsFile)!);
        Set("HOME", Home);
        Set("PATH", Environment.GetEnvironmentVariable("PATH")!);
        Set("SSL_CERT_FILE", platform.AuthorityFile);
        Set("CHECKPOINT_DISABLE", "1");
        if (token is not null)
        {
            LogIn(token);
        }
    }

    /// <summary>The server's name in a <c>cloud</c> block.</summary>
    public string Host { get; }

    /// <summary>Where terraform runs and its configuration lies.</summary>
    public string Directory => Path.Combine(_root, "work");

    public string Home => Path.Combine(_root, "home");

    public string CredentialsFile => Path.Combine(Home, ".terraform.d", "credentials.tfrc.json");

    /// <summary>Sets a variable of its environment; null takes it away.</summary>
    public void Set(string name, string? value)
    {
        if (value is null)
        {
            _environment.Remove(name);
        }
        else
        {
            _environment[name] = value;
        }
    }

    public void LogIn(string token)
    {
        File.WriteAllText(CredentialsFile, new JsonObject
        {
            ["credentials"] = new JsonObject { [Host] = new JsonObject { ["token"] = token } },
        }.ToJsonString());
    }

    public void Write(string path, string content)
    {
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(PathOf(path))!);
        File.WriteAllText(PathOf(path), content);
    }

    public string Read(string path) => File.ReadAllText(PathOf(path));

    public string PathOf(string path) => Path.Combine(Directory, path);

    /// <summary>Writes the configuration's <c>cloud</c> block.</summary>
    /// <param name="workspaces">What stands in its <c>workspaces</c> block, such as <c>tags = ["app"]</c>.</param>
    public void WriteCloud(string organization, string workspaces) => Write("cloud.tf", $$"""
        terraform {
          cloud {
            hostname     = "{{Host}}"
            organization = "{{organization}}"
            workspaces {
              {{workspaces}}
            }
          }
        }
        """);

    public void WriteCloud(TestWorkspace workspace) => WriteCloud(workspace.Organization, $"name = \"{workspace.Name}\"");

    /// <summary>A configuration in that workspace, initialised.</summary>
    public async Task InitAsync(TestWorkspace workspace, string configuration)
    {
        WriteCloud(workspace);
        Write("main.tf", configuration);
        (await RunAsync("init", "-input=false")).Expect(0);
    }

    /// <summary>Runs a command to its end. It gets no input.</summary>
    public async Task<CliAnswer> RunAsync(params string[] arguments)
    {
        await using var running = Start(arguments);
        running.EndInput();
        return await running.EndAsync();
    }

    /// <summary>Starts a command that is asked, answered or interrupted on its way.</summary>
    public RunningCli Start(params string[] arguments) => new(arguments, Directory, _environment);

    public void Dispose() => DirectoryRemoval.Remove(_root);
}
