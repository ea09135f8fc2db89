namespace Orchestrator.Vcs;

/// <summary>Which language a service speaks, and so by which address its deliveries come.</summary>
public enum VcsFamily
{
    GitHub,
    GitLab,
    Gitea,
    Bitbucket,
    AzureDevOps,

    /// <summary>A server that has nothing but git.</summary>
    Git,
}

/// <summary>A kind of version control, under the name that HCP Terraform's API has for it, or one of our own.</summary>
/// <param name="HttpUrl">Null: there are many, and the connection says which.</param>
public sealed record VcsService(string Name, string DisplayName, VcsFamily Family, string? HttpUrl = null, string? ApiUrl = null)
{
    public const string GitHubApp = "github_app";
    public const string PlainGit = "git";
    public const string BitbucketCloud = "bitbucket_hosted";

    public static readonly IReadOnlyList<VcsService> All =
    [
        new("github", "GitHub", VcsFamily.GitHub, "https://github.com", "https://api.github.com"),
        new("github_enterprise", "GitHub Enterprise", VcsFamily.GitHub),
        new(GitHubApp, "GitHub App", VcsFamily.GitHub, "https://github.com", "https://api.github.com"),
        new("gitlab_hosted", "GitLab.com", VcsFamily.GitLab, "https://gitlab.com", "https://gitlab.com/api/v4"),
        new("gitlab_community_edition", "GitLab Community Edition", VcsFamily.GitLab),
        new("gitlab_enterprise_edition", "GitLab Enterprise Edition", VcsFamily.GitLab),
        new("gitea", "Gitea", VcsFamily.Gitea),
        new("forgejo", "Forgejo", VcsFamily.Gitea),
        new(BitbucketCloud, "Bitbucket Cloud", VcsFamily.Bitbucket, "https://bitbucket.org", "https://api.bitbucket.org/2.0"),
        new("bitbucket_data_center", "Bitbucket Data Center", VcsFamily.Bitbucket),
        new("bitbucket_server", "Bitbucket Data Center", VcsFamily.Bitbucket),
        new("ado_services", "Azure DevOps Services", VcsFamily.AzureDevOps, "https://dev.azure.com", "https://dev.azure.com"),
        new("ado_server", "Azure DevOps Server", VcsFamily.AzureDevOps),
        new(PlainGit, "Git", VcsFamily.Git),
    ];

    /// <summary>How the addresses of deliveries call the family, and what a configuration's source is called.</summary>
    public string Door => DoorOf(Family);

    /// <summary>Null for what is none.</summary>
    public static VcsService? Find(string? name) => All.FirstOrDefault(service => service.Name == name);

    public static string DoorOf(VcsFamily family) => family switch
    {
        VcsFamily.GitHub => "github",
        VcsFamily.GitLab => "gitlab",
        VcsFamily.Gitea => "gitea",
        VcsFamily.Bitbucket => "bitbucket",
        VcsFamily.AzureDevOps => "ado",
        VcsFamily.Git => "git",
    };

    public static VcsFamily? FamilyBehind(string door) =>
        Enum.GetValues<VcsFamily>().Where(family => DoorOf(family) == door).Select(family => (VcsFamily?)family).FirstOrDefault();
}
