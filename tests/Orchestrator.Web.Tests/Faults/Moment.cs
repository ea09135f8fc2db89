namespace Orchestrator.Web.Tests.Faults;

/// <summary>When somebody is hurt.</summary>
/// <param name="Name">As the table calls it.</param>
/// <param name="IsInApply">The run has been confirmed before.</param>
/// <param name="HasCome">Looked at as often as possible.</param>
internal sealed record Moment(string Name, bool IsInApply, Func<Story, Task<bool>> HasCome)
{
    /// <summary>In the order in which a run goes through them.</summary>
    public static readonly Moment[] All =
    [
        new("queued", false, _ => Task.FromResult(true)),
        new("the plan is claimed", false, story => story.IsAsync("planning")),
        new("terraform init", false, story => story.RunsAsync("init")),
        new("terraform plan", false, story => story.RunsAsync("plan")),
        new("terraform show", false, story => story.RunsAsync("show")),
        new("the plan is stored and wiped", false, story => story.HasPassedShowAsync()),
        new("planned", false, story => story.IsAsync("planned")),
        new("confirmed", true, _ => Task.FromResult(true)),
        new("the apply is claimed", true, story => story.IsAsync("applying")),
        new("terraform apply", true, story => story.RunsAsync("apply")),
        new("the first resource is there", true, story => story.HasLoggedAsync("terraform_data.one: Creation complete")),
        new("the second resource is there", true, story => story.HasLoggedAsync("terraform_data.two: Creation complete")),
        new("all resources are there", true, story => story.HasLoggedAsync("terraform_data.three: Creation complete")),
        new("applied", true, story => story.IsAsync("applied")),
    ];

    public static Moment Of(string name) => All.Single(moment => moment.Name == name);
}
