namespace Orchestrator.AwsSimulator.Signing;

/// <summary>What can be wrong with a signed request. S3 and STS name these differently.</summary>
internal enum SignatureFault
{
    /// <summary>There is no <c>Authorization</c> header.</summary>
    Unsigned,

    /// <summary>The header, or the date, is not of the form AWS describes.</summary>
    Malformed,

    /// <summary>No session has this key id, or its session token is missing.</summary>
    UnknownKey,

    /// <summary>The session token is not the one issued with the key.</summary>
    WrongToken,

    /// <summary>The session is over.</summary>
    ExpiredSession,

    /// <summary>The date is more than fifteen minutes from now.</summary>
    Skewed,

    /// <summary>The credential scope names another day, or another service.</summary>
    WrongScope,

    /// <summary>A header that has to be signed is not.</summary>
    UnsignedHeader,

    /// <summary>The signature is not the one of this request.</summary>
    Mismatch,
}

/// <summary>A service that takes signed calls, with its own words for what is wrong with one.</summary>
/// <param name="Name">As in the credential scope.</param>
/// <param name="Describe">From fault and detail to the error the caller gets.</param>
internal sealed record SignedService(string Name, Func<SignatureFault, string, Activity.AwsError> Describe);
