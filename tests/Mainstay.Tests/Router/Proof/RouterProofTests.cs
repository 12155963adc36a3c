using System.Collections.Immutable;
using System.Globalization;
using Mainstay.Kernel.Proofs;
using Mainstay.Kube;
using Mainstay.Router.Discovery;
using Mainstay.Router.Proof;
using Mainstay.Tests.Router.Pipeline;
using Microsoft.Extensions.Time.Testing;

namespace Mainstay.Tests.Router.Proof;

/// <summary>A proof against an API server of a few lines and a live endpoint, over real sockets.</summary>
public sealed class RouterProofTests : IDisposable
{
    private const string Heartbeat =
        "{'metadata':{'namespace':'kube-system','name':'mainstay-heartbeat'," +
        "'annotations':{'mainstay.dev/sequence':'100'}},'addressType':'IPv4','endpoints':[]}";

    private const string ServicesHeartbeat =
        "{'metadata':{'namespace':'kube-system','name':'mainstay-heartbeat'," +
        "'annotations':{'mainstay.dev/sequence':'100'}},'spec':{'clusterIP':'None'}}";

    private readonly RawOrigin _endpoint = new(_ => RawOrigin.Ok("hi"));
    private readonly RawOrigin _server;
    private string _slices;
    private string _pods = "";
    private string _moreServices = "";
    private bool _isBusy;
    private int _sequenceNow = 100;
    private readonly ManualResetEventSlim _isWatched = new();
    private readonly ManualResetEventSlim _end = new();

    public RouterProofTests()
    {
        _slices = Slice("a", Endpoints(_endpoint.Port));
        _server = new RawOrigin(Answer);
    }

    public void Dispose()
    {
        _end.Set();
        _server.Dispose();
        _endpoint.Dispose();
    }

    [Fact]
    public async Task A_start_is_proven_by_a_call_that_a_live_endpoint_answered()
    {
        var run = Assert.Single(await ProveAsync(request => request));

        Assert.Equal((ProofResult.Safe, "", 1), (run.Result, run.Reason, run.Services));
        Assert.Contains("User-Agent: mainstay-proof", _endpoint.Next().Text, StringComparison.Ordinal);
        var asked = _server.Requests.ToArray();
        Assert.Contains(asked, request => request.Text.Contains("/api/v1/services?limit=", StringComparison.Ordinal));
        Assert.DoesNotContain(
            asked, request => request.Text.Contains("resourceVersion=", StringComparison.Ordinal));
        Assert.DoesNotContain(asked, request => !request.Text.StartsWith("GET ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Endpoints_that_nobody_answers_make_a_restart_unsafe()
    {
        _slices = Slice("a", Endpoints(1));

        var run = Assert.Single(await ProveAsync(request => request));

        Assert.Equal(ProofResult.Unsafe, run.Result);
        Assert.Contains("connect-failed", run.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_API_server_that_knows_only_old_heartbeats_is_named_as_stale()
    {
        _slices += $",{Heartbeat}";

        var run = Assert.Single(await ProveAsync(request => request with { HeartbeatAtLeast = 160 }));

        Assert.Equal((ProofResult.Unsafe, 100L), (run.Result, run.HeartbeatSequence));
        Assert.Contains("60 s behind", run.Reason, StringComparison.Ordinal);
        Assert.Equal("mainstay-heartbeat", run.Culprit?.Name);
    }

    [Theory]
    [InlineData(130, ProofResult.Unsafe)]
    [InlineData(100, ProofResult.Safe)]
    public async Task A_silent_watch_is_stale_when_the_store_has_newer_heartbeats_and_its_writer_is_dead_when_not(
        int now, ProofResult result)
    {
        _slices += $",{Heartbeat}";
        _sequenceNow = now;
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

        var proving = ProveAsync(request => request with { HeartbeatAtLeast = 100, Time = time });
        Assert.True(_isWatched.Wait(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
        time.Advance(TimeSpan.FromSeconds(9));

        var run = Assert.Single(await proving);
        Assert.Equal(result, run.Result);
        Assert.Equal(result == ProofResult.Unsafe,
            run.Reason.Contains("its watch of EndpointSlices is silent", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(130, ProofResult.Unsafe)]
    [InlineData(100, ProofResult.Safe)]
    public async Task A_watch_of_services_that_is_silent_alone_is_named_by_its_kind(int now, ProofResult result)
    {
        _moreServices = $",{ServicesHeartbeat}";
        _sequenceNow = now;
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

        var proving = ProveAsync(request => request with { ServicesHeartbeatAtLeast = 100, Time = time });
        Assert.True(_isWatched.Wait(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
        time.Advance(TimeSpan.FromSeconds(9));

        var run = Assert.Single(await proving);
        Assert.Equal((result, 1), (run.Result, run.Services));
        Assert.Equal(result == ProofResult.Unsafe ? "Service" : null, run.Culprit?.Kind);
    }

    [Fact]
    public async Task An_API_server_whose_services_are_old_is_named_by_that_kind()
    {
        _moreServices = $",{ServicesHeartbeat}";

        var run = Assert.Single(await ProveAsync(request => request with { ServicesHeartbeatAtLeast = 160 }));

        Assert.Equal((ProofResult.Unsafe, "Service"), (run.Result, run.Culprit?.Kind));
        Assert.Contains("Services are 60 s behind", run.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_null_list_is_nothing_to_a_tolerant_reader_and_the_end_to_a_strict_one()
    {
        _slices += $",{Slice("b", "null")}";

        var tolerant = Assert.Single(await ProveAsync(request => request));
        var strict = Assert.Single(await ProveAsync(request => request with { Strict = true }));

        Assert.Equal((ProofResult.Safe, ""), (tolerant.Result, tolerant.Reason));
        Assert.Equal((ProofResult.Unsafe, "b-1"), (strict.Result, strict.Culprit?.Name));
    }

    [Fact]
    public async Task An_object_that_makes_no_sense_is_named_and_a_warm_start_uses_what_the_snapshot_has()
    {
        var folder = Directory.CreateTempSubdirectory("mainstay-proof-");
        var path = Path.Combine(folder.FullName, "table.snapshot");
        Save(path);
        var before = File.ReadAllBytes(path);
        _slices = Slice("a", "7");

        var warm = await ProveAsync(request => request with { Kind = ProofKind.Warm, SnapshotPath = path });

        Assert.All(warm, run => Assert.Equal(ProofResult.Safe, run.Result));
        Assert.Equal(["", Address], warm.Select(run => run.Server));
        Assert.Contains("EndpointSlice bank/a-1 is kept out", warm[1].Reason, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(path));
        Assert.Equal(path, Assert.Single(Directory.GetFiles(folder.FullName)));
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_service_whose_ready_pods_stand_in_no_slice_is_named()
    {
        _slices = Slice("a", "[]");
        _pods = "{'metadata':{'namespace':'bank','name':'a-x','uid':'u','labels':{'app':'a'}}," +
            "'status':{'phase':'Running','conditions':[{'type':'Ready','status':'True'}]}}";

        var run = Assert.Single(await ProveAsync(request => request));

        Assert.Equal((ProofResult.Unsafe, "a"), (run.Result, run.Culprit?.Name));
        Assert.Contains("1 ready pods and not one endpoint", run.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_asks_for_patience_gets_it()
    {
        _isBusy = true;

        var run = Assert.Single(await ProveAsync(request => request));

        Assert.Equal(ProofResult.Safe, run.Result);
    }

    [Fact]
    public async Task A_server_that_is_gone_has_not_answered()
    {
        var kubeconfig = KubeconfigOf("http://127.0.0.1:1");

        var run = Assert.Single(await RouterProof.RunAsync(new ProofRequest(kubeconfig), CancellationToken.None));

        Assert.Equal((ProofResult.Unsafe, false), (run.Result, run.Answered));
    }

    private string Address => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_server.Port}");

    private Task<ImmutableArray<ProofRun>> ProveAsync(Func<ProofRequest, ProofRequest> change) =>
        RouterProof.RunAsync(change(new ProofRequest(KubeconfigOf(Address))), CancellationToken.None);

    private static Kubeconfig KubeconfigOf(string server) => new() { Servers = [new Uri(server)] };

    private void Save(string path)
    {
        var service = new ServiceObject(new ObjectKey("bank", "a"), [new ServicePort("http", 80)]);
        var slice = new SliceObject(new ObjectKey("bank", "a-1"), "a")
        {
            Ports = [new ServicePort("http", _endpoint.Port)],
            Addresses = [new SliceAddress("127.0.0.1", true)],
        };
        new SnapshotFile(path, ClusterIdentity.Of(KubeconfigOf(Address))).Write(
            new DiscoveredObjects(
                ImmutableDictionary<ObjectKey, ServiceObject>.Empty.Add(service.Key, service),
                ImmutableDictionary<ObjectKey, SliceObject>.Empty.Add(slice.Key, slice)),
            DateTimeOffset.UnixEpoch);
    }

    private string? Answer(OriginRequest request)
    {
        if (request.Text.Contains("/pods", StringComparison.Ordinal) && _isBusy)
        {
            _isBusy = false;
            return "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 0\r\nContent-Length: 2\r\n\r\n{}";
        }

        if (request.Text.Contains("watch=true", StringComparison.Ordinal))
        {
            request.Socket.Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"u8);
            _isWatched.Set();
            _end.Wait();
            return null;
        }

        const string Service =
            "{'metadata':{'namespace':'bank','name':'a'}," +
            "'spec':{'selector':{'app':'a'},'ports':[{'name':'http','port':80}]}}";
        var body = request.Text switch
        {
            _ when Asks("/apis/discovery.k8s.io HTTP") => "{'versions':[{'version':'v1'}]}",
            _ when Asks("/endpointslices/mainstay-heartbeat") => At(Heartbeat, _sequenceNow),
            _ when Asks("/endpointslices") => List(_slices),
            _ when Asks("/services/mainstay-heartbeat") => At(ServicesHeartbeat, _sequenceNow),
            _ when Asks("/services") => List(Service + _moreServices),
            _ => List(_pods),
        };
        return RawOrigin.Ok(body.Replace('\'', '"'));

        bool Asks(string path) => request.Text.Split('\n')[0].Contains(path, StringComparison.Ordinal);
    }

    private static string At(string heartbeat, int sequence) => heartbeat.Replace(
        "100", sequence.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    private static string List(string items) => $"{{'metadata':{{'resourceVersion':'5'}},'items':[{items}]}}";

    private static string Slice(string service, string endpoints) =>
        $"{{'metadata':{{'namespace':'bank','name':'{service}-1'," +
        $"'labels':{{'kubernetes.io/service-name':'{service}'}}}}," +
        (endpoints.StartsWith('[') && endpoints.Length > 2
            ? $"'addressType':'IPv4',{endpoints[1..^1]}}}"
            : $"'addressType':'IPv4','ports':[],'endpoints':{endpoints}}}");

    private static string Endpoints(int port) => string.Create(
        CultureInfo.InvariantCulture,
        $"['ports':[{{'name':'http','port':{port}}}],'endpoints':[{{'addresses':['127.0.0.1']}}]]");
}
