namespace Mainstay.ApiServer.Schema;

/// <summary>The bounds of what is read from clients; each with its unit and its reason.</summary>
internal static class SchemaLimits
{
    /// <summary>
    /// Levels of nesting in a body. The deepest field of a Deployment stands at 16; managed fields go deeper.
    /// </summary>
    public const int JsonDepthMax = 128;

    /// <summary>Unknown and duplicate fields told to one client; a real API server stops at the same count.</summary>
    public const int StrayFieldsMax = 100;

    /// <summary>Operations in one JSON patch; the count at which a real API server refuses.</summary>
    public const int JsonPatchOperationsMax = 10_000;

    /// <summary>Bytes of all annotations of one object together.</summary>
    public const int AnnotationsBytesMax = 256 * 1024;

    /// <summary>Bytes of all values of one ConfigMap or Secret together.</summary>
    public const int DataBytesMax = 1024 * 1024;
}
