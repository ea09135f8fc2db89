using System.Text.Json.Nodes;

namespace Orchestrator.Web.Tests.Support;

/// <summary>The samples' account, and beside it the roles that tests need: one that trusts every workspace of <c>acme</c>, one that
/// trusts another workspace, and one in an account that does not know the issuer.</summary>
internal static class Accounts
{
    public const string Plan = "arn:aws:iam::123456789012:role/orchestrator-plan";
    public const string Apply = "arn:aws:iam::123456789012:role/orchestrator-apply";
    public const string Trusting = "arn:aws:iam::123456789012:role/trusting";
    public const string TrustingToo = "arn:aws:iam::123456789012:role/trusting-too";
    public const string TrustingTags = "arn:aws:iam::123456789012:role/trusting-tags";

    /// <summary>May write, in both phases.</summary>
    public const string Writing = "arn:aws:iam::123456789012:role/writing";
    public const string TrustsAnother = "arn:aws:iam::123456789012:role/trusts-another";
    public const string InAnotherAccount = "arn:aws:iam::210987654321:role/without-provider";

    public static string Write(string directory)
    {
        var document = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "samples", "accounts.json")))!;
        var account = document["accounts"]![0]!;
        account["roles"]!.AsArray().Add(Role("trusting", "123456789012", "organization:acme:project:*:workspace:*:run_phase:*"));
        account["roles"]!.AsArray().Add(Role("trusting-too", "123456789012", "organization:acme:project:*:workspace:*:run_phase:*"));
        account["roles"]!.AsArray().Add(Role("writing", "123456789012", "organization:acme:project:*:workspace:*:run_phase:*", ["s3:*"]));
        account["roles"]!.AsArray().Add(Role("trusting-tags", "123456789012", "organization:acme:project:*:workspace:*:run_phase:*",
            trusts: ["sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity"]));
        account["roles"]!.AsArray().Add(Role("trusts-another", "123456789012", "organization:acme:project:Default Project:workspace:another:run_phase:plan"));
        document["accounts"]!.AsArray().Add(new JsonObject
        {
            ["id"] = "210987654321",
            ["roles"] = new JsonArray(Role("without-provider", "210987654321", "*")),
        });
        var file = Path.Combine(directory, "accounts.json");
        File.WriteAllText(file, document.ToJsonString());
        return file;
    }

    private static JsonObject Role(string name, string account, string subject, string[]? may = null, string[]? trusts = null) => new()
    {
        ["name"] = name,
        ["trustPolicy"] = new JsonObject
        {
            ["Version"] = "2012-10-17",
            ["Statement"] = new JsonArray(new JsonObject
            {
                ["Effect"] = "Allow",
                ["Principal"] = new JsonObject { ["Federated"] = $"arn:aws:iam::{account}:oidc-provider/${{issuer_host}}" },
                ["Action"] = List(trusts ?? ["sts:AssumeRoleWithWebIdentity"]),
                ["Condition"] = new JsonObject
                {
                    ["StringEquals"] = new JsonObject { ["${issuer_host}:aud"] = "aws.workload.identity" },
                    ["StringLike"] = new JsonObject { ["${issuer_host}:sub"] = subject },
                },
            }),
        },
        ["permissions"] = new JsonArray(new JsonObject
        {
            ["Version"] = "2012-10-17",
            ["Statement"] = new JsonArray(new JsonObject { ["Effect"] = "Allow", ["Action"] = List(may ?? ["s3:GetObject", "s3:ListBucket"]), ["Resource"] = "*" }),
        }),
    };

    private static JsonArray List(string[] values) => [.. values.Select(value => JsonValue.Create(value))];
}
