using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using Orchestrator.AwsPolicies;
using Orchestrator.AwsPolicies.Json;
using Orchestrator.AwsSimulator.Iam;

namespace Orchestrator.AwsSimulator.Configuration;

/// <summary>Turns the configuration's JSON into accounts, and refuses what AWS could not hold.</summary>
internal static partial class ConfigurationReader
{
    private const int MaxTrustPolicyLength = 4096;

    private static readonly JsonSerializerOptions StoredJson = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static SimulatorConfiguration Read(JsonCursor root)
    {
        root.KnowsOnly("accounts", "relaxations", "faults");
        var relaxations = root.Optional("relaxations") is { } relaxed ? ReadRelaxations(relaxed) : new Relaxations();
        root.Required("accounts");
        var accounts = Each(root, "accounts", item => ReadAccount(item, relaxations));
        Unique(accounts.Select(entry => (entry.Json, entry.Value.Id)), "account id");
        // Bucket names are one space for all accounts.
        Unique(
            accounts.SelectMany(entry => entry.Json.Optional("buckets")?.Items() ?? [])
                .Select(bucket => (bucket, bucket.Required("name").Text())),
            "bucket name");

        return new SimulatorConfiguration(
            accounts.ConvertAll(entry => entry.Value),
            relaxations,
            root.Optional("faults") is { } faults ? ReadFaults(faults) : new Faults());
    }

    private static Account ReadAccount(JsonCursor json, Relaxations relaxations)
    {
        json.KnowsOnly("id", "oidcProviders", "roles", "managedPolicies", "buckets");
        var id = Matching(json.Required("id"), AccountId(), "an account id of twelve digits");

        var providers = Each(json, "oidcProviders", item => ReadProvider(item, id, relaxations));
        Unique(providers.Select(entry => (entry.Json, entry.Value.Url)), "provider url");

        var roles = Each(json, "roles", item => ReadRole(item, id));
        Unique(roles.Select(entry => (entry.Json, entry.Value.Name)), "role name");

        var policies = Each(json, "managedPolicies", item => ReadManagedPolicy(item, id));
        Unique(policies.Select(entry => (entry.Json, entry.Value.Name)), "managed policy name");

        return new Account
        {
            Id = id,
            OidcProviders = providers.ConvertAll(entry => entry.Value),
            Roles = roles.ConvertAll(entry => entry.Value),
            ManagedPolicies = policies.ConvertAll(entry => entry.Value),
            Buckets = Each(json, "buckets", ReadBucket).ConvertAll(entry => entry.Value),
        };
    }

    private static OidcProvider ReadProvider(JsonCursor json, string accountId, Relaxations relaxations)
    {
        json.KnowsOnly("url", "clientIds");
        var address = json.Required("url");
        if (OidcProviderUrl.Problem(address.Text(), relaxations) is { } problem)
        {
            throw address.Wrong(problem);
        }

        var clientIds = json.Required("clientIds").Items()
            .Select(item => Matching(item, ClientId(), "a client id of 1 to 255 characters"))
            .ToList();
        return clientIds.Count is > 0 and <= 100
            ? new OidcProvider(accountId, address.Text(), clientIds)
            : throw json.Required("clientIds").Wrong("must hold 1 to 100 client ids");
    }

    private static Role ReadRole(JsonCursor json, string accountId)
    {
        json.KnowsOnly("name", "path", "trustPolicy", "permissions", "maxSessionDuration", "tags");
        var name = Matching(json.Required("name"), RoleName(), @"a role name (1 to 64 of A-Z a-z 0-9 _+=,.@-)");
        var trust = json.Required("trustPolicy");
        if (trust.Element.GetRawText().Count(character => !char.IsWhiteSpace(character)) > MaxTrustPolicyLength)
        {
            throw trust.Wrong($"is longer than {MaxTrustPolicyLength} characters, which is the most AWS can be asked for");
        }

        return new Role
        {
            AccountId = accountId,
            Name = name,
            Path = json.Optional("path") is { } path ? Matching(path, RolePath(), "a path such as /team/") : "/",
            TrustPolicy = PolicyReader.ReadTrustPolicy(trust, $"trust policy of role {name}"),
            TrustPolicyText = trust.Element.GetRawText(),
            Permissions = [.. (json.Optional("permissions")?.Items() ?? [])
                .Select((item, index) => PolicyReader.ReadPermissions(item, $"permissions[{index}] of role {name}"))],
            MaxSessionDuration = TimeSpan.FromSeconds(
                json.Optional("maxSessionDuration")?.Number(3600, 43200) ?? 3600),
            Tags = (json.Optional("tags")?.Members() ?? [])
                .ToDictionary(tag => tag.Name, tag => tag.Value.Text(), StringComparer.OrdinalIgnoreCase),
        };
    }

    private static ManagedPolicy ReadManagedPolicy(JsonCursor json, string accountId)
    {
        json.KnowsOnly("name", "document");
        var name = Matching(json.Required("name"), RoleName(), "a policy name");
        var arn = $"arn:aws:iam::{accountId}:policy/{name}";
        return new ManagedPolicy(name, arn, PolicyReader.ReadPermissions(json.Required("document"), arn));
    }

    private static SeededBucket ReadBucket(JsonCursor json)
    {
        json.KnowsOnly("name", "objects");
        return new SeededBucket(
            Matching(json.Required("name"), BucketName(), "a bucket name (3 to 63 of a-z 0-9 . -)"),
            (json.Optional("objects")?.Members() ?? []).ToDictionary(
                entry => entry.Name,
                // A document such as a terraform state is easier to keep as JSON than as an escaped string.
                entry => entry.Value.Kind == JsonValueKind.String
                    ? entry.Value.Text()
                    : JsonSerializer.Serialize(entry.Value.Element, StoredJson),
                StringComparer.Ordinal));
    }

    private static Relaxations ReadRelaxations(JsonCursor json)
    {
        json.KnowsOnly("allowHttpIssuer", "allowPortInIssuer");
        return new Relaxations
        {
            AllowHttpIssuer = json.Optional("allowHttpIssuer")?.Flag() ?? true,
            AllowPortInIssuer = json.Optional("allowPortInIssuer")?.Flag() ?? true,
        };
    }

    private static Faults ReadFaults(JsonCursor json)
    {
        json.KnowsOnly(
            "noKeyCache", "unreachableIssuerIsCommunicationError", "throttleFirst", "failFirst", "stsDisabled",
            "clockOffsetSeconds", "expireSessionsAfterSeconds");
        return new Faults
        {
            NoKeyCache = json.Optional("noKeyCache")?.Flag() ?? false,
            UnreachableIssuerIsCommunicationError =
                json.Optional("unreachableIssuerIsCommunicationError")?.Flag() ?? false,
            ThrottleFirst = json.Optional("throttleFirst")?.Number(0, int.MaxValue) ?? 0,
            FailFirst = json.Optional("failFirst")?.Number(0, int.MaxValue) ?? 0,
            StsDisabled = json.Optional("stsDisabled")?.Flag() ?? false,
            ClockOffset = TimeSpan.FromSeconds(
                json.Optional("clockOffsetSeconds")?.Number(-31_536_000, 31_536_000) ?? 0),
            ExpireSessionsAfter = json.Optional("expireSessionsAfterSeconds") is { } seconds
                ? TimeSpan.FromSeconds(seconds.Number(0, 43200))
                : null,
        };
    }

    private static List<(JsonCursor Json, T Value)> Each<T>(JsonCursor json, string name, Func<JsonCursor, T> read) =>
        [.. (json.Optional(name)?.Items() ?? []).Select(item => (item, read(item)))];

    private static string Matching(JsonCursor json, Regex pattern, string what) =>
        pattern.IsMatch(json.Text()) ? json.Text() : throw json.Wrong($"'{json.Text()}' is not {what}");

    private static void Unique(IEnumerable<(JsonCursor Json, string Name)> entries, string what)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (json, name) in entries)
        {
            if (!seen.Add(name))
            {
                throw json.Wrong($"the {what} '{name}' is already taken");
            }
        }
    }

    [GeneratedRegex(@"^[0-9]{12}\z")]
    private static partial Regex AccountId();

    [GeneratedRegex(@"^.{1,255}\z")]
    private static partial Regex ClientId();

    [GeneratedRegex(@"^[A-Za-z0-9_+=,.@-]{1,64}\z")]
    private static partial Regex RoleName();

    [GeneratedRegex(@"^/(?:[!-~]{1,510}/)?\z")]
    private static partial Regex RolePath();

    [GeneratedRegex(@"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\z")]
    private static partial Regex BucketName();
}
