using Orchestrator.Data;
using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Tests.WorkloadIdentity;

public sealed class SubjectTemplateTests
{
    private static readonly WorkspaceIdentity Workspace = new(
        OrganizationId.Of("org-aaaaaaaaaaaaaaaa"), "acme", ProjectId.Of("prj-bbbbbbbbbbbbbbbb"), "Default Project",
        WorkspaceId.Of("ws-cccccccccccccccc"), "net-prod");

    [Theory]
    [InlineData("plan")]
    [InlineData("apply")]
    public void The_default_is_the_subject_of_hcp_terraform(string phase)
    {
        Assert.Equal($"organization:acme:project:Default Project:workspace:net-prod:run_phase:{phase}", SubjectTemplate.Names.Render(Workspace, phase));
        Assert.Equal(
            new RunIdentity(
                Workspace.OrganizationId, "acme", Workspace.ProjectId, "Default Project", Workspace.WorkspaceId, "net-prod",
                RunId.Of("run-dddddddddddddddd"), phase).Subject,
            SubjectTemplate.Names.Render(Workspace, phase));
    }

    [Fact]
    public void The_subject_of_ids_stays_the_same_when_everything_is_renamed()
    {
        var renamed = Workspace with { OrganizationName = "other", ProjectName = "Other", WorkspaceName = "other" };

        Assert.Equal(
            "organization_id:org-aaaaaaaaaaaaaaaa:project_id:prj-bbbbbbbbbbbbbbbb:workspace_id:ws-cccccccccccccccc:run_phase:apply",
            SubjectTemplate.Ids.Render(Workspace, "apply"));
        Assert.Equal(SubjectTemplate.Ids.Render(Workspace, "apply"), SubjectTemplate.Ids.Render(renamed, "apply"));
        Assert.False(SubjectTemplate.Ids.DependsOnNames);
        Assert.True(SubjectTemplate.Names.DependsOnNames);
    }

    [Fact]
    public void An_organisation_that_is_named_like_an_id_has_another_subject_than_the_one_with_that_id()
    {
        var impostor = Workspace with
        {
            OrganizationName = Workspace.OrganizationId.Value,
            ProjectName = Workspace.ProjectId.Value,
            WorkspaceName = Workspace.WorkspaceId.Value,
        };

        Assert.NotEqual(SubjectTemplate.Ids.Render(Workspace, "apply"), SubjectTemplate.Names.Render(impostor, "apply"));
    }

    [Fact]
    public void The_templates_that_are_built_in_pass_the_check() => Assert.All(
        [SubjectTemplate.Names, SubjectTemplate.Ids],
        template =>
        {
            var check = SubjectTemplate.Check(template.Text);
            Assert.Empty(check.Problems);
            Assert.Empty(check.Warnings);
        });

    [Fact]
    public void A_template_of_ones_own_takes_any_order_and_plain_text()
    {
        var template = Valid("organization:{organization_name}:env/prod:workspace_id:{workspace_id}:run_phase:{run_phase}");

        Assert.Equal("organization:acme:env/prod:workspace_id:ws-cccccccccccccccc:run_phase:plan", template.Render(Workspace, "plan"));
    }

    [Fact]
    public void Without_the_phase_there_is_a_warning()
    {
        var check = SubjectTemplate.Check("organization:{organization_name}:workspace:{workspace_name}");

        Assert.False(check.Template!.TellsPhases);
        Assert.Contains("plan and apply have the same subject", Assert.Single(check.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("organization:{organization_name}:run_phase:{run_phase}", "every workspace has the same subject")]
    [InlineData("organization:acme:workspace:{workspace_name}:run_phase:{run_phase}", "Begin with 'organization:{organization_name}:'")]
    [InlineData("organization:{organization_id}:workspace:{workspace_id}:run_phase:{run_phase}", "Begin with 'organization:{organization_name}:'")]
    [InlineData("{workspace_id}:{run_phase}", "Begin with 'organization:{organization_name}:'")]
    [InlineData("organization:{organization_name}:workspace:{workspace}", "{workspace} is not known here")]
    [InlineData("organization:{organization_name}:workspace:{Workspace_name}", "{Workspace_name} is not known here")]
    [InlineData("organization:{organization_name}:workspace:ws-{workspace_name}", "'ws-{workspace_name}' mixes text and braces")]
    [InlineData("organization:{organization_name}:workspace:{workspace_name}{run_phase}", "mixes text and braces")]
    [InlineData("organization:{organization_name}:workspace:{{workspace_name}}", "mixes text and braces")]
    [InlineData("organization:{organization_name}:workspace:{workspace_name}:{}", "mixes text and braces")]
    [InlineData("organization:{organization_name}:workspace:{workspace_name}:*", "'*' holds a character")]
    [InlineData("organization:{organization_name}:workspace:{workspace_name}:a b", "'a b' holds a character")]
    [InlineData("organization:{organization_name}:workspace:{workspace_name}:$\"", "holds a character")]
    [InlineData("organization:{organization_name}::workspace:{workspace_name}", "between two colons")]
    [InlineData("organization:{organization_name}:workspace:{workspace_name}:", "between two colons")]
    [InlineData("", "between two colons")]
    [InlineData(
        "organization:{organization_name}:project:{project_name}:workspace:{workspace_name}:and:{organization_id}:{project_id}:{workspace_id}:{run_phase}",
        "would have 276 characters; AWS takes 255")]
    public void A_template_that_would_be_ambiguous_or_forgeable_cannot_be_saved(string text, string problem)
    {
        var check = SubjectTemplate.Check(text);

        Assert.Null(check.Template);
        Assert.Contains(check.Problems, found => found.Contains(problem, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_problem_is_told_at_once() =>
        Assert.Equal(4, SubjectTemplate.Check("org:{organization}:*").Problems.Count);

    private static SubjectTemplate Valid(string text)
    {
        var check = SubjectTemplate.Check(text);
        Assert.Empty(check.Problems);
        return check.Template!;
    }
}
