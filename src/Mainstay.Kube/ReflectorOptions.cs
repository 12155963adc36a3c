using Mainstay.Kernel;

namespace Mainstay.Kube;

/// <summary>What is listed and watched, and how patient one is.</summary>
public sealed record ReflectorOptions
{
    /// <summary>The word for reports, such as <c>Pod</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The collection's path, such as <c>/api/v1/pods</c> or
    /// <c>/apis/apps/v1/namespaces/bank/deployments</c>.</summary>
    public required string Path { get; init; }

    public string LabelSelector { get; init; } = "";

    public string FieldSelector { get; init; } = "";

    /// <summary>Objects a page of the list; 0 asks for all at once.</summary>
    public int PageObjects { get; init; } = Limits.ListPageObjects;

    /// <summary>
    /// How long a watch may be silent before it counts as dead. A Kubernetes API server sends a bookmark each minute,
    /// so
    /// less than that re-establishes quiet watches for nothing; beside a heartbeat object it can be seconds.
    /// </summary>
    public TimeSpan IdleLimit { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>
    /// Takes no senseless object: one of them, or a list that is null, fails the list or the watch, which is tried
    /// again for ever. For drills, to show what the tolerance is good for.
    /// </summary>
    public bool IsStrict { get; init; }

    /// <summary>When the server should end the watch by itself (<c>timeoutSeconds</c>); chance adds up to as much
    /// again.</summary>
    public TimeSpan WatchTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Between tries against a server that refuses or fails.</summary>
    public BackoffOptions Backoff { get; init; } = new(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(5), 2, 0.5);

    internal string ListPath(string continueFrom, bool whole)
    {
        var limit = whole || PageObjects == 0 ? "" : $"&limit={PageObjects}";
        var from = continueFrom.Length == 0 ? "" : $"&continue={Uri.EscapeDataString(continueFrom)}";
        return WithQuery($"{Selectors()}{limit}{from}");
    }

    internal string WatchPath(string revision, int timeoutSeconds) => WithQuery(
        $"{Selectors()}&watch=true&allowWatchBookmarks=true&timeoutSeconds={timeoutSeconds}" +
        $"&resourceVersion={Uri.EscapeDataString(revision)}");

    private string WithQuery(string query) => query.Length == 0 ? Path : $"{Path}?{query.AsSpan(1)}";

    private string Selectors() =>
        (LabelSelector.Length == 0 ? "" : $"&labelSelector={Uri.EscapeDataString(LabelSelector)}") +
        (FieldSelector.Length == 0 ? "" : $"&fieldSelector={Uri.EscapeDataString(FieldSelector)}");
}
