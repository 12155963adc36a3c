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
    private readonly ConcurrentDictionary<string, string> _textBefore = new(StringComparer.Ordinal);

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
        var answer = await platform.Http.GetAsync(new Uri(platform.Agent(unit.Node), "/pods"), cancellationToken);
        using var document = answer.Json();
        if (document is null)
        {
            return new UnitState("", false, $"the agent of {unit.Node} does not tell: {answer.Why}");
        }

        var pods = document.RootElement.Items("items").Where(pod => IsOurs(pod, unit.Node)).ToList();
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

    public Task ActAsync(ActionUnit unit, IActionTeller tell, CancellationToken cancellationToken)
    {
        try
        {
            var file = Manifest(unit.Node);
            var before = File.ReadAllText(file);
            _textBefore[unit.Subject] = before;
            Write(file, ManifestStamp.Set(before, platform.Time.GetUtcNow()));
            tell.Tell(unit.Subject, "stamp", $"{file} asks for a new pod");
            return Task.CompletedTask;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new ActionException($"its manifest cannot be written: {fault.Message}");
        }
    }

    public Task<string> TakeBackAsync(ActionUnit unit, CancellationToken cancellationToken)
    {
        if (!_textBefore.TryGetValue(unit.Subject, out var before) || !IsSurged(before))
        {
            return Task.FromResult("");
        }

        try
        {
            Write(Manifest(unit.Node), before);
            return Task.FromResult("its manifest is as before, and the old one stays");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new ActionException($"its manifest cannot be written: {fault.Message}");
        }
    }

    /// <summary>How signals name the part on a node.</summary>
    protected abstract string SubjectOf(string node);

    /// <summary>Why a unit whose pod is ready does not do its work; empty: it does.</summary>
    protected abstract Task<string> FaultAsync(ActionUnit unit, CancellationToken cancellationToken);

    private async Task<ActionUnit> UnitAsync(string node, CancellationToken cancellationToken)
    {
        var answer = await platform.Http.GetAsync(new Uri(platform.Agent(node), "/pods"), cancellationToken);
        using var document = answer.Json();
        return new ActionUnit(SubjectOf(node), node, platform.Record.ZoneOf.GetValueOrDefault(node, ""))
        {
            Pods = document?.RootElement.Items("items").Count(pod => IsOurs(pod, node)),
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

    private string Manifest(string node) => Path.Combine(platform.Data.Manifests(node), $"{Part}.yaml");

    private static void Write(string file, string text)
    {
        File.WriteAllText(file + ".next", text);
        File.Move(file + ".next", file, overwrite: true);
    }
}
