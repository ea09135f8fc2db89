using System.Security.Cryptography;
using Orchestrator.Access;

namespace Orchestrator.Web.Access;

/// <summary>One-time links by which whoever can read the server's terminal signs in as the admin.</summary>
public sealed class SignInLinks(TimeProvider clock)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);

    private readonly Lock _lock = new();
    private string? _hash;
    private DateTimeOffset _expiresAt;

    /// <summary>A new code; one made before is void.</summary>
    public string Make()
    {
        var code = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        lock (_lock)
        {
            _hash = TokenHash.Of(code);
            _expiresAt = clock.GetUtcNow() + Lifetime;
        }
        return code;
    }

    /// <summary>True once.</summary>
    public bool Redeem(string code)
    {
        lock (_lock)
        {
            if (_hash is null || clock.GetUtcNow() > _expiresAt || !TokenHash.Matches(code, _hash))
            {
                return false;
            }
            _hash = null;
            return true;
        }
    }
}
