namespace Orchestrator.Credentials.Aws.Trust;

/// <summary>What to create in an AWS account, in three languages that say the same.</summary>
/// <param name="ProviderUrl">The URL of the OIDC provider.</param>
/// <param name="Roles">The roles, each with its trust policy as JSON.</param>
/// <param name="Terraform">A configuration with the provider and the roles, as <c>terraform fmt</c> formats it.</param>
/// <param name="CloudFormation">A template with the same, as YAML.</param>
public sealed record GeneratedTrust(
    string ProviderUrl, string ProviderArn, IReadOnlyList<GeneratedRole> Roles, string Terraform, string CloudFormation)
{
    /// <summary>Every text there is, in the order of <see cref="TrustDocument.Formats"/>.</summary>
    public IEnumerable<TrustDocument> Documents =>
    [
        new(TrustDocument.TerraformFormat, null, Terraform),
        new(TrustDocument.CloudFormationFormat, null, CloudFormation),
        .. Roles.Select(role => new TrustDocument(TrustDocument.JsonFormat, role.Phase, role.TrustPolicy)),
    ];
}

/// <param name="Format">One of <see cref="Formats"/>.</param>
/// <param name="Phase">Whose role it is for; null when it is for all.</param>
public sealed record TrustDocument(string Format, string? Phase, string Text)
{
    public const string TerraformFormat = "terraform";
    public const string CloudFormationFormat = "cloudformation";
    public const string JsonFormat = "json";

    public static readonly IReadOnlyList<string> Formats = [TerraformFormat, CloudFormationFormat, JsonFormat];
}

/// <param name="Phase"><c>plan</c> or <c>apply</c>.</param>
/// <param name="Subject">The only subject that is let in.</param>
/// <param name="TrustPolicy">JSON.</param>
public sealed record GeneratedRole(string Phase, string Name, string Arn, string Subject, string TrustPolicy);
