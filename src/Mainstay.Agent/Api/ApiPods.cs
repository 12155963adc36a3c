using System.Collections.Immutable;
using System.Text.Json;
using k8s;
using k8s.Models;
using Mainstay.Agent.Pods;
using Mainstay.Kube;
using Microsoft.Extensions.Logging;

namespace Mainstay.Agent.Api;

/// <summary>The pods that the API server has for a node, as last heard; swapped whole.</summary>
/// <param name="Synced">false until the first list: absence means nothing before</param>
internal sealed record ApiPodsView(bool Synced, ImmutableDictionary<ObjectKey, V1Pod> Pods);

/// <summary>
/// Keeps <see cref="ApiPodsView"/> by list and watch of the pods of one node. A pod that makes no sense is left out
/// alone.
/// </summary>
internal sealed class ApiPods(string nodeName, ILogger logger) : IReflectorHandler<V1Pod>
{
    private ApiPodsView _view = new(false, ImmutableDictionary<ObjectKey, V1Pod>.Empty);
    private Action _changed = () => { };
    private string _lastFault = "";

    public ApiPodsView View => Volatile.Read(ref _view);

    /// <param name="connection">the way to the API server</param>
    /// <param name="world">time and chance</param>
    /// <param name="changed">called after each change</param>
    /// <param name="cancellationToken">ends the watch</param>
    public async Task RunAsync(
        ApiConnection connection, ApiWorld world, Action changed, CancellationToken cancellationToken)
    {
        _changed = changed;
        var http = await connection.WaitAsync(cancellationToken);
        var options = new ReflectorOptions
        {
            Kind = "Pod",
            Path = "/api/v1/pods",
            FieldSelector = $"spec.nodeName={nodeName}",
            IdleLimit = Limits.WatchIdle,
        };
        await new Reflector<V1Pod>(options, Read, this, new ReflectorWorld(http, world.Time, world.Random))
            .RunAsync(cancellationToken);
    }

    public void Replaced(IReadOnlyDictionary<ObjectKey, V1Pod> objects, string revision) =>
        Set(new ApiPodsView(true, objects.ToImmutableDictionary()));

    public void Changed(ObjectKey key, V1Pod value, string revision) =>
        Set(View with { Pods = View.Pods.SetItem(key, value) });

    public void Deleted(ObjectKey key, string revision) => Set(View with { Pods = View.Pods.Remove(key) });

    public void Quarantined(QuarantinedObject quarantined) =>
        AgentLog.ObjectQuarantined(logger, quarantined.Kind, quarantined.Key.ToString(), quarantined.Reason);

    public void Disturbed(ReflectorDisturbance disturbance)
    {
        if (disturbance.Reason != _lastFault)
        {
            AgentLog.WatchDisturbed(logger, disturbance.Reason);
            _lastFault = disturbance.Reason;
        }
    }

    internal static V1Pod Read(JsonElement json)
    {
        var pod = KubernetesJson.Deserialize<V1Pod>(json.GetRawText());
        if (pod?.Spec?.Containers is { Count: > 0 })
        {
            // Whatever cannot be planned must be found here, where one bad pod harms one pod.
            _ = PodShape.Of(pod);
        }

        return pod?.Metadata is not { Uid.Length: > 0, Name.Length: > 0, NamespaceProperty.Length: > 0 }
            ? throw new FormatException("metadata.uid, name and namespace are required")
            : pod.Spec?.Containers is not { Count: > 0 }
                ? throw new FormatException("spec.containers is required")
                : pod.Metadata.Uid.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')
                    ? pod
                    : throw new FormatException($"metadata.uid \"{pod.Metadata.Uid}\" has characters that no uid has");
    }

    private void Set(ApiPodsView view)
    {
        _lastFault = "";
        Volatile.Write(ref _view, view);
        _changed();
    }
}

/// <summary>Time and chance.</summary>
internal sealed record ApiWorld(TimeProvider Time, Random Random);
