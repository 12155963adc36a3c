using System.Collections.Immutable;
using System.Text;

namespace Mainstay.Kube;

/// <summary>
/// A field selector: <c>spec.nodeName=node-1,status.phase!=Running</c>. A backslash takes the meaning from a comma, an
/// equals sign or a backslash in a value. Which fields a kind has is its server's knowledge. Immutable, thread safe.
/// </summary>
public sealed class FieldSelector
{
    private FieldSelector(ImmutableArray<FieldRequirement> requirements) => Requirements = requirements;

    public static FieldSelector Everything { get; } = new([]);

    public ImmutableArray<FieldRequirement> Requirements { get; }

    /// <exception cref="SelectorFormatException">a term is no comparison, or an escape is unknown</exception>
    public static FieldSelector Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return Everything;
        }
        if (text.Length > Limits.SelectorCharactersMax)
        {
            throw new SelectorFormatException($"longer than {Limits.SelectorCharactersMax} characters");
        }
        var requirements = ImmutableArray.CreateBuilder<FieldRequirement>();
        foreach (var term in Terms(text))
        {
            if (term.Length > 0)
            {
                requirements.Add(Requirement(term));
            }
        }
        return new FieldSelector(requirements.ToImmutable());
    }

    /// <param name="field">the value of a field of the object; empty when it has none</param>
    public bool Matches(Func<string, string> field) =>
        Requirements.All(r => string.Equals(field(r.Field), r.Value, StringComparison.Ordinal) != r.Negated);

    public override string ToString() => string.Join(',', Requirements);

    private static IEnumerable<string> Terms(string text)
    {
        var start = 0;
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] == '\\')
            {
                at++;
            }
            else if (text[at] == ',')
            {
                yield return text[start..at];
                start = at + 1;
            }
        }
        yield return text[start..];
    }

    private static FieldRequirement Requirement(string term)
    {
        var at = term.IndexOf('=', StringComparison.Ordinal);
        if (at < 0)
        {
            throw new SelectorFormatException($"invalid field selector term \"{term}\": can't understand it");
        }
        var negated = at > 0 && term[at - 1] == '!';
        var field = term[..(negated ? at - 1 : at)];
        var value = term[(at + 1)..];
        value = !negated && value.StartsWith('=') ? value[1..] : value;
        return new FieldRequirement(field, Unescape(value), negated);
    }

    private static string Unescape(string value)
    {
        var plain = new StringBuilder(value.Length);
        for (var at = 0; at < value.Length; at++)
        {
            if (value[at] == '=')
            {
                throw new SelectorFormatException($"invalid field selector value \"{value}\": '=' needs a backslash");
            }
            if (value[at] == '\\')
            {
                at++;
                if (at == value.Length || value[at] is not ('\\' or ',' or '='))
                {
                    throw new SelectorFormatException($"invalid field selector value \"{value}\": unknown escape");
                }
            }
            plain.Append(value[at]);
        }
        return plain.ToString();
    }
}

public sealed record FieldRequirement(string Field, string Value, bool Negated)
{
    public override string ToString()
    {
        var escaped = Value.Replace(@"\", @"\\", StringComparison.Ordinal)
            .Replace(",", @"\,", StringComparison.Ordinal).Replace("=", @"\=", StringComparison.Ordinal);
        return $"{Field}{(Negated ? "!=" : "=")}{escaped}";
    }
}
