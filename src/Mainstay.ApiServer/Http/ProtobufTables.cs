using System.Collections.Frozen;

namespace Mainstay.ApiServer.Http;

internal enum ProtobufKind
{
    Text,
    Bytes,
    Whole,
    Flag,
    Texts,
    Object,
    Objects,
    TextMap,
    BytesMap,
    IntOrString,
}

/// <param name="KeepsZero">zero and empty are said on purpose: the field is optional in the object</param>
internal sealed record ProtobufField(int Number, string Name, ProtobufKind Kind, bool KeepsZero = false)
{
    private ProtobufTable? _table;

    /// <summary>The fields of what is inside.</summary>
    public ProtobufTable Table
    {
        get => _table ?? throw new InvalidOperationException($"{Name} has nothing inside");
        init => _table = value;
    }

    /// <summary>Whether an empty value means something: always as an item of a list.</summary>
    public bool MeansZero => KeepsZero || Kind is ProtobufKind.Texts or ProtobufKind.Objects;

    public bool IsText => Kind is not (ProtobufKind.Whole or ProtobufKind.Flag);
}

/// <summary>A message: its fields by number.</summary>
internal sealed class ProtobufTable(params ProtobufField[] fields)
{
    public FrozenDictionary<int, ProtobufField> Fields { get; } = fields.ToFrozenDictionary(field => field.Number);

    /// <summary>A field that a creator has no say in, such as the status.</summary>
    public int Ignored { get; init; }
}

/// <summary>The field numbers of Kubernetes' messages, for the kinds that <see cref="ProtobufBody"/> reads.</summary>
internal static class ProtobufTables
{
    public static readonly ProtobufTable IntOrString = new(
        new(1, "type", ProtobufKind.Whole), new(2, "number", ProtobufKind.Whole), new(3, "text", ProtobufKind.Text));

    public static readonly ProtobufTable Envelope = new(
        Inside(1, "typeMeta", new ProtobufTable(
            new(1, "apiVersion", ProtobufKind.Text), new(2, "kind", ProtobufKind.Text))),
        new(2, "raw", ProtobufKind.Bytes),
        new(3, "contentEncoding", ProtobufKind.Text),
        new(4, "contentType", ProtobufKind.Text));

    private static readonly ProtobufTable TextPair = new(
        new(1, "key", ProtobufKind.Text), new(2, "value", ProtobufKind.Text));

    private static readonly ProtobufTable BytesPair = new(
        new(1, "key", ProtobufKind.Text), new(2, "value", ProtobufKind.Bytes));

    private static readonly ProtobufTable Metadata = new(
        new(1, "name", ProtobufKind.Text),
        new(2, "generateName", ProtobufKind.Text),
        new(3, "namespace", ProtobufKind.Text),
        new(6, "resourceVersion", ProtobufKind.Text),
        new(11, "labels", ProtobufKind.TextMap),
        new(12, "annotations", ProtobufKind.TextMap),
        new(14, "finalizers", ProtobufKind.Texts));

    private static readonly ProtobufTable Container = new(
        new(1, "name", ProtobufKind.Text),
        new(2, "image", ProtobufKind.Text),
        new(3, "command", ProtobufKind.Texts),
        new(4, "args", ProtobufKind.Texts),
        Inside(6, "ports", ProtobufKind.Objects, new ProtobufTable(
            new(1, "name", ProtobufKind.Text),
            new(2, "hostPort", ProtobufKind.Whole),
            new(3, "containerPort", ProtobufKind.Whole),
            new(4, "protocol", ProtobufKind.Text))),
        Inside(8, "resources", new ProtobufTable()),
        new(14, "imagePullPolicy", ProtobufKind.Text));

    private static readonly ProtobufTable Template = new(
        Inside(1, "metadata", Metadata),
        Inside(2, "spec", new ProtobufTable(
            Inside(2, "containers", ProtobufKind.Objects, Container), new(3, "restartPolicy", ProtobufKind.Text))));

    private static readonly ProtobufTable ServiceSpec = new(
        Inside(1, "ports", ProtobufKind.Objects, new ProtobufTable(
            new(1, "name", ProtobufKind.Text),
            new(2, "protocol", ProtobufKind.Text),
            new(3, "port", ProtobufKind.Whole),
            new(4, "targetPort", ProtobufKind.IntOrString))),
        new(2, "selector", ProtobufKind.TextMap),
        new(3, "clusterIP", ProtobufKind.Text),
        new(4, "type", ProtobufKind.Text),
        new(10, "externalName", ProtobufKind.Text));

    private static readonly ProtobufTable DeploymentSpec = new(
        new(1, "replicas", ProtobufKind.Whole, KeepsZero: true),
        Inside(2, "selector", new ProtobufTable(new ProtobufField(1, "matchLabels", ProtobufKind.TextMap))),
        Inside(3, "template", Template),
        Inside(4, "strategy", new ProtobufTable(new ProtobufField(1, "type", ProtobufKind.Text))));

    public static readonly FrozenDictionary<string, ProtobufTable> ByKind = new Dictionary<string, ProtobufTable>
    {
        ["ConfigMap"] = new(
            Inside(1, "metadata", Metadata),
            new(2, "data", ProtobufKind.TextMap),
            new(3, "binaryData", ProtobufKind.BytesMap),
            new(4, "immutable", ProtobufKind.Flag, KeepsZero: true)),
        ["Secret"] = new(
            Inside(1, "metadata", Metadata),
            new(2, "data", ProtobufKind.BytesMap),
            new(3, "type", ProtobufKind.Text),
            new(4, "stringData", ProtobufKind.TextMap),
            new(5, "immutable", ProtobufKind.Flag, KeepsZero: true)),
        ["Namespace"] = new(
            Inside(1, "metadata", Metadata),
            Inside(2, "spec", new ProtobufTable(new ProtobufField(1, "finalizers", ProtobufKind.Texts))))
        {
            Ignored = 3,
        },
        ["ServiceAccount"] = new(
            Inside(1, "metadata", Metadata),
            new(4, "automountServiceAccountToken", ProtobufKind.Flag, KeepsZero: true)),
        ["Service"] = new(Inside(1, "metadata", Metadata), Inside(2, "spec", ServiceSpec)) { Ignored = 3 },
        ["Deployment"] = new(Inside(1, "metadata", Metadata), Inside(2, "spec", DeploymentSpec)) { Ignored = 3 },
        ["DeleteOptions"] = new(
            new(1, "gracePeriodSeconds", ProtobufKind.Whole, KeepsZero: true),
            Inside(2, "preconditions", new ProtobufTable(
                new(1, "uid", ProtobufKind.Text), new(2, "resourceVersion", ProtobufKind.Text))),
            new(3, "orphanDependents", ProtobufKind.Flag, KeepsZero: true),
            new(4, "propagationPolicy", ProtobufKind.Text),
            new(5, "dryRun", ProtobufKind.Texts)),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>An entry of a map: its value is text or bytes.</summary>
    public static ProtobufTable PairOf(ProtobufKind map) => map == ProtobufKind.BytesMap ? BytesPair : TextPair;

    private static ProtobufField Inside(int number, string name, ProtobufTable table) =>
        Inside(number, name, ProtobufKind.Object, table);

    private static ProtobufField Inside(int number, string name, ProtobufKind kind, ProtobufTable table) =>
        new(number, name, kind) { Table = table };
}
