using System.Globalization;
using Mainstay.ApiServer.Registry;
using Mainstay.ApiServer.Storage;
using Mainstay.Kube;
using Microsoft.AspNetCore.Http;

namespace Mainstay.ApiServer.Http;

internal enum RevisionMatch
{
    /// <summary>The client does not say: the verb decides.</summary>
    Unset,
    NotOlderThan,
    Exact,
}

/// <summary>What the query of a list or watch asks for, validated.</summary>
internal sealed record ListQuery
{
    public required ObjectFilter Filter { get; init; }

    /// <summary>null when the client gave none, which asks for the newest; 0 for whatever is at hand.</summary>
    public long? ResourceVersion { get; init; }

    public RevisionMatch Match { get; init; }

    /// <summary>Objects wanted at most; 0 for all.</summary>
    public long Limit { get; init; }

    public string Continue { get; init; } = "";

    public bool AllowBookmarks { get; init; }

    public bool SendInitialEvents { get; init; }

    /// <summary>null when the client gave none.</summary>
    public TimeSpan? Timeout { get; init; }

    public static ListQuery Parse(IQueryCollection query, ResourceType type, bool isWatch)
    {
        var list = new ListQuery
        {
            Filter = ObjectFilter.Parse(type, query["labelSelector"], query["fieldSelector"]),
            ResourceVersion = Revision(query["resourceVersion"]),
            Match = MatchOf(query["resourceVersionMatch"]),
            Limit = Number(query["limit"], "limit") ?? 0,
            Continue = query["continue"].ToString(),
            AllowBookmarks = Flag(query["allowWatchBookmarks"]),
            SendInitialEvents = Flag(query["sendInitialEvents"]),
            Timeout = Number(query["timeoutSeconds"], "timeoutSeconds") is { } seconds and > 0
                ? TimeSpan.FromSeconds(Math.Min(seconds, Limits.WatchTimeoutMax.TotalSeconds))
                : null,
        };
        list.Check(isWatch, query.ContainsKey("sendInitialEvents"));
        return list;
    }

    public static bool Flag(string? text) => text is "true" or "1" or "True" or "TRUE" or "t" or "T";

    private void Check(bool isWatch, bool namesInitialEvents)
    {
        if (isWatch)
        {
            CheckWatch(namesInitialEvents);
            return;
        }

        if (namesInitialEvents)
        {
            throw Invalid("sendInitialEvents", "Forbidden: sendInitialEvents is forbidden for list");
        }

        if (Match == RevisionMatch.Unset)
        {
            if (Continue.Length > 0 && ResourceVersion is not (null or 0))
            {
                throw new RefusedException(KubeStatus.BadRequest(
                    "specifying resource version is not allowed when using continue"));
            }

            return;
        }

        if (Continue.Length > 0)
        {
            throw Invalid(
                "resourceVersionMatch", "Forbidden: resourceVersionMatch is forbidden when continue is provided");
        }

        if (ResourceVersion is null)
        {
            throw Invalid(
                "resourceVersionMatch",
                "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided");
        }

        if (Match == RevisionMatch.Exact && ResourceVersion == 0)
        {
            throw Invalid(
                "resourceVersionMatch",
                "Forbidden: resourceVersionMatch \"Exact\" is forbidden for resourceVersion \"0\"");
        }
    }

    private void CheckWatch(bool namesInitialEvents)
    {
        if (namesInitialEvents && Match != RevisionMatch.NotOlderThan)
        {
            throw Invalid(
                "resourceVersionMatch",
                "Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
        }

        if (!namesInitialEvents && Match != RevisionMatch.Unset)
        {
            throw Invalid(
                "resourceVersionMatch",
                "Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
        }

        if (SendInitialEvents && !AllowBookmarks)
        {
            throw Invalid(
                "allowWatchBookmarks", "Forbidden: sendInitialEvents requires setting allowWatchBookmarks to true");
        }
    }

    private static RevisionMatch MatchOf(string? text) => text switch
    {
        null or "" => RevisionMatch.Unset,
        "NotOlderThan" => RevisionMatch.NotOlderThan,
        "Exact" => RevisionMatch.Exact,
        _ => throw Invalid(
            "resourceVersionMatch",
            $"Unsupported value: \"{text}\": supported values: \"Exact\", \"NotOlderThan\", \"\""),
    };

    private static long? Revision(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var revision)
            ? revision
            : throw Invalid("resourceVersion", $"Invalid value: \"{text}\": it is not a number");
    }

    private static long? Number(string? text, string name)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new RefusedException(KubeStatus.BadRequest($"{name} must be a whole number, not \"{text}\""));
    }

    private static RefusedException Invalid(string field, string message)
    {
        var isForbidden = message.StartsWith("Forbidden", StringComparison.Ordinal);
        var reason = isForbidden ? "FieldValueForbidden" : "FieldValueInvalid";
        return new RefusedException(KubeStatus.Invalid(
            new Subject("meta.k8s.io", "", "ListOptions", ""), [new StatusCause(reason, message, field)]));
    }
}

/// <summary>Which objects of a resource a request speaks of.</summary>
internal sealed record ObjectFilter(LabelSelector Labels, FieldSelector Fields)
{
    public static readonly ObjectFilter Everything = new(LabelSelector.Everything, FieldSelector.Everything);

    public bool IsEverything => Labels.IsEverything && Fields.Requirements.IsEmpty;

    /// <summary>The name, where the filter allows one name only.</summary>
    public string? OnlyName => Fields.Requirements
        .FirstOrDefault(one => one.Field == "metadata.name" && !one.Negated)?.Value;

    /// <summary>The same for the namespace.</summary>
    public string? OnlyNamespace => Fields.Requirements
        .FirstOrDefault(one => one.Field == "metadata.namespace" && !one.Negated)?.Value;

    public static ObjectFilter Parse(ResourceType type, string? labels, string? fields)
    {
        if (string.IsNullOrEmpty(labels) && string.IsNullOrEmpty(fields))
        {
            return Everything;
        }

        try
        {
            var filter = new ObjectFilter(LabelSelector.Parse(labels), FieldSelector.Parse(fields));
            foreach (var requirement in filter.Fields.Requirements)
            {
                if (!type.CanSelectBy(requirement.Field))
                {
                    throw new RefusedException(
                        KubeStatus.BadRequest($"field label not supported: {requirement.Field}"));
                }
            }

            return filter;
        }
        catch (SelectorFormatException e)
        {
            throw new RefusedException(KubeStatus.BadRequest($"unable to parse requirement: {e.Message}"));
        }
    }

    public bool Matches(StoredObject one) =>
        (Labels.IsEverything || Labels.Matches(one.Labels))
        && (Fields.Requirements.IsEmpty || Fields.Matches(field => ValueOf(one, field)));

    private static string ValueOf(StoredObject one, string field) => field switch
    {
        "metadata.name" => one.Name,
        "metadata.namespace" => one.Namespace,
        _ => one.Fields.TryGetValue(field, out var value) ? value : "",
    };
}
