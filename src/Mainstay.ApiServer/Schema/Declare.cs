namespace Mainstay.ApiServer.Schema;

/// <summary>The words in which the schema table is written; meant for <c>using static</c>.</summary>
internal static class Declare
{
    public static ObjectSchema Define(string name, string description, params ReadOnlySpan<Field> fields) =>
        new("io.k8s." + name, description, [.. fields]);

    public static Field Text(string name, string description) =>
        new(name, FieldKind.Text, FieldShape.One, description);

    public static Field Texts(string name, string description) =>
        new(name, FieldKind.Text, FieldShape.List, description);

    public static Field TextMap(string name, string description) =>
        new(name, FieldKind.Text, FieldShape.Map, description);

    public static Field Flag(string name, string description) =>
        new(name, FieldKind.Flag, FieldShape.One, description);

    public static Field Int32(string name, string description) =>
        new(name, FieldKind.Int32, FieldShape.One, description);

    public static Field Int64(string name, string description) =>
        new(name, FieldKind.Int64, FieldShape.One, description);

    public static Field Int64s(string name, string description) =>
        new(name, FieldKind.Int64, FieldShape.List, description);

    public static Field Quantity(string name, string description) =>
        new(name, FieldKind.Quantity, FieldShape.One, description);

    public static Field QuantityMap(string name, string description) =>
        new(name, FieldKind.Quantity, FieldShape.Map, description);

    public static Field IntOrString(string name, string description) =>
        new(name, FieldKind.IntOrString, FieldShape.One, description);

    public static Field Time(string name, string description) =>
        new(name, FieldKind.Time, FieldShape.One, description);

    public static Field MicroTime(string name, string description) =>
        new(name, FieldKind.MicroTime, FieldShape.One, description);

    public static Field BytesMap(string name, string description) =>
        new(name, FieldKind.Bytes, FieldShape.Map, description);

    public static Field Any(string name, string description) =>
        new(name, FieldKind.Any, FieldShape.One, description);

    public static Field One(string name, ObjectSchema schema, string description) =>
        new(name, FieldKind.Object, FieldShape.One, description) { Object = schema };

    public static Field Many(string name, ObjectSchema schema, string description) =>
        new(name, FieldKind.Object, FieldShape.List, description) { Object = schema };
}
