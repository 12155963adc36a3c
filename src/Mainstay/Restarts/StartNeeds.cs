using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Mainstay.ConsoleSite.Actions;
using Mainstay.Kernel.Signals;
using Mainstay.Kube;

namespace Mainstay.Restarts;

/// <summary>What a part needs in order to start, asked of each now.</summary>
internal sealed class StartNeeds(LocalPlatform platform)
{
    /// <summary>A heartbeat that a router saw advance this long ago is current.</summary>
    private static readonly TimeSpan HeartbeatFresh = TimeSpan.FromSeconds(10);

    /// <summary>Each API server. One that is away is told; only when all are, nothing can be loaded.</summary>
    public async Task<ImmutableArray<Need>> ApiServersAsync(CancellationToken cancellationToken)
    {
        var needs = await Task.WhenAll(platform.Record.ApiServers.Select(async url =>
        {
            var answer = await LocalPlatform.AskAsync(platform.Api(new Uri(url)), "/readyz", cancellationToken);
            return new Need($"api/{url}", answer.Succeeded, answer.Succeeded ? "ready" : answer.Why);
        }));
        var any = needs.Any(need => need.Well);
        return [.. needs.Select(need => need with { Required = !any })];
    }

    /// <summary>
    /// Whether the store could take a write, in the words of the first API server that answers. What it says of the
    /// members is some seconds old: a read by quorum says how it is now.
    /// </summary>
    public async Task<Need> QuorumAsync(CancellationToken cancellationToken)
    {
        var told = "no API server tells";
        foreach (var url in platform.Record.ApiServers)
        {
            var api = platform.Api(new Uri(url));
            var answer = await LocalPlatform.AskAsync(api, "/mainstay/store.json", cancellationToken);
            if (answer.IsUnknown)
            {
                // An API server that does not tell of its store still reads from it.
                return await ByReadAsync(api, "the store answers a read by quorum", cancellationToken);
            }

            using var document = answer.Json();
            var (quorum, answering) =
                (document?.RootElement.Number("quorum") ?? 0, document?.RootElement.Number("answering") ?? 0);
            if (document is not null && quorum == 0)
            {
                told = $"api/{url} has not listed the members yet";
            }
            else if (document is not null)
            {
                var members = document.RootElement.Items("members").Count();
                var figures = $"{answering} of {members} members answer, {quorum} are needed";
                return answering >= quorum
                    ? await ByReadAsync(api, figures, cancellationToken)
                    : new Need("store quorum", false, figures);
            }
            else
            {
                told = answer.Why;
            }
        }

        return new Need("store quorum", false, told);
    }

    private static async Task<Need> ByReadAsync(KubeHttp api, string figures, CancellationToken cancellationToken)
    {
        var read = await LocalPlatform.AskAsync(api, "/api/v1/namespaces?limit=1", cancellationToken);
        return new Need(
            "store quorum", read.Succeeded, read.Succeeded ? figures : $"a read by quorum fails: {read.Why}");
    }

    public async Task<Need> AgentAsync(string node, CancellationToken cancellationToken)
    {
        var answer = await platform.Http.GetAsync(new Uri(platform.Agent(node), "/healthz"), cancellationToken);
        return new Need($"node/{node}", answer.Succeeded, answer.Succeeded ? "its agent answers" : answer.Why);
    }

    /// <summary>The routers that see the heartbeat advance now.</summary>
    public async Task<Need> HeartbeatAsync(CancellationToken cancellationToken)
    {
        var hops = new List<Hop>();
        foreach (var node in platform.Record.Nodes)
        {
            var answer = await platform.Http.GetAsync(
                new Uri(platform.Router(node), "/signals.json"), cancellationToken);
            hops.AddRange(Hops(answer).Where(hop => hop.Name == $"router/{node}"));
        }

        if (hops.Count == 0)
        {
            return new Need("heartbeat", false, "no router tells of it") { Required = false };
        }

        var late = hops.Where(hop => hop.Age is not { } age || age > HeartbeatFresh).ToList();
        var words = late.Count == 0
            ? string.Create(CultureInfo.InvariantCulture, $"seen at {hops.Max(hop => hop.Sequence)} by every router")
            : $"not current at {string.Join(", ", late.Select(hop => hop.Name))}";

        // The proof itself demands it; here it is shown.
        return new Need("heartbeat", late.Count == 0, words) { Required = false };
    }

    public Need Image(string image)
    {
        var folder = Path.Combine(platform.Data.Images, image.Replace(':', '/'));
        var isThere = File.Exists(Path.Combine(folder, "image.json"));
        return new Need($"image {image}", isThere, isThere ? "in the image store" : $"there is no {folder}");
    }

    public Need Snapshot(string node)
    {
        var file = new FileInfo(Path.Combine(platform.Data.RouterData(node), "table.snapshot"));
        var age = platform.Time.GetUtcNow() - file.LastWriteTimeUtc;
        var words = file.Exists
            ? string.Create(CultureInfo.InvariantCulture, $"{file.Length} bytes, {age.TotalSeconds:0} s old")
            : "there is none yet";
        return new Need($"snapshot router/{node}", file.Exists, words) { Required = false };
    }

    /// <summary>Who starts an agent again when it ends.</summary>
    public Need Supervisor()
    {
        var runs = platform.RecordNow().Process.IsRunning();
        return new Need(
            "mainstay up",
            runs,
            runs ? "it runs and starts agents again" : "it does not run: nobody would start the agent");
    }

    private static ImmutableArray<Hop> Hops(PartAnswer answer)
    {
        try
        {
            return answer.Succeeded ? SignalsJson.Read(answer.Body).Hops : [];
        }
        catch (JsonException)
        {
            return [];
        }
    }
}
