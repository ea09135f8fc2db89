using System.Text.RegularExpressions;
using Npgsql;
using Orchestrator.Runs;
using Orchestrator.Terraform;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Faults;

/// <summary>What must be true of every run that has ended, whatever was done to whom meanwhile.</summary>
internal sealed partial class Oracle(Cluster cluster)
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(150);
    public static readonly TimeSpan Look = TimeSpan.FromMilliseconds(3);

    /// <returns>What is wrong with it.</returns>
    public async Task<IReadOnlyList<string>> JudgeAsync(TestRun run)
    {
        var complaints = new List<string>();
        if (await cluster.AskAsync<long>("""SELECT count(*) FROM "RunTokens" WHERE "RunId" = @id AND "RevokedAt" IS NULL""", run.Id) > 0)
        {
            complaints.Add("a run token is alive");
        }
        foreach (var table in new[] { "Plans", "Applies" })
        {
            var begun = $"""FROM "{table}" WHERE "RunId" = @id AND "StartedAt" IS NOT NULL""";
            var receipt = WipeReceipt.Parse(await cluster.AskAsync<string>($"""SELECT "WipeReceiptJson" {begun} AND "Status" <> 'unreachable'""", run.Id));
            if (receipt is null ? await cluster.AskAsync<long>($"SELECT count(*) {begun}", run.Id) > 0 : !receipt.IsClean)
            {
                complaints.Add($"the receipt in {table} is {receipt?.ToJson() ?? "not there"}");
            }
        }
        if (!await ComesAsync(() => Task.FromResult(
            ProcessTree.Find(run.Id).Count == 0 && !cluster.RunDirectories.Any(directory => Directory.Exists(Path.Combine(directory, run.Id))))))
        {
            complaints.Add("something of it is left on the machine");
        }
        return complaints;
    }

    /// <summary>The addresses of the resources that terraform says it has made, in its order.</summary>
    public static string[] MadeIn(string log) =>
        [.. CreationComplete().Matches(Escapes().Replace(log, "")).Select(match => match.Groups["address"].Value).Distinct()];

    /// <summary>How often terraform may have been started to apply: once more for each time that the API has turned it away before it began.</summary>
    public static int AppliesIn(string log) => log.Split("Waiting for the platform's API").Length;

    /// <summary>Whether it comes true in time.</summary>
    public static async Task<bool> ComesAsync(Func<Task<bool>> condition, TimeSpan? look = null)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(began) > Limit)
            {
                return false;
            }
            await Task.Delay(look ?? Look);
        }
        return true;
    }

    /// <summary>Null while whoever is asked is away.</summary>
    public static async Task<T?> TryAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (Exception away) when (away is HttpRequestException or NpgsqlException or Xunit.Sdk.XunitException or TaskCanceledException)
        {
            return default;
        }
    }

    [GeneratedRegex(@"(?<address>terraform_data\.\w+): Creation complete")]
    private static partial Regex CreationComplete();

    [GeneratedRegex("\u001b\\[[0-9;]*m")]
    private static partial Regex Escapes();
}
