namespace Orchestrator.Credentials.Aws;

/// <summary>An address on loopback where a phase's own processes fetch its keys.</summary>
public interface ICredentialEndpoint
{
    /// <summary>Opens a door for one phase.</summary>
    /// <param name="answer">Gives the session of a configuration's label; null when there is no such.</param>
    Task<CredentialDoor> OpenAsync(Func<string, CancellationToken, Task<AwsSession>?> answer, CancellationToken cancellationToken);
}

/// <summary>The way to one phase's keys. Disposing it shuts the door: whoever still knocks is told that the phase is over.</summary>
public sealed class CredentialDoor(Uri address, string token, Action close) : IDisposable
{
    /// <summary>Ends in a slash; a configuration's label follows.</summary>
    public Uri Address => address;

    /// <summary>To be sent as the <c>Authorization</c> header.</summary>
    public string Token => token;

    public void Dispose() => close();

    public override string ToString() => $"door at {address}";
}
