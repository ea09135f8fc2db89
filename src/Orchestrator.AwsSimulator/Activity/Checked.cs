using System.Diagnostics.CodeAnalysis;

namespace Orchestrator.AwsSimulator.Activity;

/// <summary>The result of a step that can turn a call down: a value or a refusal, never both.</summary>
internal readonly struct Checked<T>
    where T : class
{
    private readonly T? _value;
    private readonly Refusal? _refusal;

    private Checked(T? value, Refusal? refusal)
    {
        _value = value;
        _refusal = refusal;
    }

    public static implicit operator Checked<T>(T value) => new(value, null);

    public static implicit operator Checked<T>(Refusal refusal) => new(null, refusal);

    public bool Passed([NotNullWhen(true)] out T? value, [NotNullWhen(false)] out Refusal? refusal)
    {
        (value, refusal) = (_value, _refusal);
        return value is not null;
    }
}
