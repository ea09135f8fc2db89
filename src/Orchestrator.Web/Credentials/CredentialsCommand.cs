using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.Credentials.Aws.Trust;
using Orchestrator.Data;
using Orchestrator.Web.Api;
using Orchestrator.Web.Api.JsonApi;
using Orchestrator.Web.Hosting;

namespace Orchestrator.Web.Credentials;

/// <summary><c>credentials try</c> asks a running server whether a workspace would get its credentials, and says why not;
/// <c>credentials trust</c> asks it what to create in AWS for that.</summary>
internal static class CredentialsCommand
{
    private const string Usage = """
        credentials try ORGANIZATION/WORKSPACE [--phase plan|apply] [--server URL]
        credentials trust ORGANIZATION/WORKSPACE [--format terraform|cloudformation|json] [--account 123456789012] [--tag TAG] [--server URL]

        try    Asks a running server (default: http://localhost:8080) to mint a token, trade it, and let go of what it got.
        trust  Prints what lets the workspace into an AWS account, and to the error output what to know about it.
        The token for the API is Orchestrator__AdminToken, or the file admin-token in the data directory.
        """;

    /// <returns>0 when every configuration of the workspace got credentials, or the trust was printed; 1 when not.</returns>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter errors)
    {
        if (args is not ["try" or "trust", var workspace, ..] || workspace.Split('/') is not [var organization, var name])
        {
            await errors.WriteLineAsync(Usage);
            return CommandLine.WrongUsage;
        }
        var configuration = WebServer.CreateBuilder(args[2..]).Configuration;
        var server = (configuration["server"] ?? "http://localhost:8080").TrimEnd('/');
        using var http = new HttpClient { BaseAddress = new Uri(server + ApiRoutes.Root + "/") };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync(configuration));
        try
        {
            var found = await SendAsync(http, HttpMethod.Get, $"organizations/{Uri.EscapeDataString(organization)}/workspaces/{Uri.EscapeDataString(name)}", null);
            if (args[0] == "trust")
            {
                return await TellTrustAsync(await SendAsync(http, HttpMethod.Get, TrustOf(found, configuration), null), output, errors);
            }
            var trial = await SendAsync(http, HttpMethod.Post, $"workspaces/{found["id"]}/actions/try-credentials",
                new JsonObject { ["phase"] = configuration["phase"] ?? "plan" });
            return await TellAsync(trial["attributes"]!, output);
        }
        catch (HttpRequestException failed)
        {
            await errors.WriteLineAsync($"{server} did not answer as it should: {failed.Message}");
            return CommandLine.Failed;
        }
    }

    private static async Task<string> TokenAsync(ConfigurationManager configuration)
    {
        var section = configuration.GetSection(WebServer.Section);
        var file = Path.Combine(section.Get<DataOptions>()?.DataDirectory ?? "data", "admin-token");
        return section["AdminToken"] ?? (File.Exists(file) ? (await File.ReadAllTextAsync(file)).Trim() : "");
    }

    private static async Task<JsonNode> SendAsync(HttpClient http, HttpMethod method, string path, JsonObject? body)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, JsonApiResult.MediaType);
        }
        using var answer = await http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode
            ? JsonNode.Parse(text)!["data"]!
            : throw new HttpRequestException($"{(int)answer.StatusCode} {text}");
    }

    private static string TrustOf(JsonNode workspace, ConfigurationManager configuration) =>
        $"workspaces/{workspace["id"]}/credential-trust?filter[format]={Uri.EscapeDataString(configuration["format"] ?? TrustDocument.TerraformFormat)}"
        + $"&filter[account]={Uri.EscapeDataString(configuration["account"] ?? "")}&filter[tag]={Uri.EscapeDataString(configuration["tag"] ?? "")}";

    /// <summary>The texts alone go to the output, so that it can be a file.</summary>
    private static async Task<int> TellTrustAsync(JsonNode trust, TextWriter output, TextWriter errors)
    {
        foreach (var note in trust["attributes"]!["notes"]!.AsArray())
        {
            await errors.WriteLineAsync($"Note: {note}");
        }
        foreach (var document in trust["attributes"]!["documents"]!.AsArray())
        {
            await output.WriteAsync($"{document!["text"]}");
        }
        return 0;
    }

    private static async Task<int> TellAsync(JsonNode trial, TextWriter output)
    {
        await output.WriteLineAsync($"{trial["phase"]} as {trial["subject"]}");
        foreach (var result in trial["results"]!.AsArray())
        {
            var which = result!["tag"] is { } tag ? $"{result["cloud"]} [{tag}]" : $"{result["cloud"]}";
            await output.WriteLineAsync(result["refusal"] is { } refusal ? $"{which}: refused\n{refusal}" : $"{which}: {result["principal"] ?? "granted"}");
            foreach (var line in result["explanation"]!.AsArray())
            {
                await output.WriteLineAsync($"  {line}");
            }
        }
        foreach (var problem in trial["problems"]!.AsArray())
        {
            await output.WriteLineAsync($"{problem}");
        }
        return trial["succeeded"]!.GetValue<bool>() ? 0 : CommandLine.Failed;
    }
}
