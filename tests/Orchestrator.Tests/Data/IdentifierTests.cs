using CsCheck;
using Orchestrator.Data;

namespace Orchestrator.Tests.Data;

public sealed class IdentifierTests
{
    [Fact]
    public void A_new_identifier_has_its_kind_as_prefix_and_can_be_read_back()
    {
        var made = Identifier.New<WorkspaceId>();

        Assert.Matches("^ws-[A-Za-z0-9]{16}$", made.Value);
        Assert.True(Identifier.TryParse<WorkspaceId>(made.Value, out var read));
        Assert.Equal(made, read);
    }

    [Fact]
    public void New_identifiers_differ()
    {
        var made = Enumerable.Range(0, 1000).Select(_ => Identifier.New<RunId>()).ToHashSet();

        Assert.Equal(1000, made.Count);
    }

    [Fact]
    public void Every_kind_has_a_prefix_of_its_own()
    {
        var kinds = typeof(Identifier).Assembly.GetTypes()
            .Where(type => type.GetInterfaces().Any(face => face.IsGenericType && face.GetGenericTypeDefinition() == typeof(IIdentifier<>)))
            .Select(type => (string)type.GetProperty("Prefix")!.GetValue(null)!)
            .ToList();

        Assert.NotEmpty(kinds);
        Assert.Equal(kinds.Count, kinds.Distinct(StringComparer.Ordinal).Count());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("run-")]
    [InlineData("run-abcdefghijklmno")]
    [InlineData("run-abcdefghijklmnopq")]
    [InlineData("ws-abcdefghijklmnop")]
    [InlineData("RUN-abcdefghijklmnop")]
    [InlineData("run-abcdefgh/jklmnop")]
    [InlineData("run-../../../etc/pas")]
    [InlineData("run-abcdefghijklmno\n")]
    [InlineData("run-abcdefghijklmnoé")]
    [InlineData(" run-abcdefghijklmno")]
    public void Anything_else_is_not_a_runs_identifier(string? text) => Assert.False(Identifier.TryParse<RunId>(text, out _));

    [Fact]
    public void Reading_any_text_never_throws_and_accepts_only_what_it_would_write() =>
        Gen.String.Sample(text => !Identifier.TryParse<RunId>("run-" + text, out var id)
            || (id.Value.Length == 20 && id.Value.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-')));
}
