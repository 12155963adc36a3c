using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json;
using Mainstay.ConsoleSite.Actions;
using Mainstay.Kube;

namespace Mainstay.Restarts;

/// <summary>
/// The static pods of one part, on every node that has it: restarted by a stamp in the manifest, for which the node's
/// agent replaces the pod. Where the manifest asks for a surge, the agent starts the new pod beside the old one and
/// stops the old one once the new one is ready; a new one that never gets ready is taken back by the old text.
/// </summary>
internal abstract class StaticPodTarget(LocalPlatform platform) : IActionTarget
{
    private const string Namespace = "kube-system";
    private readonly ConcurrentDictionary<string, Before> _before = new(StringComparer.Ordinal);

    public abstract TargetTraits Traits { get; }

    /// <summary>The name of the manifest: <c>router</c>.</summary>
    protected abstract string Part { get; }

    protected LocalPlatform Platform => platform;

    public async Task<ImmutableArray<ActionUnit>> UnitsAsync(CancellationToken cancellationToken)
    {
        var nodes = platform.Record.Nodes.Where(node => File.Exists(Manifest(node)));
        return [.. await Task.WhenAll(nodes.Select(node => UnitAsync(node, cancellationToken)))];
    }

    public abstract Task<ImmutableArray<Need>> NeedsAsync(
        ImmutableArray<ActionUnit> units, CancellationToken cancellationToken);

    public abstract Task<UnitProof> ProveAsync(ActionUnit unit, CancellationToken cancellationToken);

    public async Task<UnitState> LookAsync(ActionUnit unit, CancellationToken cancellationToken)
    {
        var (pods, why) = await PodsAsync(unit.Node, cancellationToken);
        if (pods is null)
        {
            return new UnitState("", false, why);
        }

        if (pods.Count != 1)
        {
            return new UnitState("", false, pods.Count == 0 ? "it does not run" : "the old one and the new one run");
        }

        var container = pods[0].Child("status")?.Items("containerStatuses").FirstOrDefault() ?? default;
        var instance = container.ValueKind == JsonValueKind.Object ? container.Text("containerID") : "";
        if (!IsReady(pods[0]))
        {
            return new UnitState(instance, false, "its pod is not ready");
        }

        var fault = await FaultAsync(unit, cancellationToken);
        return new UnitState(instance, fault.Length == 0, fault);
    }

    public async Task ActAsync(ActionUnit unit, IActionTeller tell, CancellationToken cancellationToken)
    {
        var (pods, _) = await PodsAsync(unit.Node, cancellationToken);
        try
        {
            var file = Manifest(unit.Node);
            var text = await File.ReadAllTextAsync(file, cancellationToken);
            _before[unit.Subject] = new Before(text, pods is [var old] ? UidOf(old) : "");
            Write(file, ManifestStamp.Set(text, platform.Time.GetUtcNow()));
            tell.Tell(unit.Subject, "stamp", $"{file} asks for a new pod");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new ActionException($"its manifest cannot be written: {fault.Message}");
        }
    }

    /// <summary>
    /// Only while the old one serves and the new one does not: in any other case the old text would ask for a third.
    /// </summary>
    public async Task<string> TakeBackAsync(ActionUnit unit, CancellationToken cancellationToken)
    {
        if (!_before.TryGetValue(unit.Subject, out var before) || !IsSurged(before.Text))
        {
            return "";
        }

        var (pods, why) = await PodsAsync(unit.Node, cancellationToken);
        var ready = pods?.Where(IsReady).Select(UidOf).ToList();
        if (ready is not [var only] || only != before.Uid)
        {
            var runs = ready is null ? why
                : ready.Count == 0 ? "neither the old one nor the new one is ready"
                : "it is not the old one that serves";
            return $"its manifest stays as it is now: {runs}";
        }

        try
        {
            Write(Manifest(unit.Node), before.Text);
            return "its manifest is as before, and the old one stays";
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new ActionException($"its manifest cannot be written: {fault.Message}");
        }
    }

    /// <returns>the part's pods on the node; null with the reason where the agent does not tell</returns>
    private async Task<(List<JsonElement>? Pods, string Why)> PodsAsync(
        string node, CancellationToken cancellationToken)
    {
        var answer = await platform.Http.GetAsync(new Uri(platform.Agent(node), "/pods"), cancellationToken);
        using var document = answer.Json();
        return document is null
            ? (null, $"the agent of {node} does not tell: {answer.Why}")
            : ([.. document.RootElement.Items("items").Where(pod => IsOurs(pod, node)).Select(pod => pod.Clone())], "");
    }

    /// <summary>How signals name the part on a node.</summary>
    protected abstract string SubjectOf(string node);

    /// <summary>Why a unit whose pod is ready does not do its work; empty: it does.</summary>
    protected abstract Task<string> FaultAsync(ActionUnit unit, CancellationToken cancellationToken);

    private async Task<ActionUnit> UnitAsync(string node, CancellationToken cancellationToken)
    {
        var (pods, _) = await PodsAsync(node, cancellationToken);
        return new ActionUnit(SubjectOf(node), node, platform.Record.ZoneOf.GetValueOrDefault(node, ""))
        {
            Pods = pods?.Count,
        };
    }

    private bool IsOurs(JsonElement pod, string node)
    {
        var metadata = pod.Child("metadata");
        return metadata?.Text("namespace") == Namespace && metadata?.Text("name") == $"{Part}-{node}";
    }

    private static bool IsReady(JsonElement pod) => pod.Child("status")?.Items("conditions").Any(condition =>
        condition.Text("type") == "Ready" && condition.Text("status") == "True") ?? false;

    private static bool IsSurged(string manifest) =>
        manifest.Contains("mainstay.dev/surge: 'true'", StringComparison.Ordinal);

    private static string UidOf(JsonElement pod) => pod.Child("metadata")?.Text("uid") ?? "";

    private string Manifest(string node) => Path.Combine(platform.Data.Manifests(node), $"{Part}.yaml");

    private static void Write(string file, string text)
    {
        File.WriteAllText(file + ".next", text);
        File.Move(file + ".next", file, overwrite: true);
    }

    /// <param name="Text">of the manifest</param>
    /// <param name="Uid">of the pod that ran; empty where that was not known</param>
    private sealed record Before(string Text, string Uid);
}
