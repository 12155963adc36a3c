using System.Collections.Immutable;

namespace Mainstay.ApiServer.OpenApi;

/// <summary>
/// The parameters that operations take. kubectl looks for fieldValidation before it trusts the server's own.
/// </summary>
internal static class ApiParameters
{
    private static readonly ApiParameter DryRun =
        new("dryRun", "string", "All: do everything but write.");

    private static readonly ApiParameter FieldManager =
        new("fieldManager", "string", "The name of whoever writes.");

    private static readonly ApiParameter FieldValidation =
        new("fieldValidation", "string", "What to do about unknown and duplicate fields: Ignore, Warn or Strict.");

    private static readonly ApiParameter Force =
        new("force", "boolean", "True: take over fields that others have applied.");

    private static readonly ApiParameter ResourceVersion =
        new("resourceVersion", "string", "How new the answer must be.");

    public static ApiParameter Name { get; } = new("name", "string", "The name of the object.") { IsInPath = true };

    public static ApiParameter Namespace { get; } =
        new("namespace", "string", "The namespace of the object.") { IsInPath = true };

    public static ApiParameter Pretty { get; } = new("pretty", "string", "True: the answer is indented.");

    public static ImmutableArray<ApiParameter> OfWrite { get; } = [DryRun, FieldManager, FieldValidation];

    public static ImmutableArray<ApiParameter> OfPatch { get; } = [DryRun, FieldManager, FieldValidation, Force];

    public static ImmutableArray<ApiParameter> OfDelete { get; } =
    [
        DryRun,
        new("gracePeriodSeconds", "integer", "The seconds the object is given to end; 0 means at once."),
        new("propagationPolicy", "string", "What happens to what the object owns: Orphan, Background or Foreground."),
    ];

    public static ImmutableArray<ApiParameter> OfList { get; } =
    [
        new("allowWatchBookmarks", "boolean", "True: a watch may tell how far it is when nothing happens."),
        new("continue", "string", "Brings the next part of a list."),
        new("fieldSelector", "string", "Which objects, by their fields."),
        new("labelSelector", "string", "Which objects, by their labels."),
        new("limit", "integer", "The most objects to answer with at once."),
        ResourceVersion,
        new("resourceVersionMatch", "string", "How resourceVersion is meant: Exact or NotOlderThan."),
        new("sendInitialEvents", "boolean", "True: a watch starts with the objects that are there."),
        new("timeoutSeconds", "integer", "The seconds after which the call ends."),
        new("watch", "boolean", "True: a stream of changes instead of a list."),
    ];

    public static ImmutableArray<ApiParameter> OfLog { get; } =
    [
        new("container", "string", "The container, where there are several."),
        new("follow", "boolean", "True: go on as more is written."),
        new("limitBytes", "integer", "The most bytes to answer with."),
        new("previous", "boolean", "True: the container's log before it was restarted."),
        new("sinceSeconds", "integer", "Only what is younger, in seconds."),
        new("tailLines", "integer", "Only so many lines from the end."),
        new("timestamps", "boolean", "True: each line starts with its time."),
    ];
}
