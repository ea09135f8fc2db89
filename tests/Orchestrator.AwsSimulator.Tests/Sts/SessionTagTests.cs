using System.Text.Json.Nodes;
using Orchestrator.AwsSimulator.Tests.Drivers;

namespace Orchestrator.AwsSimulator.Tests.Sts;

/// <summary>Tags and source identity that a token carries into its session.</summary>
public sealed class SessionTagTests
{
    private const string Tags = "https://aws.amazon.com/tags";
    private const string SourceIdentity = "https://aws.amazon.com/source_identity";
    private const string AllActions = """["sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity"]""";

    [Fact]
    public async Task Tags_need_TagSession()
    {
        await using var simulation = await Simulation.StartAsync();

        var refusal = await simulation.RefusedAsync(Tagged(simulation, "net"));

        Assert.Equal("AccessDenied", refusal.ErrorCode);
        Assert.Equal("Not authorized to perform sts:TagSession", refusal.Message);
    }

    [Fact]
    public async Task A_source_identity_needs_SetSourceIdentity()
    {
        await using var simulation = await Simulation.StartAsync();

        var refusal = await simulation.RefusedAsync(simulation.Issuer.Token().With(SourceIdentity, "alice@example.com"));

        Assert.Equal("Not authorized to perform sts:SetSourceIdentity", refusal.Message);
    }

    [Fact]
    public async Task The_source_identity_is_answered_and_audited()
    {
        await using var simulation = await Simulation.StartAsync(new Setup { TrustActions = AllActions });

        var answer = await simulation.ExchangeAsync(simulation.Issuer.Token().With(SourceIdentity, "alice@example.com").ToString());

        Assert.Equal("alice@example.com", answer.SourceIdentity);
        Assert.Equal("alice@example.com", simulation.Activity.Events[^1].ResponseElements["sourceIdentity"]);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("aws:root")]
    [InlineData("with space")]
    public async Task A_source_identity_outside_the_alphabet_is_refused(string identity)
    {
        await using var simulation = await Simulation.StartAsync(new Setup { TrustActions = AllActions });

        Assert.Equal(
            "InvalidIdentityToken", (await simulation.RefusedAsync(simulation.Issuer.Token().With(SourceIdentity, identity))).ErrorCode);
    }

    [Theory]
    [InlineData("net", true)]
    [InlineData("other", false)]
    public async Task A_trust_policy_can_ask_for_a_tag(string workspace, bool allowed)
    {
        await using var simulation = await Simulation.StartAsync(new Setup
        {
            TrustActions = AllActions,
            Conditions = """{ "StringEquals": { "aws:RequestTag/terraform:workspace": "net" } }""",
        });

        var token = Tagged(simulation, workspace);
        if (allowed)
        {
            await simulation.AssumeAsync(token);
        }
        else
        {
            await simulation.RefusedAsync(token);
        }
    }

    [Fact]
    public async Task A_permission_can_be_bound_to_a_tag()
    {
        await using var simulation = await Simulation.StartAsync(new Setup
        {
            TrustActions = AllActions,
            Permissions = """
                { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:PutObject",
                  "Resource": "arn:aws:s3:::data/${aws:PrincipalTag/terraform:workspace}/*" } }
                """,
        });
        var s3 = await simulation.S3Async(Tagged(simulation, "net"));

        Assert.Equal(200, (await s3.PutAsync("/data/net/file", "mine")).Status);
        Assert.Equal(403, (await s3.PutAsync("/data/other/file", "not mine")).Status);
    }

    [Fact]
    public async Task A_star_in_a_tag_is_not_a_wildcard()
    {
        await using var simulation = await Simulation.StartAsync(new Setup
        {
            TrustActions = AllActions,
            RoleExtras = """ "tags": { "team": "*" }, """,
            Permissions = """
                { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:PutObject",
                  "Resource": "arn:aws:s3:::data/${aws:PrincipalTag/team}/*" } }
                """,
        });
        var s3 = await simulation.S3Async();

        Assert.Equal(403, (await s3.PutAsync("/data/net/file", "x")).Status);
    }

    [Fact]
    public async Task The_flat_form_of_tags_is_read_as_well()
    {
        await using var simulation = await Simulation.StartAsync(new Setup { TrustActions = AllActions });

        await simulation.AssumeAsync(simulation.Issuer.Token()
            .With($"{Tags}/principal_tags/team", "core")
            .With($"{Tags}/transitive_tag_keys", new JsonArray("team")));

        Assert.Equal("team=core", simulation.Activity.Events[^1].ResponseElements["principalTags"]);
    }

    [Fact]
    public async Task More_than_fifty_tags_are_refused()
    {
        await using var simulation = await Simulation.StartAsync(new Setup { TrustActions = AllActions });
        var token = simulation.Issuer.Token();
        for (var count = 0; count < 51; count++)
        {
            token.With($"{Tags}/principal_tags/key-{count}", "value");
        }

        Assert.Equal("InvalidIdentityToken", (await simulation.RefusedAsync(token)).ErrorCode);
    }

    [Theory]
    [InlineData("semi;colon", "value")]
    [InlineData("key", "new\nline")]
    public async Task A_tag_outside_the_alphabet_is_refused(string key, string value)
    {
        await using var simulation = await Simulation.StartAsync(new Setup { TrustActions = AllActions });

        var refusal = await simulation.RefusedAsync(simulation.Issuer.Token().With($"{Tags}/principal_tags/{key}", value));

        Assert.Equal("InvalidIdentityToken", refusal.ErrorCode);
    }

    private static TestToken Tagged(Simulation simulation, string workspace) => simulation.Issuer.Token().With(Tags, new JsonObject
    {
        ["principal_tags"] = new JsonObject { ["terraform:workspace"] = new JsonArray(workspace) },
        ["transitive_tag_keys"] = new JsonArray("terraform:workspace"),
    });
}
