namespace Orchestrator.Credentials.Aws;

/// <summary>Which role is to be assumed, and how.</summary>
/// <param name="RoleVariable">The variable that names the role, for whoever has to change it.</param>
/// <param name="Region">Whose STS is asked; null for the installation's default.</param>
/// <param name="SessionName">2 to 64 characters of <c>[\w+=,.@-]</c>; it appears in CloudTrail.</param>
/// <param name="Duration">How long the session is wanted. AWS may allow less.</param>
/// <param name="ReadOnly">The session can only read, whatever the role may.</param>
public sealed record AwsRoleRequest(string RoleArn, string RoleVariable, string? Region, string SessionName, TimeSpan Duration, bool ReadOnly = false)
{
    public string Account => RoleArn.Split(':')[4];

    /// <summary><c>aws</c>, <c>aws-cn</c>, <c>aws-us-gov</c>, …</summary>
    public string Partition => RoleArn.Split(':')[1];
}
