using System.Collections.Immutable;
using System.Text.Json;

namespace Mainstay.Kube;

/// <summary>
/// A label selector, from its text (<c>a=b,c!=d,x in (1,2),!y</c>) or from its object form (<c>matchLabels</c>,
/// <c>matchExpressions</c>). As in Kubernetes, <c>!=</c> and <c>notin</c> also match an object without the label.
/// Immutable, thread safe.
/// </summary>
public sealed class LabelSelector
{
    private readonly bool _matchesNothing;

    private LabelSelector(ImmutableArray<LabelRequirement> requirements, bool matchesNothing)
    {
        Requirements = requirements;
        _matchesNothing = matchesNothing;
    }

    public static LabelSelector Everything { get; } = new([], matchesNothing: false);

    public static LabelSelector Nothing { get; } = new([], matchesNothing: true);

    public ImmutableArray<LabelRequirement> Requirements { get; }

    public bool IsEverything => !_matchesNothing && Requirements.IsEmpty;

    public bool IsNothing => _matchesNothing;

    /// <exception cref="SelectorFormatException">with the reason and the place</exception>
    public static LabelSelector Parse(string? text) =>
        string.IsNullOrWhiteSpace(text) ? Everything : Of(new LabelSelectorParser(text).Parse());

    public static LabelSelector Of(params ImmutableArray<LabelRequirement> requirements) =>
        requirements.IsEmpty ? Everything : new LabelSelector(requirements, matchesNothing: false);

    /// <summary>Equality with each pair, as in a Service's <c>spec.selector</c>; no pair matches everything.</summary>
    public static LabelSelector FromMap(IEnumerable<KeyValuePair<string, string>> labels) =>
        Of([.. labels.Select(l => new LabelRequirement(l.Key, LabelOperator.In, [l.Value ?? ""]))]);

    /// <summary>The object form. Absent or null matches nothing, empty matches everything: Kubernetes' own
    /// rule.</summary>
    /// <exception cref="SelectorFormatException">an operator is unknown or its values do not fit it</exception>
    public static LabelSelector FromObject(JsonElement? selector)
    {
        if (selector is not { ValueKind: JsonValueKind.Object } form)
        {
            return Nothing;
        }
        var requirements = ImmutableArray.CreateBuilder<LabelRequirement>();
        foreach (var (key, value) in form.Map("matchLabels"))
        {
            requirements.Add(new LabelRequirement(key, LabelOperator.In, [value]));
        }
        foreach (var expression in form.Items("matchExpressions"))
        {
            var values = expression.Texts("values");
            requirements.Add(LabelRequirement.FromWords(expression.Text("key"), expression.Text("operator"), values));
        }
        return Of(requirements.ToImmutable());
    }

    public bool Matches(IReadOnlyDictionary<string, string>? labels)
    {
        if (_matchesNothing)
        {
            return false;
        }
        foreach (var requirement in Requirements)
        {
            string? value = null;
            labels?.TryGetValue(requirement.Key, out value);
            if (!requirement.Matches(value))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>The text form, as it goes into a query.</summary>
    public override string ToString() => _matchesNothing ? "<nothing>" : string.Join(',', Requirements);
}

public enum LabelOperator
{
    In,
    NotIn,
    Exists,
    DoesNotExist,
    GreaterThan,
    LessThan,
}

/// <summary>One term of a selector. Equality is <see cref="LabelOperator.In"/> with one value.</summary>
public sealed record LabelRequirement(string Key, LabelOperator Operator, ImmutableArray<string> Values)
{
    /// <summary>From the words of <c>matchExpressions</c> (In, NotIn, Exists, DoesNotExist, and Gt, Lt for
    /// nodes).</summary>
    public static LabelRequirement FromWords(string key, string word, ImmutableArray<string> values)
    {
        if (key.Length == 0)
        {
            throw new SelectorFormatException("key: Required value");
        }
        var (parsed, fits) = word switch
        {
            "In" => (LabelOperator.In, values.Length > 0),
            "NotIn" => (LabelOperator.NotIn, values.Length > 0),
            "Exists" => (LabelOperator.Exists, values.IsEmpty),
            "DoesNotExist" => (LabelOperator.DoesNotExist, values.IsEmpty),
            "Gt" => (LabelOperator.GreaterThan, values.Length == 1),
            "Lt" => (LabelOperator.LessThan, values.Length == 1),
            _ => throw new SelectorFormatException($"\"{word}\" is not a valid label selector operator"),
        };
        return fits ? new LabelRequirement(key, parsed, values)
            : throw new SelectorFormatException($"{word} does not go with {values.Length} values (key {key})");
    }

    /// <param name="value">the value of the label; null when the object does not have it</param>
    public bool Matches(string? value) => Operator switch
    {
        LabelOperator.In => value is not null && Values.Contains(value),
        LabelOperator.NotIn => value is null || !Values.Contains(value),
        LabelOperator.Exists => value is not null,
        LabelOperator.DoesNotExist => value is null,
        LabelOperator.GreaterThan => Compare(value) > 0,
        LabelOperator.LessThan => Compare(value) < 0,
        _ => false,
    };

    public override string ToString() => Operator switch
    {
        LabelOperator.In when Values.Length == 1 => $"{Key}={Values[0]}",
        LabelOperator.NotIn when Values.Length == 1 => $"{Key}!={Values[0]}",
        LabelOperator.In => $"{Key} in ({string.Join(',', Values)})",
        LabelOperator.NotIn => $"{Key} notin ({string.Join(',', Values)})",
        LabelOperator.Exists => Key,
        LabelOperator.DoesNotExist => $"!{Key}",
        LabelOperator.GreaterThan => $"{Key}>{Values[0]}",
        _ => $"{Key}<{Values[0]}",
    };

    /// <summary>Zero, which neither operator takes, when either side is no whole number.</summary>
    private int Compare(string? value) =>
        long.TryParse(value, out var have) && long.TryParse(Values[0], out var bound) ? have.CompareTo(bound) : 0;
}

/// <summary>The text or object is no selector.</summary>
public sealed class SelectorFormatException(string reason) : FormatException(reason);
