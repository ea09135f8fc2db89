using Orchestrator.AwsPolicies;

namespace Orchestrator.AwsSimulator.Iam;

/// <summary>A policy that a caller can name by ARN to narrow a session.</summary>
internal sealed record ManagedPolicy(string Name, string Arn, PolicyDocument Document)
{
    /// <summary>AWS's own, cut down to what the simulator can be asked for.</summary>
    public static readonly IReadOnlyList<ManagedPolicy> OwnedByAws =
    [
        Owned("ReadOnlyAccess", "s3:Get*", "s3:List*", "s3:Describe*", "s3:Head*", "sts:Get*"),
        Owned("AmazonS3ReadOnlyAccess", "s3:Get*", "s3:List*", "s3:Describe*"),
        Owned("AmazonS3FullAccess", "s3:*"),
        Owned("AdministratorAccess", "*"),
    ];

    private static ManagedPolicy Owned(string name, params string[] actions)
    {
        var arn = $"arn:aws:iam::aws:policy/{name}";
        var statement = new PolicyStatement
        {
            Label = "Statement[0]",
            Path = "$.Statement[0]",
            Effect = Effect.Allow,
            Actions = new PolicyElement(actions, Inverted: false),
            Resources = new PolicyElement(["*"], Inverted: false),
        };
        return new ManagedPolicy(name, arn, new PolicyDocument(arn, AllowsVariables: true, [statement]));
    }
}
