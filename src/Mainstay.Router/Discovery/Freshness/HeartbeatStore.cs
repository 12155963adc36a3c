using Mainstay.Kube;

namespace Mainstay.Router.Discovery.Freshness;

/// <summary>Reads and writes the heartbeat and the lease of its writer, on connections of their own.</summary>
/// <param name="http">not the watch's: that one may be mute</param>
/// <param name="identity">who writes, as a subject</param>
/// <param name="time">for the times in the objects</param>
internal sealed class HeartbeatStore(KubeHttp http, string identity, TimeProvider time)
{
    private static readonly TimeSpan LeaseDuration = TimeSpan.FromSeconds(5);

    private readonly LeaseApi _leases = new(http, time);

    public string Identity => identity;

    public static TimeSpan Duration => LeaseDuration;

    public Task<LeaseRecord?> ReadLeaseAsync(CancellationToken cancellationToken) =>
        _leases.ReadAsync(Heartbeat.Name, cancellationToken);

    /// <exception cref="KubeStatusException">also when another was first</exception>
    public Task<LeaseRecord> TakeAsync(LeaseRecord? before, CancellationToken cancellationToken) =>
        _leases.WriteAsync(Heartbeat.Name, new LeaseTerms(identity, LeaseDuration), before, cancellationToken);

    public Task GiveUpAsync(LeaseRecord held, CancellationToken cancellationToken) =>
        _leases.WriteAsync(Heartbeat.Name, new LeaseTerms("", LeaseDuration), held, cancellationToken);

    /// <summary>What is stored, by quorum; the sequence -1 and an empty revision when nothing is.</summary>
    public async Task<StoredBeat> ReadBeatAsync(WatchedKind kind, CancellationToken cancellationToken)
    {
        try
        {
            var path = $"{kind.PathIn(Heartbeat.Namespace)}/{Heartbeat.Name}";
            using var found = await http.GetAsync(path, cancellationToken);
            return Read(found.RootElement);
        }
        catch (KubeStatusException answer) when (answer.IsNotFound)
        {
            return new StoredBeat(-1, "");
        }
    }

    /// <summary>Writes the sequence over exactly what was read or written before.</summary>
    /// <exception cref="KubeStatusException">also when another wrote meanwhile</exception>
    public async Task<StoredBeat> WriteBeatAsync(
        WatchedKind kind, long sequence, StoredBeat before, CancellationToken cancellationToken)
    {
        var path = kind.PathIn(Heartbeat.Namespace);
        var body = new Heartbeat(sequence, identity).ToJson(kind, before.ResourceVersion, time.GetUtcNow());
        using var written = before.ResourceVersion.Length == 0
            ? await http.CreateAsync(path, body, cancellationToken)
            : await http.ReplaceAsync($"{path}/{Heartbeat.Name}", body, cancellationToken);
        return Read(written.RootElement);
    }

    /// <summary>The server that writes go to now.</summary>
    public Uri Server => http.Server;

    /// <summary>That server failed: another has its turn, on a connection of its own.</summary>
    public void Leave(Uri server)
    {
        http.Leave(server);
        http.Renew();
    }

    private static StoredBeat Read(System.Text.Json.JsonElement beat) =>
        new(Heartbeat.Read(beat).Sequence, beat.Child("metadata")?.Text("resourceVersion") ?? "");
}

/// <param name="Sequence">-1 for none</param>
/// <param name="ResourceVersion">empty for none</param>
internal sealed record StoredBeat(long Sequence, string ResourceVersion);
