using System.Collections.Immutable;
using Mainstay.ConsoleSite.Actions;
using Mainstay.Kernel;
using Mainstay.Kube;
using Mainstay.Up;

namespace Mainstay.Restarts;

/// <summary>
/// The platform of a data folder, as its record on disk tells: nothing of it must answer to be found. Disposing it
/// closes its connections.
/// </summary>
internal sealed class LocalPlatform : IDisposable
{
    private readonly List<KubeHttp> _apis = [];

    private LocalPlatform(DataFolder data, RunRecord record, TimeProvider time)
    {
        (Data, Record, Time) = (data, record, time);
        Http = new PartHttp(time);
        World = CreateWorld();
    }

    public DataFolder Data { get; }

    public RunRecord Record { get; }

    public TimeProvider Time { get; }

    public PartHttp Http { get; }

    public PlatformWorld World { get; }

    /// <exception cref="StartException">there is no record of a platform in the folder</exception>
    public static LocalPlatform Open(DataFolder data, TimeProvider time)
    {
        var record = RunRecord.Read(data) ?? throw new StartException(
            $"no platform is up over {data.Root}", $"'mainstay up --data {data.Root}' starts it", ExitCodes.NotWell);
        return new LocalPlatform(data, record, time);
    }

    /// <summary>The record as it is now: <c>up</c> writes it anew when it starts an agent again.</summary>
    public RunRecord RecordNow() => RunRecord.Read(Data) ?? Record;

    /// <summary>Writes down which members of etcd there are.</summary>
    public void WriteBook(MemberBook book) => book.Write(Data);

    /// <summary>What to say of a node that is none of those that there are.</summary>
    public static StartException NoSuchNode(string node, IEnumerable<string> nodes) => new(
        $"there is no node {node}", $"the nodes are {string.Join(", ", nodes)}", ExitCodes.Usage);

    public Uri Agent(string node) => At($"agent {node}");

    public Uri Router(string node) => At($"router {node}");

    /// <summary>A client of one API server alone.</summary>
    /// <exception cref="ActionException">the kubeconfig cannot be used</exception>
    public KubeHttp Api(params Uri[] servers)
    {
        try
        {
            var deadline = PartHttp.Deadline;
            var options = new KubeHttpOptions
            {
                ConnectTimeout = deadline,
                HeadersTimeout = deadline,
                RequestTimeout = deadline,
                UserAgent = "mainstay-actions",
                Time = Time,
            };
            var kubeconfig = Kubeconfig.Load(Data.Kubeconfig);
            var api = KubeHttp.Create(
                servers.Length > 0 ? kubeconfig with { Servers = [.. servers] } : kubeconfig, options);
            _apis.Add(api);
            return api;
        }
        catch (KubeconfigException fault)
        {
            throw new ActionException(fault.Message);
        }
    }

    public static async Task<PartAnswer> AskAsync(KubeHttp api, string path, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await api.OpenAsync(new KubeRequest(HttpMethod.Get, path), cancellationToken);
            return new PartAnswer(
                (int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancellationToken), "");
        }
        catch (KubeStatusException fault)
        {
            return new PartAnswer((int)fault.Code, [], fault.Message);
        }
        catch (Exception fault) when (fault is HttpRequestException or TimeoutException or IOException)
        {
            return new PartAnswer(0, [], fault.Message);
        }
    }

    public void Dispose()
    {
        Http.Dispose();
        _apis.ForEach(api => api.Dispose());
    }

    private PlatformWorld CreateWorld()
    {
        var routers = Record.Nodes.Select(node => new PartAddress($"router/{node}", Router(node)));
        var agents = Record.Nodes.Select(node => new PartAddress($"node/{node}", Agent(node)));
        PartAddress[] single =
        [
            new("controllers", At("controllers")), new("console", At("console")),
        ];
        return new PlatformWorld([.. routers], [.. agents, .. single], Http, Time)
        {
            Guarded =
            [
                .. Record.ApiServers.Select(url =>
                {
                    var api = new Lazy<KubeHttp>(() => Api(new Uri(url)));
                    return ($"api/{url}", new Func<CancellationToken, Task<PartAnswer>>(cancellationToken =>
                        AskAsync(api.Value, "/signals.json", cancellationToken)));
                }),
            ],
        };
    }

    private Uri At(string part) => Record.HealthUrls.TryGetValue(part, out var url)
        ? new Uri(new Uri(url), "/")
        : throw new StartException(
            $"the record of the platform names no {part}", $"start it again: mainstay up --data {Data.Root}");
}
