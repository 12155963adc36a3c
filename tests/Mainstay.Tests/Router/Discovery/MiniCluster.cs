using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using Mainstay.Kube;

namespace Mainstay.Tests.Router.Discovery;

/// <summary>
/// A store of Kubernetes objects with one revision for all, and API servers over it that tests make mute, slow of
/// hearing or dead. Objects are told apart by plural, namespace and name; groups and versions do not matter.
/// </summary>
internal sealed class MiniCluster : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly List<MiniApi> _apis = [];
    private ImmutableSortedDictionary<string, JsonObject> _objects =
        ImmutableSortedDictionary.Create<string, JsonObject>(StringComparer.Ordinal);

    private ImmutableList<MiniEvent> _history = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _revision = 1;

    public IReadOnlyList<MiniApi> Apis => _apis;

    public Kubeconfig Kubeconfig => new() { Servers = [.. _apis.Select(api => api.Address)], Token = "t" };

    /// <summary>The group's versions that are served; empty answers 404.</summary>
    public IReadOnlyList<string> SliceVersions { get; set; } = ["v1"];

    public static async Task<MiniCluster> StartAsync(int apis)
    {
        var cluster = new MiniCluster();
        for (var count = 0; count < apis; count++)
        {
            cluster._apis.Add(await MiniApi.StartAsync(cluster));
        }

        return cluster;
    }

    public (ImmutableSortedDictionary<string, JsonObject> Objects, long Revision) Snapshot()
    {
        lock (_lock)
        {
            return (_objects, _revision);
        }
    }

    /// <summary>All that happened, and a task that ends with the next event.</summary>
    public (ImmutableList<MiniEvent> History, Task Changed) Events()
    {
        lock (_lock)
        {
            return (_history, _changed.Task);
        }
    }

    /// <param name="plural">such as services</param>
    /// <param name="json">with single quotes for double ones</param>
    public void Put(string plural, string json)
    {
        var kubeObject = JsonNode.Parse(json.Replace('\'', '"'))!.AsObject();
        Assert.True(TryPut(plural, kubeObject, "", out _));
    }

    /// <param name="plural">such as services</param>
    /// <param name="kubeObject">with its metadata</param>
    /// <param name="expected">the revision to replace; empty for any, "0" for none</param>
    /// <param name="stored">what is stored now</param>
    public bool TryPut(string plural, JsonObject kubeObject, string expected, out JsonObject stored)
    {
        lock (_lock)
        {
            var metadata = kubeObject["metadata"]!.AsObject();
            var key = $"{plural}/{metadata["namespace"]}/{metadata["name"]}";
            var exists = _objects.TryGetValue(key, out var before);
            var have = before?["metadata"]!["resourceVersion"]!.GetValue<string>() ?? "0";
            stored = before ?? kubeObject;
            if (expected.Length > 0 && expected != have)
            {
                return false;
            }

            stored = kubeObject.DeepClone().AsObject();
            stored["metadata"]!["resourceVersion"] = (_revision + 1).ToString(CultureInfo.InvariantCulture);
            _objects = _objects.SetItem(key, stored);
            Happened(plural, exists ? "MODIFIED" : "ADDED", stored);
            return true;
        }
    }

    public void Delete(string key)
    {
        lock (_lock)
        {
            var last = _objects[key].DeepClone().AsObject();
            last["metadata"]!["resourceVersion"] = (_revision + 1).ToString(CultureInfo.InvariantCulture);
            _objects = _objects.Remove(key);
            Happened(key.Split('/')[0], "DELETED", last);
        }
    }

    /// <summary>The text of an annotation; empty when there is none.</summary>
    public string Annotation(string key, string name) =>
        Snapshot().Objects.GetValueOrDefault(key)?["metadata"]?["annotations"]?[name]?.GetValue<string>() ?? "";

    public async ValueTask DisposeAsync()
    {
        foreach (var api in _apis)
        {
            await api.DisposeAsync();
        }
    }

    private void Happened(string plural, string type, JsonObject stored)
    {
        _revision++;
        var line = new JsonObject { ["type"] = type, ["object"] = stored.DeepClone() }.ToJsonString();
        _history = _history.Add(new MiniEvent(_revision, plural, line));
        var before = _changed;
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        before.SetResult();
    }
}

/// <summary>One change of the store as a watch tells it.</summary>
internal sealed record MiniEvent(long Revision, string Plural, string Line);
