using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Orchestrator.Benchmarks.Vcs;

/// <summary>One repository over git's own smart HTTP, and whoever pushes to it.</summary>
internal sealed class GitHost : IAsyncDisposable
{
    public const string Repository = "acme/measured";

    private const string Backend = "/usr/lib/git-core/git-http-backend";

    private readonly WebApplication _app;
    private readonly string _root;
    private int _clones;

    private GitHost(string root)
    {
        _root = root;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(ServeAsync);
    }

    public string Address => _app.Urls.First();

    private string Bare => Path.Combine(_root, Repository);

    private string Work => Path.Combine(_root, "work");

    public static async Task<GitHost> StartAsync(string root)
    {
        var host = new GitHost(root);
        await host._app.StartAsync();
        await GitAsync(root, "init", "-q", "--bare", "-b", "main", host.Bare);
        await GitAsync(root, "clone", "-q", host.Bare, host.Work);
        return host;
    }

    /// <returns>The new commit.</returns>
    public async Task<string> PushAsync(string file, string content)
    {
        await File.WriteAllTextAsync(Path.Combine(Work, file), content);
        await GitAsync(Work, "checkout", "-q", "-B", "main");
        await GitAsync(Work, "add", "-A");
        await GitAsync(Work, "commit", "-q", "-m", "Measured");
        await GitAsync(Work, "push", "-q", "origin", "main");
        return (await GitAsync(Work, "rev-parse", "HEAD")).Trim();
    }

    /// <summary>What anybody's clone of one commit takes.</summary>
    public Task CloneAsync() => GitAsync(_root, "clone", "-q", "--depth=1", $"{Address}/{Repository}", Path.Combine(_root, $"clone-{Interlocked.Increment(ref _clones)}"));

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task<string> GitAsync(string directory, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(
            "git", ["-c", "user.name=Benchmark", "-c", "user.email=benchmark@example.com", "-c", "protocol.file.allow=always", "-C", directory, .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"git {string.Join(' ', arguments)}: {await errors}");
    }

    /// <summary>As RFC 3875 has it: headers as variables, the answer's headers before its body.</summary>
    private async Task ServeAsync(HttpContext context)
    {
        var start = new ProcessStartInfo(Backend) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var (name, value) in new (string, string?)[]
        {
            ("GIT_PROJECT_ROOT", _root), ("GIT_HTTP_EXPORT_ALL", "1"), ("PATH_INFO", context.Request.Path), ("QUERY_STRING", context.Request.QueryString.Value!.TrimStart('?')),
            ("REQUEST_METHOD", context.Request.Method), ("CONTENT_TYPE", context.Request.ContentType), ("HTTP_CONTENT_ENCODING", context.Request.Headers.ContentEncoding),
            ("GIT_PROTOCOL", context.Request.Headers["Git-Protocol"]),
        })
        {
            start.Environment[name] = value;
        }
        using var process = Process.Start(start)!;
        await context.Request.Body.CopyToAsync(process.StandardInput.BaseStream);
        process.StandardInput.Close();
        using var answer = new MemoryStream();
        await process.StandardOutput.BaseStream.CopyToAsync(answer);
        await process.WaitForExitAsync();
        var content = answer.ToArray();
        var end = content.AsSpan().IndexOf("\r\n\r\n"u8);
        foreach (var line in Encoding.ASCII.GetString(content, 0, end).Split("\r\n"))
        {
            var (name, value) = (line[..line.IndexOf(':', StringComparison.Ordinal)], line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim());
            if (name == "Status")
            {
                context.Response.StatusCode = int.Parse(value.Split(' ')[0], CultureInfo.InvariantCulture);
            }
            else
            {
                context.Response.Headers[name] = value;
            }
        }
        await context.Response.Body.WriteAsync(content.AsMemory(end + 4));
    }
}
