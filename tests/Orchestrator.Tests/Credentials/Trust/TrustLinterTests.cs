using System.Text.Json;
using CsCheck;
using Orchestrator.Credentials.Aws.Trust;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Credentials.Trust;

public sealed class TrustLinterTests
{
    private const string Host = Policies.Host;

    // The policy, and "severity rule" of everything that is to be said about it, the gravest first.
    public static TheoryData<string, string[]> Subjects => new()
    {
        { Policies.Subject("StringEquals", Policies.Plan), [] },
        { Policies.Subject("StringLike", Policies.Plan), [] },
        { Policies.Subject("ForAnyValue:StringEquals", Policies.Plan), [] },
        { Policies.Subject("StringEqualsIgnoreCase", Policies.Plan), ["Note ignores-case"] },
        { Policies.Subject("StringLike", "*"), ["Danger any-subject", "Warning no-phase"] },
        { Policies.Subject("StringLike", "**?"), ["Danger any-subject", "Warning no-phase"] },
        { Policies.Subject("StringLike", "organization:*"), ["Danger open-organization", "Warning no-phase"] },
        { Policies.Subject("StringLike", "organization:acme*"), ["Danger open-organization", "Warning no-phase"] },
        { Policies.Subject("StringLike", "organization:acme*:run_phase:plan"), ["Danger open-organization"] },
        { Policies.Subject("StringLike", "organization:a?me:project:core:workspace:net-prod:run_phase:plan"), ["Danger open-organization"] },
        { Policies.Subject("StringLike", "*:workspace:net-prod:run_phase:plan"), ["Danger open-organization"] },
        { Policies.Subject("StringLike", "organization:acme:*"), ["Warning wide-subject", "Warning no-phase"] },
        { Policies.Subject("StringLike", "organization:acme:project:*:run_phase:plan"), ["Warning wide-subject"] },
        { Policies.Subject("StringLike", "organization:acme:project:core:workspace:*:run_phase:apply"), ["Warning wide-subject"] },
        { Policies.Subject("StringLike", "organization:acme:project:core*:run_phase:plan"), ["Warning open-name"] },
        { Policies.Subject("StringLike", "organization:acme:project:core:workspace:net*:run_phase:plan"), ["Warning open-name"] },
        { Policies.Subject("StringLike", $"{Policies.Workspace}:*"), ["Warning no-phase"] },
        { Policies.Subject("StringLike", $"{Policies.Workspace}:run_phase:*"), ["Warning no-phase"] },
        { Policies.Subject("StringEquals", Policies.Workspace), ["Warning incomplete-subject"] },
        { Policies.Subject("StringEquals", "organization:acme:workspace:net-prod:run_phase:plan"), ["Note incomplete-subject"] },
        { Policies.Subject("StringEquals", "organization_id:org-aaaaaaaaaaaaaaaa:project_id:prj-bbbbbbbbbbbbbbbb:workspace_id:ws-cccccccccccccccc:run_phase:plan"), [] },
        { Policies.Subject("StringEquals", $"organization:acme:project:{new string('x', 250)}:run_phase:plan"), ["Warning long-subject"] },
        { Policies.Subject("StringEquals", "organization:acme:*"), ["Warning wildcard-in-equals"] },
        { Policies.Subject("StringEqualsIgnoreCase", "organization:acme:*"), ["Warning wildcard-in-equals"] },
        { Policies.Subject("StringEquals", $"${{{Host}:sub}}"), ["Danger variable"] },
        { Policies.Subject("ArnLike", "organization:acme:project:core:workspace:net:run_phase:plan"), ["Warning wrong-type"] },
    };

    // One row for each trap of the condition operators.
    public static TheoryData<string, string[]> Operators => new()
    {
        { Policies.Subject("StringNotEquals", "organization:evil:project:core:workspace:net:run_phase:plan"), ["Danger negated", "Danger missing-sub"] },
        { Policies.Subject("StringNotLike", "organization:evil:*"), ["Danger negated", "Danger missing-sub"] },
        { Policies.And("StringNotLike", $"{Host}:sub", "*:workspace:sandbox:*"), ["Note negated"] },
        { Policies.Subject("StringEqualsIfExists", Policies.Plan), ["Danger if-exists"] },
        { Policies.Subject("ForAllValues:StringLike", Policies.Plan), ["Danger for-all-values"] },
        { Policies.And("ForAnyValue:StringEquals", $"{Host}:amr", "mfa"), [] },
        { Policies.And("ForAllValues:StringEquals", $"{Host}:amr", "mfa"), ["Danger for-all-values"] },
        { Policies.Subject("Null", "false"), ["Danger missing-sub", "Warning null"] },
        { Policies.Subject("Null", "true"), ["Danger missing-sub", "Warning null"] },
        { Policies.Subject("Null", Policies.Plan), ["Danger missing-sub", "Warning null", "Warning null"] },
        { Policies.And("Null", $"{Host}:email", "true"), [] },
        { Policies.And("Null", $"{Host}:terraform_run_phase", "true"), ["Danger ignored-claim"] },
        { Policies.And("Null", $"{Host}:terraform_run_phase", "false"), ["Warning ignored-claim"] },
        { Policies.And("Bool", "aws:SecureTransport", "true"), [] },
        { Policies.And("IpAddress", "aws:SourceIp", "203.0.113.0/24"), [] },
        { Policies.And("StringLike", "sts:RoleSessionName", "run-*"), [] },
        { Policies.And("StringEquals", "aws:RequestTag/terraform:workspace_id", "ws-cccccccccccccccc"), [] },
    };

    // One row for each typical misconfiguration of a role.
    public static TheoryData<string, string[]> Misconfigurations => new()
    {
        { Policies.With(), [] },
        { Policies.With(principal: $$"""{ "Federated": "{{Policies.Provider}}/" }"""), ["Warning wrong-provider"] },
        { Policies.With(principal: """{ "Federated": "arn:aws:iam::123456789012:oidc-provider/Orchestrator.example.com" }"""), ["Warning wrong-provider"] },
        { Policies.With(principal: """{ "Federated": "arn:aws:iam::123456789012:oidc-provider/https://orchestrator.example.com" }"""), ["Warning wrong-provider", "Warning issuer-url"] },
        { Policies.With(principal: """{ "Federated": "arn:aws:iam::123456789012:oidc-provider/orchestrator.example.com:8443" }"""), ["Warning wrong-provider", "Warning issuer-url"] },
        { Policies.With(principal: """{ "Federated": "orchestrator.example.com" }"""), ["Warning wrong-provider"] },
        { Policies.With(principal: """{ "Federated": "arn:aws:iam::210987654321:oidc-provider/orchestrator.example.com" }"""), ["Warning foreign-account"] },
        { Policies.With(principal: """{ "Federated": "arn:aws:iam::ACCOUNT_ID:oidc-provider/orchestrator.example.com" }"""), ["Note placeholder"] },
        { Policies.With(principal: "\"*\""), ["Danger any-principal"] },
        { Policies.With(principal: """{ "AWS": "*" }"""), ["Danger any-principal"] },
        { Policies.With(principal: """{ "Federated": "*" }"""), ["Danger any-principal"] },
        { Policies.With().Replace("\"Principal\"", "\"NotPrincipal\"", StringComparison.Ordinal), ["Danger not-principal"] },
        { Policies.With(action: "\"sts:AssumeRole\""), ["Warning nobody", "Warning wrong-action"] },
        { Policies.With(action: "\"sts:*\""), ["Warning wide-action"] },
        { Policies.With(action: """["sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity"]"""), [] },
        { Policies.With(more: $$""", { "Effect": "Allow", "Principal": { "Federated": "{{Policies.Provider}}" }, "Action": "sts:TagSession" }"""), [] },
        { Policies.With(more: """, { "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::123456789012:root" }, "Action": "sts:AssumeRole" }"""), [] },
        { Policies.With(condition: $$"""{ "StringEquals": { "{{Host}}:sub": "{{Policies.Plan}}" } }"""), ["Warning missing-aud"] },
        { Policies.With(condition: $$"""{ "StringEquals": { "{{Host}}:oaud": "x", "{{Host}}:sub": "{{Policies.Plan}}" } }"""), [] },
        { Policies.With(condition: $$"""{ "StringEquals": { "{{Host}}:aud": "aws.workload.identity" } }"""), ["Danger missing-sub"] },
        { Policies.With(condition: "{}"), ["Danger missing-sub", "Warning missing-aud"] },
        { Policies.And("StringLike", $"{Host}:aud", "aws*"), ["Warning wide-audience"] },
        { Policies.And("StringEquals", $"{Host}:terraform_run_phase", "plan"), ["Warning ignored-claim"] },
        { Policies.And("StringEqualsIfExists", $"{Host}:terraform_run_phase", "plan"), ["Danger ignored-claim", "Danger if-exists"] },
        { Policies.And("ForAllValues:StringEquals", $"{Host}:subject", "organization:acme"), ["Danger ignored-claim", "Danger for-all-values"] },
        { Policies.And("StringEquals", "app.terraform.io:sub", Policies.Plan), ["Warning wrong-key"] },
        { Policies.And("StringEquals", $"https://{Host}:sub", Policies.Plan), ["Warning wrong-key"] },
        { Policies.And("StringEquals", $"{Host}/:sub", Policies.Plan), ["Warning wrong-key"] },
        { Policies.And("StringEquals", "sub", Policies.Plan), ["Warning wrong-key"] },
        { Policies.And("StringEquals", $"{Host.ToUpperInvariant()}:SUB", Policies.Plan), [] },
        { Policies.With(version: "2008-10-17"), ["Note old-version"] },
        { Policies.With(more: Deny("StringEquals", $"{Host}:sub", Policies.Apply)), [] },
        { Policies.With(more: Deny("StringNotLike", $"{Host}:sub", "organization:acme:*")), [] },
        { Policies.With(more: Deny("StringEquals", $"{Host}:terraform_run_phase", "apply")), ["Danger ignored-claim"] },
        { Policies.With(more: Deny("StringNotEquals", $"{Host}:terraform_run_phase", "plan")), ["Warning ignored-claim"] },
        { Policies.With(more: Deny("StringEquals", $"{Host}:sub", "organization:evil:*")), ["Warning wildcard-in-equals"] },
        { Policies.With(more: Filler(2100)), ["Warning too-long"] },
        { Policies.With(more: Filler(4200)), ["Danger too-long"] },
        { """{ "Statement": [] }""", ["Danger unreadable"] },
        { """{ "Statement": """, ["Danger unreadable"] },
        { "arn:aws:iam::123456789012:role/plan", ["Danger unreadable"] },
    };

    [Theory, MemberData(nameof(Subjects)), MemberData(nameof(Operators)), MemberData(nameof(Misconfigurations))]
    public void Everything_that_is_wrong_is_found_and_nothing_else(string policy, string[] findings) =>
        Assert.Equal(findings, TrustLinter.Lint(policy, Policies.Issuer, Policies.Account).Select(Tell));

    [Theory]
    [InlineData("https://orchestrator.example.com", 0)]
    [InlineData("http://orchestrator.example.com", 1)]
    [InlineData("https://orchestrator.example.com:8443", 1)]
    [InlineData("http://localhost:8080", 1)]
    [InlineData("https://orchestrator.example.com/", 1)]
    public void The_issuer_must_be_one_that_a_provider_can_be_made_for(string issuer, int findings) =>
        Assert.Equal(findings, TrustLinter.Lint(Policies.With(), issuer).Count(finding => finding.Rule == "issuer-url"));

    [Fact]
    public void Without_an_issuer_the_policy_is_measured_by_its_own_provider()
    {
        var ofAnother = Policies.With().Replace(Host, "app.terraform.io", StringComparison.Ordinal);

        Assert.Empty(TrustLinter.Lint(ofAnother));
        Assert.NotEmpty(TrustLinter.Lint(ofAnother, Policies.Issuer));
    }

    [Fact]
    public void A_finding_says_where_it_is_and_how_to_mend_it()
    {
        var finding = Assert.Single(TrustLinter.Lint(Policies.And("StringLike", $"{Host}:terraform_run_phase", "plan"), Policies.Issuer));

        Assert.Equal("$.Statement[0].Condition.StringLike['orchestrator.example.com:terraform_run_phase']", finding.Place);
        Assert.Equal(
            "AWS ignores the claim terraform_run_phase: of this issuer's tokens it offers only aud, sub, oaud, amr, email. "
            + "The condition is true for no token.", finding.Problem);
        Assert.Equal("The phase is the end of the subject: match orchestrator.example.com:sub with a value that ends in ':run_phase:plan' or ':run_phase:apply'.", finding.Mend);
    }

    [Fact]
    public void A_prefix_of_an_organisations_name_is_told_with_an_example_of_who_gets_in()
    {
        var finding = TrustLinter.Lint(Policies.Subject("StringLike", "organization:acme*"), Policies.Issuer)[0];

        Assert.Equal("'organization:acme*' also matches organisations that are named 'acme-evil' and the like.", finding.Problem);
    }

    [Fact]
    public void What_is_no_policy_is_told_with_its_place() =>
        Assert.Equal(
            "$.Statement[0].Efect: This is not a trust policy: unknown member; known here are Sid, Effect, Principal, NotPrincipal, Action, NotAction, Condition.",
            TrustLinter.Lint("""{ "Statement": [{ "Efect": "Allow" }] }""").Select(finding => $"{finding.Place}: {finding.Problem}").Single());

    /// <summary>Whatever a policy is made of: when the linter sees no danger, another organisation's token stays outside.</summary>
    [Fact]
    public void Without_a_danger_no_other_organisation_gets_in()
    {
        var comparison = Gen.OneOf(
            "StringEquals", "StringLike", "StringEqualsIgnoreCase", "StringNotEquals", "StringNotLike", "StringEqualsIfExists", "StringLikeIfExists",
            "ForAnyValue:StringLike", "ForAllValues:StringLike", "ForAllValues:StringNotLike", "ForAnyValue:StringNotLike", "Null", "ArnLike");
        var key = Gen.OneOf("sub", "subject", "aud", "terraform_run_phase", "email").Select(claim => $"{Host}:{claim}");
        var piece = Gen.OneOf(
            "organization", "acme", "acme*", "a??e", ":", ":", ":", "*", "?", "project:core", "workspace:net", "run_phase:plan", "${sts:RoleSessionName}", "true");
        var value = piece.Array[0, 6].Select(pieces => string.Concat(pieces));
        var conditions = Gen.Select(comparison, key, value, (test, name, text) => $$"""{ "{{test}}": { "{{name}}": "{{text}}" } }""");

        Gen.Select(conditions, Gen.OneOf("acme-evil", "evil", "able", "Acme")).Sample(
            (condition, organization) =>
            {
                var policy = Policies.With(condition);
                var outsider = TrustExplainer.Explain(
                    new TrustQuestion
                    {
                        Policy = policy,
                        Issuer = Policies.Issuer,
                        Subject = $"organization:{organization}:project:core:workspace:net:run_phase:plan",
                        Audience = Policies.Audience,
                        SessionName = $"organization:{organization}",
                    },
                    DateTimeOffset.UnixEpoch);

                return outsider.Answer == TrustAnswer.Refused
                    || TrustLinter.Lint(policy, Policies.Issuer).Any(finding => finding.Severity == TrustSeverity.Danger);
            },
            iter: 20_000);
    }

    [Fact]
    public void There_is_nothing_to_say_about_the_samples()
    {
        var accounts = File.ReadAllText(Path.Combine(Repository.Root, "samples", "accounts.json")).Replace("${issuer_host}", Host, StringComparison.Ordinal);
        using var document = JsonDocument.Parse(accounts);

        var findings = from account in document.RootElement.GetProperty("accounts").EnumerateArray()
                       from role in account.GetProperty("roles").EnumerateArray()
                       from finding in TrustLinter.Lint(role.GetProperty("trustPolicy").GetRawText(), Policies.Issuer, account.GetProperty("id").GetString())
                       select $"{role.GetProperty("name")}: {finding}";

        Assert.Empty(findings);
    }

    private static string Tell(TrustFinding finding) => $"{finding.Severity} {finding.Rule}";

    private static string Deny(string comparison, string key, string value) =>
        $$""", { "Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRoleWithWebIdentity", "Condition": { "{{comparison}}": { "{{key}}": "{{value}}" } } }""";

    private static string Filler(int length) => Deny("StringEquals", $"{Host}:email", new string('x', length));
}
