using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Web.Tests.Support;

/// <summary>What a code host was told through its API.</summary>
internal sealed record ApiCall(string Method, string Path, JsonNode? Body);

/// <summary>A stand-in for a code host: real git over smart HTTP (<c>git http-backend</c>) behind its token, and beside it the part of an API
/// that the platform uses. It refuses whoever does not show the token as git or the API has to show it, and remembers what it is told.</summary>
internal sealed class CodeHost : IAsyncDisposable
{
    private const string Backend = "/usr/lib/git-core/git-http-backend";

    /// <summary>As whom git comes with a token, at one service or another.</summary>
    private static readonly string[] Users = ["x-access-token", "git", "oauth2", "x-token-auth", "orchestrator"];

    private readonly WebApplication _app;
    private readonly string _root = Directory.CreateTempSubdirectory("orchestrator-host-").FullName;
    private readonly ConcurrentDictionary<(string Method, string Path), JsonNode> _answers = new();
    private int _comments;

    private CodeHost(string token)
    {
        Token = token;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(ServeAsync);
    }

    public string Token { get; }

    public string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    /// <summary>The API's calls that were let in, oldest first, without those that only read.</summary>
    public ConcurrentQueue<ApiCall> Told { get; } = new();

    /// <summary>How git introduces itself.</summary>
    public ConcurrentQueue<string> Agents { get; } = new();

    /// <summary>What to answer instead, for whoever wants a host in trouble.</summary>
    public Func<HttpContext, bool>? Trouble { get; set; }

    public static async Task<CodeHost> StartAsync(string? token = null)
    {
        var host = new CodeHost(token ?? Planted.Secret("vcs-token"));
        await host._app.StartAsync();
        return host;
    }

    /// <summary>What the API answers to a question.</summary>
    public void Answer(string path, JsonNode answer) => _answers[("GET", path)] = answer;

    public async Task<TestRepository> CreateAsync(string name)
    {
        var bare = Path.Combine(_root, name + ".git");
        await TestRepository.GitAsync(_root, "init", "-q", "--bare", "-b", "main", bare);
        return await TestRepository.CreateAsync(name, bare);
    }

    /// <summary>The marks of a commit, the last one of each context.</summary>
    public IReadOnlyDictionary<string, string> StatusesOf(string commit) => Told
        .Where(call => call.Path.EndsWith($"/statuses/{commit}", StringComparison.Ordinal))
        .GroupBy(call => call.Body!["context"]!.GetValue<string>())
        .ToDictionary(calls => calls.Key, calls => calls.Last().Body!["state"]!.GetValue<string>());

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        Orchestrator.Terraform.DirectoryRemoval.Remove(_root);
    }

    private async Task ServeAsync(HttpContext context)
    {
        if (Trouble?.Invoke(context) == true)
        {
            return;
        }
        var authorization = context.Request.Headers.Authorization.ToString();
        if (context.Request.Path.StartsWithSegments("/api/v3", out var rest))
        {
            await ServeApiAsync(context, rest.Value!, authorization);
        }
        else if (!Users.Any(user => authorization == Basic(user)))
        {
            context.Response.StatusCode = 401;
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"git\"";
        }
        else
        {
            Agents.Enqueue(context.Request.Headers.UserAgent.ToString());
            await ServeGitAsync(context);
        }
    }

    private string Basic(string user) => $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{Token}"))}";

    private async Task ServeApiAsync(HttpContext context, string path, string authorization)
    {
        if (path.StartsWith("/app/", StringComparison.Ordinal) || path == "/app")
        {
            // Whoever comes as a GitHub App shows a proof of its key, and gets the token.
            await AnswerAsync(context, authorization.Count(letter => letter == '.') == 2 ? 200 : 401, new JsonObject
            {
                ["slug"] = "orchestrator", ["token"] = Token, ["expires_at"] = "2099-01-01T00:00:00Z",
            });
            return;
        }
        if (authorization != $"Bearer {Token}" && authorization != $"token {Token}" && authorization != Basic(""))
        {
            await AnswerAsync(context, 401, new JsonObject { ["message"] = "Bad credentials" });
            return;
        }
        if (context.Request.Method == "GET")
        {
            JsonNode? known = path == "/user" ? new JsonObject { ["login"] = "robot" } : path.EndsWith("/hooks", StringComparison.Ordinal) ? new JsonArray() : null;
            var answer = _answers.GetValueOrDefault(("GET", path)) ?? known;
            await AnswerAsync(context, answer is null ? 404 : 200, answer ?? new JsonObject { ["message"] = "Not Found" });
            return;
        }
        using var reader = new StreamReader(context.Request.Body);
        Told.Enqueue(new ApiCall(context.Request.Method, path, JsonNode.Parse(await reader.ReadToEndAsync())));
        await AnswerAsync(context, context.Request.Method == "POST" ? 201 : 200, new JsonObject { ["id"] = Interlocked.Increment(ref _comments) });
    }

    private static async Task AnswerAsync(HttpContext context, int status, JsonNode answer)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(answer.ToJsonString());
    }

    private async Task ServeGitAsync(HttpContext context)
    {
        var start = new ProcessStartInfo(Backend) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["GIT_PROJECT_ROOT"] = _root;
        start.Environment["GIT_HTTP_EXPORT_ALL"] = "1";
        // Bitbucket Data Center has its repositories below a word of its own.
        start.Environment["PATH_INFO"] = context.Request.Path.Value!.StartsWith("/scm/", StringComparison.Ordinal) ? context.Request.Path.Value[4..] : context.Request.Path.Value;
        start.Environment["QUERY_STRING"] = context.Request.QueryString.Value!.TrimStart('?');
        start.Environment["REQUEST_METHOD"] = context.Request.Method;
        start.Environment["CONTENT_TYPE"] = context.Request.ContentType;
        start.Environment["HTTP_CONTENT_ENCODING"] = context.Request.Headers.ContentEncoding;
        start.Environment["GIT_PROTOCOL"] = context.Request.Headers["Git-Protocol"];
        // Filters are offered, as by every host of today.
        start.Environment["GIT_CONFIG_COUNT"] = "1";
        start.Environment["GIT_CONFIG_KEY_0"] = "uploadpack.allowFilter";
        start.Environment["GIT_CONFIG_VALUE_0"] = "true";
        using var process = Process.Start(start)!;
        var send = Task.Run(async () =>
        {
            await context.Request.Body.CopyToAsync(process.StandardInput.BaseStream);
            process.StandardInput.Close();
        });
        var output = process.StandardOutput.BaseStream;
        string line;
        while ((line = await LineAsync(output)).Length > 0)
        {
            var (name, value) = line.Split(": ", 2) is [var left, var right] ? (left, right) : (line, "");
            if (name == "Status")
            {
                context.Response.StatusCode = int.Parse(value.Split(' ')[0], CultureInfo.InvariantCulture);
            }
            else
            {
                context.Response.Headers[name] = value;
            }
        }
        await output.CopyToAsync(context.Response.Body);
        await send;
        await process.WaitForExitAsync();
    }

    private static async Task<string> LineAsync(Stream stream)
    {
        var line = new StringBuilder();
        var one = new byte[1];
        while (await stream.ReadAsync(one) == 1 && one[0] != '\n')
        {
            line.Append((char)one[0]);
        }
        return line.ToString().TrimEnd('\r');
    }
}

/// <summary>A repository with its work tree, as somebody has it who pushes.</summary>
internal sealed class TestRepository
{
    private readonly string _work;

    private TestRepository(string name, string work) => (Name, _work) = (name, work);

    /// <summary>As the host calls it, such as <c>acme/network</c>.</summary>
    public string Name { get; }

    public static async Task<TestRepository> CreateAsync(string name, string bare)
    {
        var repository = new TestRepository(name, bare + ".work");
        await GitAsync(Path.GetDirectoryName(bare)!, "clone", "-q", bare, repository._work);
        return repository;
    }

    /// <summary>Writes files, commits all that is there, and pushes.</summary>
    /// <returns>The commit's hash.</returns>
    public async Task<string> PushAsync(string message, string branch, params (string Path, string Content)[] files)
    {
        await GitAsync(_work, "checkout", "-q", "-B", branch);
        foreach (var (path, content) in files)
        {
            var target = Path.Combine(_work, path);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            await File.WriteAllTextAsync(target, content);
        }
        return await CommitAsync(message, branch);
    }

    /// <summary>Commits what the caller has put into the work tree, and pushes.</summary>
    public async Task<string> CommitAsync(string message, string branch, bool force = false)
    {
        await GitAsync(_work, "add", "-A");
        await GitAsync(_work, "commit", "-q", "--allow-empty", "-m", message);
        await GitAsync(_work, force ? ["push", "-q", "--force", "origin", branch] : ["push", "-q", "origin", branch]);
        return (await GitAsync(_work, "rev-parse", "HEAD")).Trim();
    }

    public Task<string> RunAsync(params string[] arguments) => GitAsync(_work, arguments);

    public string PathOf(string file) => Path.Combine(_work, file);

    internal static async Task<string> GitAsync(string directory, params string[] arguments)
    {
        var start = new ProcessStartInfo("git", ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "protocol.file.allow=always", "-C", directory, .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"git {string.Join(' ', arguments)}: {await errors}");
        return await output;
    }
}
