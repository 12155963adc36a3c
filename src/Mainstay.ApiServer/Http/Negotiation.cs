using System.Globalization;

namespace Mainstay.ApiServer.Http;

/// <summary>In what shape a client wants objects.</summary>
internal enum ObjectShape
{
    Plain,
    Table,
    PartialMetadata,
}

/// <summary>One media type of an Accept header, such as <c>application/json;as=Table;g=meta.k8s.io;v=v1</c>.</summary>
internal sealed record MediaRange(string Type, IReadOnlyDictionary<string, string> Parameters)
{
    public double Quality { get; private init; } = 1;

    public string this[string name] => Parameters.TryGetValue(name, out var value) ? value : "";

    /// <summary>All ranges of a header, the most wanted first; of equals the first named.</summary>
    public static List<MediaRange> ParseAll(string? accept)
    {
        var ranges = new List<MediaRange>();
        foreach (var part in (accept ?? "").Split(',', StringSplitOptions.TrimEntries))
        {
            if (part.Length > 0)
            {
                ranges.Add(Parse(part));
            }
        }

        return [.. ranges.OrderByDescending(range => range.Quality)];
    }

    public static MediaRange Parse(string text)
    {
        var parts = text.Split(';', StringSplitOptions.TrimEntries);
        var parameters = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var parameter in parts.Skip(1))
        {
            var equals = parameter.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
            {
                parameters[parameter[..equals].Trim()] = parameter[(equals + 1)..].Trim().Trim('"');
            }
        }

        var quality = parameters.TryGetValue("q", out var q)
            && double.TryParse(q, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : 1;
        return new MediaRange(parts[0].ToLowerInvariant(), parameters) { Quality = quality };
    }
}

/// <summary>The choice between what a client accepts and what is served.</summary>
internal static class Negotiation
{
    public const string Json = "application/json";

    private const string MetaGroup = "meta.k8s.io";

    /// <summary>The first acceptable shape; a refusal with 406 when there is none.</summary>
    public static ObjectShape Shape(string? accept)
    {
        var ranges = MediaRange.ParseAll(accept);
        if (ranges.Count == 0)
        {
            return ObjectShape.Plain;
        }

        foreach (var range in ranges)
        {
            if (range.Quality <= 0 || !IsJson(range))
            {
                continue;
            }

            switch (range["as"])
            {
                case "":
                    return ObjectShape.Plain;
                case "Table" when IsMeta(range):
                    return ObjectShape.Table;
                case "PartialObjectMetadata" or "PartialObjectMetadataList" when IsMeta(range):
                    return ObjectShape.PartialMetadata;
            }
        }

        throw new RefusedException(KubeStatus.NotAcceptable(Json));
    }

    public static bool IsJson(MediaRange range) => range.Type is Json or "application/*" or "*/*";

    private static bool IsMeta(MediaRange range) =>
        range["g"] is MetaGroup or "" && range["v"] is "v1" or "v1beta1";
}
