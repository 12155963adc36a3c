using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mainstay.Kernel;
using Mainstay.Kube;

namespace Mainstay.Controllers.Core;

/// <summary>
/// One of several instances acts: the one that holds the Lease <c>kube-system/mainstay-controllers</c>. Another takes
/// it
/// when it has not changed for its duration, measured by the taker's own clock. A holder that cannot renew for two
/// thirds
/// of the duration ends its process, before anybody else may act.
/// </summary>
internal sealed class LeaderElection(KubeHttp http, LoopWorld world, string identity)
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);
    private static readonly ObjectKey Key = new("kube-system", "mainstay-controllers");
    private string _seenRevision = "";
    private long _seenAt = world.Time.GetTimestamp();

    /// <summary>Waits until this instance leads.</summary>
    public async Task AcquireAsync(CancellationToken cancellationToken)
    {
        while (!await TryHoldAsync(cancellationToken))
        {
            await Task.Delay(Period, world.Time, cancellationToken);
        }
        world.Log.Leads(identity);
    }

    /// <summary>Keeps the lease until cancelled, and then returns.</summary>
    /// <exception cref="StartException">the lease is lost: this process must not act any longer</exception>
    public async Task RenewAsync(CancellationToken cancellationToken)
    {
        var renewedAt = world.Time.GetTimestamp();
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(Period, world.Time, cancellationToken);
                if (await TryHoldAsync(cancellationToken))
                {
                    renewedAt = world.Time.GetTimestamp();
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            if (world.Time.GetElapsedTime(renewedAt) > Duration * 2 / 3)
            {
                throw new StartException($"the lease {Key} is lost", "start again: another instance may lead now");
            }
        }
    }

    private async Task<bool> TryHoldAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var lease = await http.GetAsync(Kinds.Lease.PathOf(Key), cancellationToken);
            return await TakeOverAsync(lease.RootElement, cancellationToken);
        }
        catch (KubeStatusException fault) when (fault.IsNotFound)
        {
            return await WriteAsync(HttpMethod.Post, Kinds.Lease.In(Key.Namespace), "", cancellationToken);
        }
        catch (Exception fault) when (fault is KubeStatusException or HttpRequestException or IOException
            or TimeoutException or JsonException or SocketException or MalformedObjectException)
        {
            return false;
        }
    }

    private async Task<bool> TakeOverAsync(JsonElement lease, CancellationToken cancellationToken)
    {
        var revision = ObjectMeta.Read(lease).ResourceVersion;
        if (revision != _seenRevision)
        {
            (_seenRevision, _seenAt) = (revision, world.Time.GetTimestamp());
        }
        var holder = lease.Child("spec")?.Text("holderIdentity") ?? "";
        var free = holder.Length == 0 || holder == identity || world.Time.GetElapsedTime(_seenAt) > Duration;
        return free && await WriteAsync(HttpMethod.Put, Kinds.Lease.PathOf(Key), revision, cancellationToken);
    }

    /// <summary>The revision makes it a compare-and-swap: of two takers, one is refused.</summary>
    private async Task<bool> WriteAsync(HttpMethod method, string path, string revision,
        CancellationToken cancellationToken)
    {
        var now = world.Time.GetUtcNow().UtcDateTime
            .ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
        var metadata = new JsonObject { ["name"] = Key.Name, ["namespace"] = Key.Namespace };
        if (revision.Length > 0)
        {
            metadata["resourceVersion"] = revision;
        }
        var lease = new JsonObject
        {
            ["apiVersion"] = Kinds.Lease.ApiVersion,
            ["kind"] = Kinds.Lease.Kind,
            ["metadata"] = metadata,
            ["spec"] = new JsonObject
            {
                ["holderIdentity"] = identity,
                ["leaseDurationSeconds"] = (int)Duration.TotalSeconds,
                ["renewTime"] = now,
            },
        };
        try
        {
            using var answer = await http.AnswerAsync(new KubeRequest(method, path) { Body = lease },
                cancellationToken);
            return true;
        }
        catch (Exception fault) when (fault is KubeStatusException or HttpRequestException or IOException
            or TimeoutException or JsonException or SocketException)
        {
            return false;
        }
    }
}
