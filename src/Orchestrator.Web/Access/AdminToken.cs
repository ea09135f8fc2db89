using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Orchestrator.Access;
using Orchestrator.Data;

namespace Orchestrator.Web.Access;

/// <summary>Section <c>Orchestrator</c>.</summary>
public sealed class AdminOptions
{
    /// <summary>A bearer token with all rights. Default: one is made at the first start and kept in the data directory.</summary>
    public string? AdminToken { get; set; }
}

/// <summary>The token with all rights, from the settings or from the file <c>admin-token</c> (mode 0600).</summary>
public sealed class AdminToken
{
    public const int MinLength = 16;

    private readonly string _hash;

    public AdminToken(IOptions<AdminOptions> options, DataDirectory data)
    {
        var token = options.Value.AdminToken is { Length: > 0 } configured ? configured : ReadOrMake(data.AdminTokenFile);
        if (token.Length < MinLength)
        {
            throw new OptionsValidationException(nameof(AdminOptions), typeof(AdminOptions),
                [$"Orchestrator__AdminToken is shorter than {MinLength} characters. Use a long random one, such as 'openssl rand -hex 32' prints."]);
        }
        _hash = TokenHash.Of(token);
    }

    public bool Matches(string token) => TokenHash.Matches(token, _hash);

    private static string ReadOrMake(string path)
    {
        if (File.Exists(path))
        {
            return File.ReadAllText(path).Trim();
        }
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        using var file = new StreamWriter(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        file.WriteLine(token);
        return token;
    }
}
