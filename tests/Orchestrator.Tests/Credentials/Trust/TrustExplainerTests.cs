using Orchestrator.Credentials.Aws.Trust;

namespace Orchestrator.Tests.Credentials.Trust;

public sealed class TrustExplainerTests
{
    private const string Host = Policies.Host;

    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_right_token_is_let_in_and_every_condition_says_so()
    {
        var explanation = Explain(Policies.With());

        Assert.Equal((TrustAnswer.Allowed, "Allowed by PlanPhase."), (explanation.Answer, explanation.Summary));
        var statement = Assert.Single(Assert.Single(explanation.Actions).Statements);
        Assert.Equal(("PlanPhase", "$.Statement[0]", "Allow", (bool?)true), (statement.Statement, statement.Place, statement.Effect, statement.Applies));
        Assert.Equal(
            [
                $"Principal covers the provider {Policies.Provider}.",
                "Action covers the action sts:AssumeRoleWithWebIdentity.",
                $"StringEquals {Host}:aud expects aws.workload.identity, and the token says aws.workload.identity.",
                $"StringEquals {Host}:sub expects {Policies.Plan}, and the token says {Policies.Plan}.",
            ],
            statement.Elements.Select(element => element.Says));
    }

    [Fact]
    public void A_refusal_says_what_was_expected_and_what_came()
    {
        var explanation = Explain(Policies.With(), question => question with { Subject = Policies.Plan.Replace("acme", "acme2", StringComparison.Ordinal) });

        Assert.Equal(TrustAnswer.Refused, explanation.Answer);
        var failed = Failed(explanation);
        Assert.Equal(("StringEquals", $"{Host}:sub", Policies.Plan), (failed.Operator, failed.Key, Assert.Single(failed.Expected)));
        Assert.Equal(
            $"StringEquals {Host}:sub expects organization:acme:project:core:workspace:net-prod:run_phase:plan but the token says "
            + "organization:acme2:project:core:workspace:net-prod:run_phase:plan; they differ at 'acme2'.",
            failed.Says);
        Assert.StartsWith($"Refused: no statement allows sts:AssumeRoleWithWebIdentity. {failed.Says}", explanation.Summary, StringComparison.Ordinal);
    }

    // What the policy says of the subject, and the hint.
    [Theory]
    [InlineData("StringEquals", "organization:Acme:project:core:workspace:net-prod:run_phase:plan", "Only capitals differ")]
    [InlineData("StringLike", "organization:Acme:*", "Only capitals differ")]
    [InlineData("StringEquals", "organization:acme:project:core:workspace:net-prod:run_phase:plan ", "begins or ends with a space")]
    [InlineData("StringEquals", "organization:acme:project:core:*", "With StringLike this value would match")]
    [InlineData("StringEquals", "organization:acme:project:core:workspace:net-prod:run_phase:apply", "trusts the apply phase, and this token is for plan")]
    [InlineData("StringLike", "organization:acme:project:core:workspace:net-prod:run_phase:apply", "TFC_AWS_PLAN_ROLE_ARN")]
    [InlineData("StringEquals", "organization:acme:project:core:workspace:network:run_phase:plan", "Only the workspace differs: 'network' in the policy, 'net-prod' in the token")]
    [InlineData("StringEquals", "organization:acme:project:Default Project:workspace:net-prod:run_phase:plan", "Only the project differs")]
    [InlineData("StringEquals", "organization:acme-inc:project:core:workspace:net-prod:run_phase:plan", "Only the organisation differs")]
    [InlineData("StringEquals", "organization:acme:workspace:net-prod:run_phase:plan", "leaves out the project")]
    [InlineData("StringEquals", "organization:acme:project:core:workspace:net-prod", "ends too early: ':run_phase:plan' is missing")]
    [InlineData("StringEquals", "organization_id:org-aaaaaaaaaaaaaaaa:project_id:prj-bbbbbbbbbbbbbbbb:workspace_id:ws-cccccccccccccccc:run_phase:plan", "made of ids, and this token's is made of names")]
    public void A_subject_that_nearly_matches_gets_a_hint(string comparison, string value, string hint)
    {
        var failed = Failed(Explain(Policies.Subject(comparison, value)));

        Assert.Contains(hint, failed.Hint, StringComparison.Ordinal);
    }

    // A condition beside the right ones, and the hint.
    [Theory]
    [InlineData("StringEquals", $"{Host}:terraform_run_phase", "plan", "AWS ignores the claim terraform_run_phase")]
    [InlineData("StringEquals", "app.terraform.io:sub", Policies.Plan, "The key is about tokens of app.terraform.io")]
    [InlineData("StringEquals", $"https://{Host}:sub", Policies.Plan, "AWS's keys have no scheme")]
    [InlineData("StringEquals", $"{Host}/:sub", Policies.Plan, "a slash after the issuer")]
    [InlineData("StringEquals", "sub", Policies.Plan, "does not say whose claim it is")]
    [InlineData("StringEqualsIgnoreCase", $"{Host}:aud", "sts.amazonaws.com", "is what guides for other issuers use")]
    [InlineData("StringLike", $"{Host}:aud", "mine", "set TFC_AWS_WORKLOAD_IDENTITY_AUDIENCE to 'mine'")]
    public void A_condition_that_no_token_meets_gets_a_hint(string comparison, string key, string value, string hint)
    {
        var failed = Failed(Explain(Policies.And(comparison, key, value)));

        Assert.Contains(hint, failed.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "Federated": "arn:aws:iam::123456789012:oidc-provider/app.terraform.io" }""", "The policy trusts the issuer app.terraform.io")]
    [InlineData("""{ "Federated": "arn:aws:iam::210987654321:oidc-provider/orchestrator.example.com" }""", "is of account 210987654321, and the role of 123456789012")]
    [InlineData("""{ "Federated": "arn:aws:iam::123456789012:oidc-provider/Orchestrator.example.com" }""", "Only capitals differ")]
    [InlineData("""{ "Federated": "arn:aws:iam::123456789012:oidc-provider/orchestrator.example.com/" }""", "a slash at its end")]
    [InlineData("""{ "Federated": "arn:aws:iam::123456789012:oidc-provider/https://orchestrator.example.com" }""", "without https://")]
    [InlineData("""{ "Federated": "arn:aws:iam::123456789012:oidc-provider/orchestrator.example.com:8443" }""", "Only the port differs")]
    [InlineData("""{ "AWS": "arn:aws:iam::123456789012:root" }""", "vouched for by an OIDC provider")]
    public void A_principal_of_somebody_else_gets_a_hint(string principal, string hint)
    {
        var failed = Failed(Explain(Policies.With(principal: principal)));

        Assert.Equal("Principal", failed.Element);
        Assert.Contains(hint, failed.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void The_action_of_callers_with_keys_gets_a_hint()
    {
        var failed = Failed(Explain(Policies.With(action: "\"sts:AssumeRole\"")));

        Assert.Equal("Action expects sts:AssumeRole but the token needs sts:AssumeRoleWithWebIdentity.", failed.Says);
        Assert.Contains("for callers who have AWS keys already", failed.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"sts:AssumeRoleWithWebIdentity\"", false, false, null)]
    [InlineData("\"sts:AssumeRoleWithWebIdentity\"", true, false, "sts:TagSession")]
    [InlineData("\"sts:AssumeRoleWithWebIdentity\"", false, true, "sts:SetSourceIdentity")]
    [InlineData("""["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]""", true, false, null)]
    [InlineData("""["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]""", true, true, "sts:SetSourceIdentity")]
    [InlineData("""["sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity"]""", true, true, null)]
    public void Tags_and_a_source_identity_need_actions_of_their_own(string action, bool tags, bool source, string? missing)
    {
        var explanation = Explain(Policies.With(action: action), question => question with
        {
            Tags = tags ? new Dictionary<string, string> { ["terraform:run_id"] = "run-1" } : [],
            SourceIdentity = source ? "ada" : null,
        });

        Assert.Equal(missing is null ? TrustAnswer.Allowed : TrustAnswer.Refused, explanation.Answer);
        if (missing is not null)
        {
            Assert.Contains($"Refused: no statement allows {missing}. The token carries", explanation.Summary, StringComparison.Ordinal);
            Assert.Contains($"Add {missing}", explanation.Summary, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("StringEquals", "sts:RoleSessionName", "run-1-plan", TrustAnswer.Allowed)]
    [InlineData("StringLike", "sts:RoleSessionName", "manual-*", TrustAnswer.Refused)]
    [InlineData("StringEquals", "aws:RequestTag/terraform:workspace_id", "ws-1", TrustAnswer.Refused)]
    [InlineData("DateLessThan", "aws:CurrentTime", "2026-03-02T00:00:00Z", TrustAnswer.Allowed)]
    [InlineData("DateLessThan", "aws:CurrentTime", "2026-02-28T00:00:00Z", TrustAnswer.Refused)]
    [InlineData("Bool", "aws:SecureTransport", "true", TrustAnswer.Allowed)]
    [InlineData("IpAddress", "aws:SourceIp", "203.0.113.0/24", TrustAnswer.Depends)]
    [InlineData("NotIpAddress", "aws:SourceIp", "203.0.113.0/24", TrustAnswer.Depends)]
    public void Keys_of_the_request_count_and_what_only_aws_sees_is_left_open(string comparison, string key, string value, TrustAnswer answer) =>
        Assert.Equal(answer, Explain(Policies.And(comparison, key, value)).Answer);

    [Fact]
    public void What_only_aws_sees_is_named()
    {
        var explanation = Explain(Policies.And("IpAddress", "aws:SourceIp", "203.0.113.0/24"));

        Assert.Equal("It depends on what only AWS sees: aws:SourceIp.", explanation.Summary);
        Assert.Null(explanation.Actions[0].Statements[0].Applies);
        var condition = explanation.Actions[0].Statements[0].Elements.Single(element => element.Matched is null);
        Assert.Equal("IpAddress aws:SourceIp expects 203.0.113.0/24, which only AWS can tell.", condition.Says);
    }

    [Fact]
    public void A_deny_on_what_only_aws_sees_leaves_an_allow_open()
    {
        var explanation = Explain(Policies.With(more:
            """, { "Sid": "Office", "Effect": "Deny", "Principal": "*", "Action": "sts:*", "Condition": { "NotIpAddress": { "aws:SourceIp": "203.0.113.0/24" } } }"""));

        Assert.Equal(TrustAnswer.Depends, explanation.Answer);
    }

    [Fact]
    public void What_only_aws_sees_does_not_matter_where_something_else_fails()
    {
        var explanation = Explain(
            Policies.And("IpAddress", "aws:SourceIp", "203.0.113.0/24"), question => question with { Subject = Policies.Apply });

        Assert.Equal(TrustAnswer.Refused, explanation.Answer);
        Assert.Contains("trusts the plan phase, and this token is for apply", explanation.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void A_deny_wins_and_is_named()
    {
        var explanation = Explain(Policies.With(more:
            $$""", { "Sid": "NotNet", "Effect": "Deny", "Principal": "*", "Action": "sts:*", "Condition": { "StringLike": { "{{Host}}:sub": "*:workspace:net-*" } } }"""));

        Assert.Equal((TrustAnswer.Refused, "Refused: NotNet denies sts:AssumeRoleWithWebIdentity."), (explanation.Answer, explanation.Summary));
    }

    [Fact]
    public void The_statement_that_lacks_least_gives_the_reason()
    {
        var explanation = Explain(Policies.With(
            principal: """{ "Federated": "arn:aws:iam::123456789012:oidc-provider/app.terraform.io" }""",
            condition: """{ "StringEquals": { "app.terraform.io:sub": "organization:acme" } }""",
            more: $$"""
                , { "Sid": "Other", "Effect": "Allow", "Principal": { "Federated": "{{Policies.Provider}}" }, "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": { "StringEquals": { "{{Host}}:sub": ["{{Policies.Apply}}", "organization:acme:project:core:workspace:old:run_phase:plan"] } } }
                """));

        Assert.Contains($"StringEquals {Host}:sub expects one of '{Policies.Apply}', ", explanation.Summary, StringComparison.Ordinal);
        Assert.Contains("they differ at 'plan'", explanation.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void A_condition_that_is_true_for_an_absent_key_says_so()
    {
        var explanation = Explain(Policies.With(condition: $$"""{ "StringEqualsIfExists": { "{{Host}}:subject": "organization:acme" } }"""));

        Assert.Equal(TrustAnswer.Allowed, explanation.Answer);
        var condition = explanation.Actions[0].Statements[0].Elements[^1];
        Assert.Equal($"StringEqualsIfExists {Host}:subject is true because AWS has no such key here.", condition.Says);
        Assert.Contains("AWS ignores the claim subject", condition.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_an_account_the_policys_own_is_taken()
    {
        var explanation = Explain(
            Policies.With(principal: """{ "Federated": "arn:aws-us-gov:iam::210987654321:oidc-provider/orchestrator.example.com" }"""),
            question => question with { AccountId = null });

        Assert.Equal(TrustAnswer.Allowed, explanation.Answer);
    }

    [Fact]
    public void What_is_no_policy_is_told_with_its_place()
    {
        var explanation = Explain("""{ "Statement": [{ "Effect": "Maybe" }] }""");

        Assert.Equal(TrustAnswer.Unreadable, explanation.Answer);
        Assert.StartsWith("$.Statement[0].Effect: This is not a trust policy: must be \"Allow\" or \"Deny\".", explanation.Summary, StringComparison.Ordinal);
    }

    private static TrustExplanation Explain(string policy, Func<TrustQuestion, TrustQuestion>? change = null)
    {
        var question = new TrustQuestion
        {
            Policy = policy,
            Issuer = Policies.Issuer,
            Subject = Policies.Plan,
            Audience = Policies.Audience,
            AccountId = Policies.Account,
            SessionName = "run-1-plan",
        };
        return TrustExplainer.Explain(change is null ? question : change(question), Now);
    }

    private static ElementExplanation Failed(TrustExplanation explanation) =>
        explanation.Actions[0].Statements[0].Elements.First(element => element.Matched == false);
}
