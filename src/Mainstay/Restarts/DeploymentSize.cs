using System.Text.Json.Nodes;
using Mainstay.ConsoleSite.Actions;
using Mainstay.Kube;

namespace Mainstay.Restarts;

/// <summary>
/// The size of one deployment, grown for a while and given back. Only what we wrote is undone: whoever scales it
/// meanwhile is right, whatever number they write.
/// <code>
///     3   GrowAsync(1)   4   ShrinkAsync   3
///     3   GrowAsync(1)   4   somebody: 10  ShrinkAsync leaves 10
/// </code>
/// Each write names the revision that was read for it. Not thread safe.
/// </summary>
internal sealed class DeploymentSize(KubeHttp api, ObjectKey deployment)
{
    /// <summary>A controller writes the status now and then: some writes meet it.</summary>
    private const int TriesMax = 10;

    private int? _from;
    private int _to;

    /// <summary>What it asked for before it was grown.</summary>
    public int From => _from ?? 0;

    private string Path => $"/apis/apps/v1/namespaces/{deployment.Namespace}/deployments/{deployment.Name}";

    /// <summary>Makes it larger than it is now. One that asks for nothing stays so.</summary>
    /// <returns>the size that it has then</returns>
    public Task<int> GrowAsync(int by, CancellationToken cancellationToken) => WriteAsync(
        now =>
        {
            // Before it is written: a write whose answer is lost may have been done.
            (_from, _to) = (now, now == 0 ? 0 : now + by);
            return _to;
        },
        cancellationToken);

    /// <summary>Gives it the size that it had, if it still has the one that we gave it.</summary>
    /// <returns>the size that it has then</returns>
    public async Task<int> ShrinkAsync(CancellationToken cancellationToken)
    {
        var size = await WriteAsync(now => _from is { } from && now == _to ? from : now, cancellationToken);
        _from = null;
        return size;
    }

    /// <exception cref="ActionException">somebody else gave it another size since it was grown</exception>
    public async Task ExpectAsync(CancellationToken cancellationToken)
    {
        var (now, _) = await ReadAsync(cancellationToken);
        if (now != _to)
        {
            throw new ActionException(
                $"deployment {deployment} was scaled from {_to} to {now} meanwhile; it stays at that");
        }
    }

    private async Task<int> WriteAsync(Func<int, int> wanted, CancellationToken cancellationToken)
    {
        for (var tried = 1; ; tried++)
        {
            var (now, revision) = await ReadAsync(cancellationToken);
            var size = wanted(now);
            if (size == now)
            {
                return now;
            }

            var patch = new JsonObject
            {
                ["metadata"] = new JsonObject { ["resourceVersion"] = revision },
                ["spec"] = new JsonObject { ["replicas"] = size },
            };
            try
            {
                using var answer = await api.MergeAsync(Path, patch, cancellationToken);
                return size;
            }
            catch (KubeStatusException fault) when (fault.IsConflict && tried < TriesMax)
            {
                // Read again, and see what it is now.
            }
            catch (Exception fault) when (ApiFaults.IsOfTheWorld(fault))
            {
                throw ApiFaults.Told(fault);
            }
        }
    }

    private async Task<(int Replicas, string Revision)> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var found = await api.GetAsync(Path, cancellationToken);
            return ((int)(found.RootElement.Child("spec")?.Number("replicas") ?? 1),
                ObjectMeta.Read(found.RootElement).ResourceVersion);
        }
        catch (Exception fault) when (ApiFaults.IsOfTheWorld(fault))
        {
            throw ApiFaults.Told(fault);
        }
    }
}
