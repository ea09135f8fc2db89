using Orchestrator.Credentials;
using Orchestrator.Data;
using Orchestrator.Tests.Support;
using Orchestrator.WorkloadIdentity;
using Orchestrator.Workspaces;

namespace Orchestrator.Tests.Credentials;

public sealed class CredentialPolicyEditorTests
{
    private static readonly CredentialPolicyEdit Nothing = CredentialPolicyEdit.Of(null);

    [Fact]
    public void Without_any_policy_the_default_decides()
    {
        var levels = new CredentialPolicyLevels(null, null, null);

        Assert.Equal(
            [PolicyLevel.Default, PolicyLevel.Default, PolicyLevel.Default, PolicyLevel.Default],
            [levels.Delivery.By, levels.Speculative.By, levels.ReadOnlyPlan.By, levels.SessionTags.By]);
        Assert.Empty(levels.AllowedRoles);
    }

    [Fact]
    public void The_nearest_level_chooses_delivery_and_tags()
    {
        var levels = Levels(
            workspace: Nothing with { SessionTags = false },
            project: Nothing with { Delivery = "endpoint" },
            organization: Nothing with { Delivery = "web_identity_file", SessionTags = true });

        Assert.Equal(new Decided<CredentialDelivery>(CredentialDelivery.Endpoint, PolicyLevel.Project), levels.Delivery);
        Assert.Equal(new Decided<bool>(false, PolicyLevel.Workspace), levels.SessionTags);
    }

    [Fact]
    public void Whoever_forbids_something_is_named()
    {
        var levels = Levels(
            workspace: Nothing with { Speculative = "allowed", ReadOnlyPlan = false, AllowedRoles = ["123456789012", "210987654321"] },
            project: Nothing with { Speculative = "separate_audience", ReadOnlyPlan = true },
            organization: Nothing with { Speculative = "refused", AllowedRoles = ["arn:aws:iam::123456789012:role/team-*"] });

        Assert.Equal(new Decided<SpeculativeCredentials>(SpeculativeCredentials.Refused, PolicyLevel.Organization), levels.Speculative);
        Assert.Equal(new Decided<bool>(true, PolicyLevel.Project), levels.ReadOnlyPlan);
        Assert.Equal([PolicyLevel.Workspace, PolicyLevel.Organization], levels.AllowedRoles.Select(list => list.By));
    }

    [Theory]
    [InlineData("123456789012")]
    [InlineData(" 123456789012 ")]
    [InlineData("arn:aws:iam::123456789012:role/team-*")]
    [InlineData("arn:aws-us-gov:iam::123456789012:role/path/to/team")]
    [InlineData("arn:aws*:iam::*:role/*")]
    public void A_role_is_allowed_by_its_account_or_by_a_pattern_of_its_arn(string role) =>
        Assert.Null(Edit(Nothing with { AllowedRoles = [role] }));

    [Theory]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("12345678901")]
    [InlineData("1234567890123")]
    [InlineData("team-*")]
    [InlineData("arn:aws:iam::123456789012:user/team")]
    [InlineData("arn:aws:iam::1234*:role/team")]
    [InlineData("arn:aws:iam::123456789012:role/")]
    [InlineData("arn:aws:iam::123456789012:role/two words")]
    [InlineData("arn:aws:iam::123456789012:role/a\narn:aws:iam::123456789012:role/b")]
    [InlineData("arn:aws:sts::123456789012:assumed-role/team/session")]
    public void Anything_else_is_no_role_pattern(string role) =>
        Assert.Equal("allowed-roles", Edit(Nothing with { AllowedRoles = [role] })?.Field);

    [Fact]
    public void A_list_and_its_patterns_have_an_end()
    {
        static string[] Roles(int count) => [.. Enumerable.Range(0, count).Select(number => $"{number:000000000000}")];
        const string Longest = "arn:aws:iam::123456789012:role/";

        Assert.Null(Edit(Nothing with { AllowedRoles = Roles(100) }));
        Assert.Equal("allowed-roles", Edit(Nothing with { AllowedRoles = Roles(101) })?.Field);
        Assert.Null(Edit(Nothing with { AllowedRoles = [Longest.PadRight(2048, 'x')] }));
        Assert.Equal("allowed-roles", Edit(Nothing with { AllowedRoles = [Longest.PadRight(2049, 'x')] })?.Field);
    }

    [Theory]
    [InlineData("by_letter", null, "delivery")]
    [InlineData("Environment", null, "delivery")]
    [InlineData(null, "maybe", "speculative")]
    public void A_word_that_means_nothing_is_refused(string? delivery, string? speculative, string field) =>
        Assert.Equal(field, Edit(Nothing with { Delivery = delivery, Speculative = speculative })?.Field);

    [Fact]
    public void A_read_only_plan_cannot_be_had_with_a_web_identity_file_whoever_wants_which()
    {
        var readOnly = Nothing with { ReadOnlyPlan = true };
        var file = Nothing with { Delivery = "web_identity_file" };

        Assert.Equal("read-only-plan", Edit(readOnly with { Delivery = "web_identity_file" })?.Field);
        Assert.Equal("read-only-plan", Edit(readOnly, Levels(organization: file))?.Field);
        Assert.Null(Edit(readOnly with { Delivery = "endpoint" }, Levels(organization: file)));
        var refused = Edit(file with { ReadOnlyPlan = false }, Levels(project: readOnly));
        Assert.Equal("delivery", refused?.Field);
        Assert.StartsWith("The project wants read-only plans, and with a web identity file", refused?.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_an_organisation_says_how_subjects_are_made_and_only_in_a_way_that_tells_workspaces_apart()
    {
        var ids = Nothing with { SubjectTemplate = SubjectTemplate.Ids.Text };
        var organization = Policy(PolicyLevel.Organization, Nothing)!;

        Assert.Null(organization.Update(ids, Levels()));
        Assert.Equal(SubjectTemplate.Ids.Text, organization.SubjectTemplate);
        var refused = organization.Update(Nothing with { SubjectTemplate = "organization:{organization_name}:run_phase:{run_phase}" }, Levels());
        Assert.Equal("subject-template", refused?.Field);
        Assert.Contains("every workspace has the same subject", refused?.Reason, StringComparison.Ordinal);
        Assert.Equal(SubjectTemplate.Ids.Text, organization.SubjectTemplate);
        Assert.All([PolicyLevel.Project, PolicyLevel.Workspace], level =>
            Assert.Equal("subject-template", Policy(level, Nothing)!.Update(ids, Levels())?.Field));
        Assert.Null(organization.Update(Nothing, Levels()));
        Assert.Null(organization.SubjectTemplate);
    }

    [Fact]
    public void A_refused_edit_changes_nothing()
    {
        var policy = Policy(PolicyLevel.Workspace, Nothing with { Delivery = "endpoint" })!;

        Assert.NotNull(policy.Update(new CredentialPolicyEdit("environment", "refused", true, true, ["nonsense"]), Levels()));

        Assert.Equal((CredentialDelivery.Endpoint, null, null, null), (policy.Delivery, policy.Speculative, policy.ReadOnlyPlan, policy.SessionTags));
    }

    [Theory, EachDatabase]
    public async Task Each_level_keeps_its_own_policy(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (mine, others) = (await installation.WorkspaceAsync(), await installation.WorkspaceAsync());
        var policies = installation.Get<CredentialPolicies>();
        Assert.Null(await policies.SaveAsync(OwnerOf(mine), edit => edit with { Delivery = "endpoint" }, CancellationToken.None));
        Assert.Null(await policies.SaveAsync(OwnerOf(mine) with { Workspace = null }, edit => edit with { ReadOnlyPlan = true }, CancellationToken.None));
        Assert.Null(await policies.SaveAsync(
            new PolicyOwner(mine.OrganizationId), edit => edit with { AllowedRoles = ["123456789012"] }, CancellationToken.None));
        Assert.Null(await policies.SaveAsync(new PolicyOwner(others.OrganizationId), edit => edit with { Speculative = "refused" }, CancellationToken.None));

        var levels = await policies.LevelsAsync(OwnerOf(mine), CancellationToken.None);
        Assert.Equal(CredentialDelivery.Endpoint, levels.Workspace?.Delivery);
        Assert.True(levels.Project?.ReadOnlyPlan);
        Assert.Equal(["123456789012"], levels.Organization?.AllowedRoles);
        Assert.Equal(PolicyLevel.Default, levels.Speculative.By);
        Assert.Null((await policies.LevelsAsync(OwnerOf(mine) with { Workspace = null }, CancellationToken.None)).Workspace);

        Assert.Null(await policies.SaveAsync(OwnerOf(mine), edit => edit with { SessionTags = true }, CancellationToken.None));
        var again = (await policies.LevelsAsync(OwnerOf(mine), CancellationToken.None)).Workspace!;
        Assert.Equal((CredentialDelivery.Endpoint, true), (again.Delivery, again.SessionTags));
    }

    [Theory, EachDatabase]
    public async Task Of_several_who_make_a_policy_at_once_one_makes_it_and_the_others_change_it(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var owner = OwnerOf(await installation.WorkspaceAsync());
        var policies = installation.Get<CredentialPolicies>();

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
            policies.SaveAsync(owner, edit => edit with { Delivery = "endpoint" }, CancellationToken.None))));

        await using var db = installation.Open();
        Assert.Equal(CredentialDelivery.Endpoint, Assert.Single(db.CredentialPolicies).Delivery);
    }

    private static PolicyOwner OwnerOf(Workspace workspace) => new(workspace.OrganizationId, workspace.ProjectId, workspace.Id);

    private static CredentialPolicyRefusal? Edit(CredentialPolicyEdit wanted, CredentialPolicyLevels? above = null) =>
        new CredentialPolicy { Id = Identifier.New<CredentialPolicyId>() }.Update(wanted, above ?? Levels());

    private static CredentialPolicyLevels Levels(
        CredentialPolicyEdit? workspace = null, CredentialPolicyEdit? project = null, CredentialPolicyEdit? organization = null) =>
        new(Policy(PolicyLevel.Workspace, workspace), Policy(PolicyLevel.Project, project), Policy(PolicyLevel.Organization, organization));

    private static CredentialPolicy? Policy(PolicyLevel level, CredentialPolicyEdit? edit)
    {
        if (edit is null)
        {
            return null;
        }
        var organization = Identifier.New<OrganizationId>();
        var policy = (level switch
        {
            PolicyLevel.Workspace => new PolicyOwner(organization, Identifier.New<ProjectId>(), Identifier.New<WorkspaceId>()),
            PolicyLevel.Project => new PolicyOwner(organization, Identifier.New<ProjectId>()),
            _ => new PolicyOwner(organization),
        }).NewPolicy();
        Assert.Null(policy.Update(edit, new CredentialPolicyLevels(null, null, null)));
        return policy;
    }
}
