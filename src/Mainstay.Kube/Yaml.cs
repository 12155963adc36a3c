using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Mainstay.Kube;

/// <summary>
/// YAML text to JSON nodes, as Kubernetes reads manifests: quoted scalars are strings, plain ones are typed by
/// <see cref="YamlScalar"/>, duplicate keys are refused, aliases and <c>&lt;&lt;</c> are written out. No reflection.
/// </summary>
public static class Yaml
{
    /// <summary>Every document of the text that is not empty, in order.</summary>
    /// <exception cref="YamlFormatException">with the line and column of the fault, both from 1</exception>
    public static IReadOnlyList<JsonNode> ParseAll(string text)
    {
        var documents = new List<JsonNode>();
        var parser = new Parser(new StringReader(text));
        try
        {
            while (parser.MoveNext())
            {
                if (parser.Current is DocumentStart && new YamlDocument(parser).Read() is { } document)
                {
                    documents.Add(document);
                }
            }
        }
        catch (YamlException fault)
        {
            // Some of the parser's own faults (a tab as indentation) have no place: then it is behind the last event.
            var last = parser.Current?.End ?? Mark.Empty;
            throw new YamlFormatException(fault.Message, fault.End.Index > 0 ? fault.End : last);
        }
        return documents;
    }

    /// <summary>The only document of the text; null when the text is empty.</summary>
    /// <exception cref="YamlFormatException">also when there is more than one document</exception>
    public static JsonNode? ParseSingle(string text)
    {
        var documents = ParseAll(text);
        return documents.Count switch
        {
            0 => null,
            1 => documents[0],
            _ => throw new YamlFormatException($"one document is expected, {documents.Count} are there", Mark.Empty),
        };
    }
}

/// <summary>The text is not YAML, or not YAML that has a JSON form.</summary>
public sealed class YamlFormatException : FormatException
{
    internal YamlFormatException(string reason, Mark at)
        : base($"line {at.Line}, column {at.Column}: {reason}")
    {
        Line = (int)at.Line;
        Column = (int)at.Column;
    }

    /// <summary>The line of the fault, from 1.</summary>
    public int Line { get; }

    /// <summary>The column of the fault, from 1.</summary>
    public int Column { get; }
}

/// <summary>One document, read by recursion over the parser's events. Used once.</summary>
internal sealed class YamlDocument(IParser parser)
{
    private readonly Dictionary<string, Anchored> _anchors = [];
    private int _nodes;

    /// <summary>The parser stands on the document's start; afterwards it stands on its end.</summary>
    public JsonNode? Read()
    {
        parser.MoveNext();
        var root = ReadNode(0);
        return root;
    }

    /// <summary>The parser stands on the node's first event; afterwards it stands behind its last.</summary>
    private JsonNode? ReadNode(int depth)
    {
        var start = parser.Current ?? throw new YamlFormatException("the text ends too early", Mark.Empty);
        if (depth > Limits.YamlDepthMax)
        {
            throw new YamlFormatException($"nested deeper than {Limits.YamlDepthMax}", start.Start);
        }
        var before = _nodes;
        Count(1, start);
        var node = start switch
        {
            AnchorAlias alias => Expand(alias),
            Scalar scalar => YamlScalar.ToJson(scalar),
            SequenceStart => ReadSequence(depth),
            MappingStart => ReadMapping(depth),
            _ => throw new YamlFormatException($"unexpected {start.GetType().Name}", start.Start),
        };
        if (start is NodeEvent { Anchor.IsEmpty: false } anchor)
        {
            _anchors[anchor.Anchor.Value] = new Anchored(node, _nodes - before);
        }
        parser.MoveNext();
        return node;
    }

    private JsonArray ReadSequence(int depth)
    {
        var items = new JsonArray();
        parser.MoveNext();
        while (parser.Current is not SequenceEnd)
        {
            items.Add(ReadNode(depth + 1));
        }
        return items;
    }

    private JsonObject ReadMapping(int depth)
    {
        var fields = new JsonObject();
        var merged = new List<(JsonNode? Node, Mark At)>();
        parser.MoveNext();
        while (parser.Current is not MappingEnd)
        {
            if (parser.Current is not Scalar key)
            {
                throw new YamlFormatException("a key has to be a scalar", parser.Current?.Start ?? Mark.Empty);
            }
            parser.MoveNext();
            var value = ReadNode(depth + 1);
            if (key is { Value: "<<", Style: ScalarStyle.Plain })
            {
                merged.Add((value, key.Start));
            }
            else if (!fields.TryAdd(key.Value, value))
            {
                throw new YamlFormatException($"the key \"{key.Value}\" is there twice", key.Start);
            }
        }
        foreach (var (node, at) in merged)
        {
            Merge(fields, node, at);
        }
        return fields;
    }

    /// <summary>What the mapping says itself wins over what it merges, earlier merges over later ones.</summary>
    private static void Merge(JsonObject fields, JsonNode? merged, Mark at)
    {
        switch (merged)
        {
            case JsonObject source:
                foreach (var (key, value) in source)
                {
                    fields.TryAdd(key, value?.DeepClone());
                }
                break;
            case JsonArray sources:
                foreach (var source in sources)
                {
                    Merge(fields, source as JsonObject, at);
                }
                break;
            default:
                throw new YamlFormatException("<< merges a mapping or a list of mappings", at);
        }
    }

    private JsonNode? Expand(AnchorAlias alias)
    {
        if (!_anchors.TryGetValue(alias.Value.Value, out var anchored))
        {
            throw new YamlFormatException($"the alias *{alias.Value.Value} has no anchor before it", alias.Start);
        }
        Count(anchored.Nodes, alias);
        return anchored.Node?.DeepClone();
    }

    private void Count(int nodes, ParsingEvent at)
    {
        _nodes += nodes;
        if (_nodes > Limits.YamlNodesMax)
        {
            throw new YamlFormatException($"more than {Limits.YamlNodesMax} nodes", at.Start);
        }
    }

    private sealed record Anchored(JsonNode? Node, int Nodes);
}
