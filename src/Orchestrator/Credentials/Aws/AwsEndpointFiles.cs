namespace Orchestrator.Credentials.Aws;

/// <summary>Delivery by an address on loopback: the default configuration as AWS's containers have it, and every configuration by a
/// file whose profile runs a small program that asks there. No key is ever in a file or an environment.</summary>
internal static class AwsEndpointFiles
{
    /// <summary>Asks for the keys of the configuration that is named, over HTTP by bash alone: nothing else is there for certain.</summary>
    private const string Program = """
        #!/bin/bash
        # Prints the credentials of one configuration of this run for AWS's credential_process.
        set -u
        exec 3<>"/dev/tcp/{host}/{port}" || { echo "The run's credentials endpoint is gone." >&2; exit 1; }
        printf 'GET {path}%s HTTP/1.0\r\nHost: {host}\r\nAuthorization: %s\r\n\r\n' "$1" "$(<"{token}")" >&3
        IFS=' ' read -r _ status _ <&3
        while IFS= read -r line <&3 && [ -n "${line%$'\r'}" ]; do :; done
        if [ "$status" = 200 ]; then cat <&3; else cat <&3 >&2; exit 1; fi
        """;

    public static async Task<CloudDelivery> DeliverAsync(
        CloudPhase phase, IReadOnlyList<AwsLease> leases, ICredentialEndpoint endpoint, Dictionary<string, string> common,
        CancellationToken cancellationToken)
    {
        var byLabel = leases.ToDictionary(lease => lease.Configuration.Label);
        var door = await endpoint.OpenAsync(
            (label, fetched) => byLabel.TryGetValue(label, out var lease) ? lease.GetAsync(fetched) : null, cancellationToken);
        try
        {
            return await DeliverAsync(phase, leases, door, common, cancellationToken);
        }
        catch
        {
            door.Dispose();
            throw;
        }
    }

    private static async Task<CloudDelivery> DeliverAsync(
        CloudPhase phase, IReadOnlyList<AwsLease> leases, CredentialDoor door, Dictionary<string, string> common, CancellationToken cancellationToken)
    {
        phase.Secret(door.Token);
        var token = await phase.WriteFileAsync("aws/endpoint-token", door.Token, cancellationToken);
        var program = await phase.WriteFileAsync("aws/credentials.sh", Program
            .Replace("{host}", door.Address.Host, StringComparison.Ordinal)
            .Replace("{port}", $"{door.Address.Port}", StringComparison.Ordinal)
            .Replace("{path}", door.Address.AbsolutePath, StringComparison.Ordinal)
            .Replace("{token}", token, StringComparison.Ordinal), cancellationToken);
        var files = await AwsConfigFiles.WriteAsync(
            phase, leases, lease => [$"credential_process = /bin/bash \"{program}\" {lease.Configuration.Label}"], cancellationToken);
        if (leases is [{ Configuration: { Tag: null, Label: var label } }])
        {
            // Alone, it needs no file, and any client of AWS's knows how to ask.
            files.Remove("AWS_CONFIG_FILE");
            files["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = new Uri(door.Address, label).ToString();
            files["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = door.Token;
        }
        return new CloudDelivery(close: () =>
        {
            door.Dispose();
            return AwsLease.EndAsync(leases);
        })
        {
            Environment = common.Concat(files).ToDictionary(),
        };
    }
}
