using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Mainstay.ApiServer.Schema;

/// <summary>Labels, and the selectors over them. Pure.</summary>
internal static class LabelRules
{
    private static readonly ImmutableArray<string> SelectorOperators = ["In", "NotIn", "Exists", "DoesNotExist"];

    public static void CheckLabels(JsonNode? labels, FieldPath path, FieldErrors errors)
    {
        foreach (var (key, value) in labels as JsonObject ?? [])
        {
            foreach (var fault in NameRules.IsQualified(key))
            {
                errors.Invalid(path, key, fault);
            }

            var text = value.AsText() ?? "";
            foreach (var fault in NameRules.IsLabelValue(text))
            {
                errors.Invalid(path, text, fault);
            }
        }
    }

    public static void CheckSelector(JsonNode selector, FieldPath path, FieldErrors errors)
    {
        CheckLabels(selector["matchLabels"], path.Child("matchLabels"), errors);
        var index = 0;
        foreach (var term in selector.ObjectsAt("matchExpressions"))
        {
            CheckTerm(term, path.Child("matchExpressions").Index(index++), errors);
        }
    }

    /// <summary>An empty selector matches everything; an absent one nothing.</summary>
    public static bool Matches(JsonNode? selector, JsonNode? labels)
    {
        if (selector is not JsonObject)
        {
            return false;
        }

        var equal = (selector.ObjectAt("matchLabels") ?? [])
            .All(pair => labels.TextAt(pair.Key) == pair.Value.AsText());
        return equal && selector.ObjectsAt("matchExpressions").All(term => MatchesTerm(term, labels));
    }

    public static bool IsEmptySelector(JsonNode? selector) =>
        (selector.ObjectAt("matchLabels")?.Count ?? 0) == 0 && (selector.ListAt("matchExpressions")?.Count ?? 0) == 0;

    private static bool MatchesTerm(JsonObject term, JsonNode? labels)
    {
        var value = labels.TextAt(term.TextIn("key"));
        return term.TextIn("operator") switch
        {
            "In" => value is not null && term.TextsAt("values").Contains(value),
            "NotIn" => value is null || !term.TextsAt("values").Contains(value),
            "Exists" => value is not null,
            "DoesNotExist" => value is null,
            _ => false,
        };
    }

    private static void CheckTerm(JsonObject term, FieldPath path, FieldErrors errors)
    {
        var @operator = term.TextIn("operator");
        var count = term.ListAt("values")?.Count ?? 0;
        if (!SelectorOperators.Contains(@operator))
        {
            errors.Invalid(path.Child("operator"), @operator, "not a valid selector operator");
        }
        else if (@operator is "In" or "NotIn" && count == 0)
        {
            errors.Required(path.Child("values"), "must be specified when `operator` is 'In' or 'NotIn'");
        }
        else if (@operator is "Exists" or "DoesNotExist" && count > 0)
        {
            errors.Forbidden(path.Child("values"),
                "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
        }

        var key = term.TextIn("key");
        foreach (var fault in NameRules.IsQualified(key))
        {
            errors.Invalid(path.Child("key"), key, fault);
        }
    }
}
