using Orchestrator.Credentials;
using Orchestrator.Data;
using Orchestrator.Tests.Support;
using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Tests.Credentials;

public sealed class CredentialPolicyTests
{
    private const string Role = "arn:aws:iam::123456789012:role/team/deploy";

    [Fact]
    public void Without_any_policy_keys_are_values_and_everything_is_allowed()
    {
        var effective = EffectiveCredentialPolicy.Of(null, null, null);

        Assert.Equal(
            (CredentialDelivery.Environment, SpeculativeCredentials.Allowed, false, false, SubjectTemplate.Names),
            (effective.Delivery, effective.Speculative, effective.ReadOnlyPlan, effective.SessionTags, effective.Subject));
        Assert.True(effective.Allows(Role));
    }

    [Fact]
    public void What_a_level_leaves_open_the_next_one_up_decides()
    {
        var organization = Policy(policy => (policy.Delivery, policy.SessionTags) = (CredentialDelivery.Endpoint, true));
        var project = Policy(policy => policy.Delivery = CredentialDelivery.WebIdentityFile);
        var workspace = Policy(policy => (policy.Delivery, policy.SessionTags) = (CredentialDelivery.Environment, false));

        Assert.Equal(CredentialDelivery.Endpoint, EffectiveCredentialPolicy.Of(null, null, organization).Delivery);
        Assert.Equal(CredentialDelivery.WebIdentityFile, EffectiveCredentialPolicy.Of(null, project, organization).Delivery);
        Assert.Equal(CredentialDelivery.Environment, EffectiveCredentialPolicy.Of(workspace, project, organization).Delivery);
        Assert.True(EffectiveCredentialPolicy.Of(null, project, organization).SessionTags);
        Assert.False(EffectiveCredentialPolicy.Of(workspace, project, organization).SessionTags);
    }

    [Fact]
    public void What_a_level_forbids_nobody_below_can_allow()
    {
        var strict = Policy(policy => (policy.Speculative, policy.ReadOnlyPlan) = (SpeculativeCredentials.Refused, true));
        var lax = Policy(policy => (policy.Speculative, policy.ReadOnlyPlan) = (SpeculativeCredentials.Allowed, false));

        var effective = EffectiveCredentialPolicy.Of(lax, lax, strict);

        Assert.Equal((SpeculativeCredentials.Refused, true), (effective.Speculative, effective.ReadOnlyPlan));
    }

    [Theory]
    [InlineData("arn:aws:iam::123456789012:role/team/deploy", true)]
    [InlineData("arn:aws:iam::123456789012:role/team/*", true)]
    [InlineData("arn:aws:iam::*:role/team/deploy", true)]
    [InlineData("123456789012", true)]
    [InlineData("123456789013", false)]
    [InlineData("12345678901", false)]
    [InlineData("arn:aws:iam::123456789012:role/team/dep", false)]
    [InlineData("arn:aws:iam::123456789012:role/team/deploy2", false)]
    [InlineData("arn:aws:iam::123456789012:role/team.deploy", false)]
    [InlineData("arn:aws:iam::123456789012:role/TEAM/*", false)]
    public void A_list_holds_arns_with_stars_and_accounts(string pattern, bool allowed) =>
        Assert.Equal(allowed, EffectiveCredentialPolicy.Of(Allowing(pattern), null, null).Allows(Role));

    [Fact]
    public void Every_level_that_has_a_list_must_have_the_role_on_it()
    {
        var (all, one, another) = (Allowing("arn:aws:iam::*:role/*"), Allowing(Role), Allowing("210987654321"));

        Assert.True(EffectiveCredentialPolicy.Of(one, all, Allowing()).Allows(Role));
        Assert.False(EffectiveCredentialPolicy.Of(one, all, another).Allows(Role));
        Assert.False(EffectiveCredentialPolicy.Of(another, one, all).Allows(Role));
    }

    [Fact]
    public void Only_the_organisation_says_how_subjects_are_made()
    {
        var ids = Policy(policy => policy.SubjectTemplate = SubjectTemplate.Ids.Text);

        Assert.Equal(SubjectTemplate.Names, EffectiveCredentialPolicy.Of(ids, ids, null).Subject);
        Assert.Equal(SubjectTemplate.Ids.Text, EffectiveCredentialPolicy.Of(null, null, ids).Subject.Text);
    }

    [Theory, EachDatabase]
    public async Task A_workspace_gets_the_policies_of_its_own_project_and_organisation_and_no_others(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.WorkspaceAsync();
        var another = await installation.WorkspaceAsync();
        await using (var db = installation.Open())
        {
            db.AddRange(
                new CredentialPolicy { Id = Identifier.New<CredentialPolicyId>(), WorkspaceId = workspace.Id, ReadOnlyPlan = true },
                new CredentialPolicy { Id = Identifier.New<CredentialPolicyId>(), ProjectId = workspace.ProjectId, AllowedRoles = [Role, "123456789012"] },
                new CredentialPolicy { Id = Identifier.New<CredentialPolicyId>(), OrganizationId = workspace.OrganizationId, Delivery = CredentialDelivery.Endpoint },
                new CredentialPolicy { Id = Identifier.New<CredentialPolicyId>(), OrganizationId = another.OrganizationId, Speculative = SpeculativeCredentials.Refused });
            await db.SaveChangesAsync();
        }
        var policies = installation.Get<CredentialPolicies>();

        var own = await policies.OfAsync(workspace.OrganizationId, workspace.ProjectId, workspace.Id, CancellationToken.None);
        var others = await policies.OfAsync(another.OrganizationId, another.ProjectId, another.Id, CancellationToken.None);

        Assert.Equal(
            (CredentialDelivery.Endpoint, SpeculativeCredentials.Allowed, true), (own.Delivery, own.Speculative, own.ReadOnlyPlan));
        Assert.Equal([[Role, "123456789012"]], own.AllowedRoles);
        Assert.Equal(
            (CredentialDelivery.Environment, SpeculativeCredentials.Refused, false), (others.Delivery, others.Speculative, others.ReadOnlyPlan));
    }

    private static CredentialPolicy Policy(Action<CredentialPolicy> with)
    {
        var policy = new CredentialPolicy { Id = Identifier.New<CredentialPolicyId>() };
        with(policy);
        return policy;
    }

    private static CredentialPolicy Allowing(params string[] roles) => Policy(policy => policy.AllowedRoles = roles);
}
