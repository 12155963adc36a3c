using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Mainstay.Agent.Manifests;
using Mainstay.Agent.Pods;
using Mainstay.Agent.State;
using Mainstay.Kernel;
using Mainstay.Kube;
using Microsoft.Extensions.Logging;

namespace Mainstay.Agent.Api;

/// <summary>A pod that has ended here and is to be removed from the API.</summary>
internal sealed record FinishedPod(string Namespace, string Name, string Uid);

internal sealed record PublisherTools(
    ApiConnection Connection, PodBoard Board, ApiPods Pods, StaticPods Manifests, AgentMetrics Metrics, ILogger Logger);

/// <summary>
/// Brings the API into line with what runs here: statuses of pods, mirrors of static pods, and the last delete of
/// pods that have ended. Compares, writes what differs, waits for a change; when the API server is away, tries for
/// ever. One loop.
/// </summary>
internal sealed class PodPublisher(PublisherTools tools, ApiWorld world)
{
    private static readonly BackoffOptions Pace = new(Limits.ApiRetryFirst, Limits.ApiRetryCap);
    private const string MirrorMark = "mirror/";
    private readonly Nudge _nudge = new();
    private readonly ConcurrentDictionary<string, FinishedPod> _finished = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Written> _written = new(StringComparer.Ordinal);
    private Action<string> _removed = _ => { };
    private string _lastFault = "";
    private bool _allWritten;

    /// <summary>Something changed: compare again.</summary>
    public void Nudge() => _nudge.Say();

    /// <summary>The pod's processes are gone; take it out of the API, with its last status in it until then.</summary>
    public void Finish(FinishedPod pod)
    {
        _finished[pod.Uid] = pod;
        _nudge.Say();
    }

    /// <param name="removed">is told the uid of each finished pod that the API no longer has</param>
    /// <param name="cancellationToken">ends the loop</param>
    public async Task RunAsync(Action<string> removed, CancellationToken cancellationToken)
    {
        _removed = removed;
        var http = await tools.Connection.WaitAsync(cancellationToken);
        var backoff = new Backoff(Pace, world.Random);
        while (true)
        {
            if (await WriteAllAsync(http, tools.Board.View, cancellationToken))
            {
                backoff.Reset();
                await _nudge.HearAsync(Timeout.InfiniteTimeSpan, world.Time, cancellationToken);
            }
            else
            {
                await Task.Delay(backoff.Next(), world.Time, cancellationToken);
            }
        }
    }

    private async Task<bool> WriteAllAsync(KubeHttp http, PodBoardView view, CancellationToken cancellationToken)
    {
        var server = http.Server;
        try
        {
            if (!tools.Pods.View.Synced || !tools.Manifests.IsRead)
            {
                // Absence means nothing before both were read, and mirrors would be deleted for it.
                return true;
            }

            _allWritten = true;
            await WriteMirrorsAsync(http, cancellationToken);
            foreach (var report in view.Pods.Values)
            {
                await AloneAsync(report.Record.Namespace, report.Record.Name, () =>
                    WriteStatusAsync(http, report, cancellationToken));
            }

            foreach (var pod in _finished.Values)
            {
                await AloneAsync(pod.Namespace, pod.Name, () => DeleteAsync(http, pod, cancellationToken));
            }

            ForgetGone(view);
            _lastFault = _allWritten ? "" : _lastFault;
            return _allWritten;
        }
        catch (Exception e) when (ApiConnection.IsOfTheWorld(e))
        {
            tools.Metrics.StatusWritten(succeeded: false);
            if (e.Message != _lastFault)
            {
                AgentLog.ApiWorkFailed(tools.Logger, "Writing of statuses", e.Message);
                _lastFault = e.Message;
            }

            http.Leave(server);
            return false;
        }
    }

    /// <summary>An answer that is an error is one object's trouble: it is tried again, and the others go on.</summary>
    private async Task AloneAsync(string @namespace, string name, Func<Task> write)
    {
        try
        {
            await write();
        }
        catch (KubeStatusException e)
        {
            _allWritten = false;
            tools.Metrics.StatusWritten(succeeded: false);
            if (e.Message != _lastFault)
            {
                AgentLog.StatusNotWritten(tools.Logger, @namespace, name, e.Message);
                _lastFault = e.Message;
            }
        }
    }

    private void ForgetGone(PodBoardView view)
    {
        var gone = _written.Keys.Where(uid =>
            !view.Pods.ContainsKey(uid) && !uid.StartsWith(MirrorMark, StringComparison.Ordinal));
        foreach (var uid in gone.ToList())
        {
            _written.Remove(uid);
        }
    }

    private async Task WriteStatusAsync(KubeHttp http, PodReport report, CancellationToken cancellationToken)
    {
        if (KnownOf(report) is not { } known)
        {
            return;
        }

        var patch = StatusPatch.Build(known.Metadata.Uid, report.Status, known.Status);
        var status = KubernetesJson.Serialize(report.Status) + known.Metadata.Uid;
        if (_written.TryGetValue(report.Uid, out var written) && written.Status == status
            && !(IsNewer(known, written) && StatusPatch.IsContradicted(report.Status, known.Status)))
        {
            return;
        }

        var path = $"/api/v1/namespaces/{report.Record.Namespace}/pods/{report.Record.Name}/status";
        var request = new KubeRequest(HttpMethod.Patch, path)
        {
            Body = patch,
            ContentType = KubeRequest.StrategicMergePatch,
        };
        try
        {
            using var answer = await http.AnswerAsync(request, cancellationToken);
            _written[report.Uid] = new Written(status, ObjectMeta.Read(answer.RootElement).ResourceVersion);
            tools.Metrics.StatusWritten(succeeded: true);
        }
        catch (KubeStatusException e) when (e.Code
            is HttpStatusCode.NotFound or HttpStatusCode.Conflict
            or HttpStatusCode.UnprocessableEntity or HttpStatusCode.BadRequest or HttpStatusCode.Forbidden)
        {
            // This pod's own trouble: it must not hold up the others. The next change of it is tried again.
            _written[report.Uid] = new Written(status, known.Metadata.ResourceVersion ?? "");
            tools.Metrics.StatusWritten(succeeded: false);
            AgentLog.StatusNotWritten(tools.Logger, report.Record.Namespace, report.Record.Name, e.Message);
        }
    }

    /// <summary>The object in the API that stands for the pod: itself, or the mirror of a static pod.</summary>
    private V1Pod? KnownOf(PodReport report)
    {
        var key = new ObjectKey(report.Record.Namespace, report.Record.Name);
        if (!tools.Pods.View.Pods.TryGetValue(key, out var known))
        {
            return null;
        }

        return report.Record.Source == PodSource.Static
            ? MirrorAnnotations.IsMirrorOf(known, report.Uid) ? known : null
            : known.Metadata.Uid == report.Uid ? known : null;
    }

    /// <summary>Revisions are opaque, and in fact numbers that grow; where they are not, nothing is newer.</summary>
    private static bool IsNewer(V1Pod known, Written written) =>
        long.TryParse(known.Metadata.ResourceVersion, CultureInfo.InvariantCulture, out var heard)
        && long.TryParse(written.Revision, CultureInfo.InvariantCulture, out var wrote)
        && heard > wrote;

    private async Task WriteMirrorsAsync(KubeHttp http, CancellationToken cancellationToken)
    {
        var wanted = tools.Manifests.Pods.ToDictionary(
            pod => new ObjectKey(pod.Metadata.NamespaceProperty, pod.Metadata.Name));
        var known = tools.Pods.View.Pods;
        foreach (var (key, pod) in wanted)
        {
            if (known.TryGetValue(key, out var mirror))
            {
                if (MirrorAnnotations.IsMirror(mirror)
                    && mirror.Metadata.Annotations[MirrorAnnotations.Mirror] != pod.Metadata.Uid)
                {
                    await AloneAsync(key.Namespace, key.Name, () => DeleteNowAsync(http, mirror, cancellationToken));
                }
            }
            else if (!_written.ContainsKey(MirrorMark + pod.Metadata.Uid))
            {
                await AloneAsync(key.Namespace, key.Name, () => CreateMirrorAsync(http, pod, cancellationToken));
            }
        }

        foreach (var (key, mirror) in known.Where(pair => MirrorAnnotations.IsMirror(pair.Value)))
        {
            if (!wanted.ContainsKey(key))
            {
                await AloneAsync(key.Namespace, key.Name, () => DeleteNowAsync(http, mirror, cancellationToken));
            }
        }
    }

    private async Task CreateMirrorAsync(KubeHttp http, V1Pod pod, CancellationToken cancellationToken)
    {
        var mirror = JsonNode.Parse(KubernetesJson.Serialize(pod)) as JsonObject ?? [];
        mirror.Remove("status");
        mirror["metadata"] = new JsonObject
        {
            ["name"] = pod.Metadata.Name,
            ["namespace"] = pod.Metadata.NamespaceProperty,
            ["labels"] = mirror["metadata"]?["labels"]?.DeepClone(),
            ["annotations"] = mirror["metadata"]?["annotations"]?.DeepClone() ?? new JsonObject(),
        };
        var annotations = mirror["metadata"]?["annotations"] ?? new JsonObject();
        annotations[MirrorAnnotations.Mirror] = pod.Metadata.Uid;
        if (pod.Spec.Tolerations is not { Count: > 0 })
        {
            (mirror["spec"] ?? new JsonObject())["tolerations"] =
                new JsonArray(new JsonObject { ["operator"] = "Exists", ["effect"] = "NoExecute" });
        }

        try
        {
            using var answer = await http.CreateAsync(
                $"/api/v1/namespaces/{pod.Metadata.NamespaceProperty}/pods", mirror, cancellationToken);
        }
        catch (KubeStatusException e) when (e.IsAlreadyExists)
        {
            // The watch will show it.
        }
        catch (KubeStatusException e) when (
            e.Code is HttpStatusCode.UnprocessableEntity or HttpStatusCode.BadRequest or HttpStatusCode.Forbidden)
        {
            _written[MirrorMark + pod.Metadata.Uid] = new Written("", "");
            AgentLog.StatusNotWritten(tools.Logger, pod.Metadata.NamespaceProperty, pod.Metadata.Name, e.Message);
        }
    }

    private static async Task DeleteNowAsync(KubeHttp http, V1Pod pod, CancellationToken cancellationToken) =>
        await DeleteAsync(
            http,
            $"/api/v1/namespaces/{pod.Metadata.NamespaceProperty}/pods/{pod.Metadata.Name}",
            pod.Metadata.Uid,
            cancellationToken);

    private async Task DeleteAsync(KubeHttp http, FinishedPod pod, CancellationToken cancellationToken)
    {
        await DeleteAsync(http, $"/api/v1/namespaces/{pod.Namespace}/pods/{pod.Name}", pod.Uid, cancellationToken);
        _finished.TryRemove(pod.Uid, out _);
        _removed(pod.Uid);
    }

    /// <summary>Gone already, or another pod of that name: both mean that this one is no more.</summary>
    private static async Task DeleteAsync(KubeHttp http, string path, string uid, CancellationToken cancellationToken)
    {
        var options = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "DeleteOptions",
            ["gracePeriodSeconds"] = 0,
            ["preconditions"] = new JsonObject { ["uid"] = uid },
        };
        try
        {
            using var answer = await http.DeleteAsync(path, options, cancellationToken);
        }
        catch (KubeStatusException e) when (e.IsNotFound || e.IsConflict)
        {
        }
    }

    /// <param name="Revision">of the object after our write</param>
    private sealed record Written(string Status, string Revision);
}
