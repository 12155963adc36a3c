using Mainstay.Conformance.Platform;
using Mainstay.Etcd;

namespace Mainstay.Conformance.Store.Members;

/// <summary>One member of a cluster of Debian's etcd, as a process.</summary>
internal sealed class DebianMember(string name, string zone, int port, string folder) : IDisposable
{
    private Child? _process;

    public string Name => name;

    public string Zone => zone;

    public Uri Client => new($"http://127.0.0.1:{port}");

    public Uri Peer => new($"http://127.0.0.1:{port + 1}");

    public string Output => _process?.Said ?? "";

    /// <param name="cluster">what <c>--initial-cluster</c> says; of use at its first start only</param>
    /// <param name="isNew">the whole cluster starts, as against joining one that runs</param>
    public void Start(string cluster, bool isNew) => _process = Child.Start(
        "etcd", "--name", name, "--data-dir", Path.Combine(folder, name),
        "--listen-client-urls", Text(Client), "--advertise-client-urls", Text(Client),
        "--listen-peer-urls", Text(Peer), "--initial-advertise-peer-urls", Text(Peer),
        "--initial-cluster", cluster, "--initial-cluster-state", isNew ? "new" : "existing",
        // Otherwise etcd takes a new member only after five seconds of peace among the others.
        "--strict-reconfig-check=false");

    public Task KillAsync() => _process!.KillAsync(); // only a started member is killed

    /// <summary>SIGSTOP: the kernel goes on to take its connections, and nobody answers them.</summary>
    public Task PauseAsync() => SignalAsync("-STOP");

    public Task ResumeAsync() => SignalAsync("-CONT");

    public void Dispose() => _process?.Dispose();

    public static string Text(Uri address) => address.AbsoluteUri.TrimEnd('/');

    private async Task SignalAsync(string signal)
    {
        var kill = new Command("/bin/kill", signal, $"{_process!.Id}"); // only a started member is signalled
        (await kill.RunAsync(TestContext.Current.CancellationToken)).Succeeded();
    }
}

/// <summary>
/// A cluster of Debian's etcd whose members come, go, stop and die. It never outlives the test.
/// </summary>
internal sealed class DebianCluster : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mainstay-members-");
    private readonly List<DebianMember> _members = [];
    private readonly int _firstPort = FreePorts.Row(2 * MembersMax);
    private int _made;

    private const int MembersMax = 10;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public IReadOnlyList<DebianMember> Members => _members;

    public DebianMember this[string name] => _members.Single(member => member.Name == name);

    public DebianMember At(Uri client) => _members.Single(member => member.Client == client);

    /// <summary>A new cluster: member i in zone a, b, c in turn.</summary>
    public static async Task<DebianCluster> StartAsync(int members)
    {
        var cluster = new DebianCluster();
        for (var i = 0; i < members; i++)
        {
            cluster.Make();
        }

        var initial = cluster.InitialCluster();
        cluster._members.ForEach(member => member.Start(initial, isNew: true));
        using var client = Client(cluster._members[0]);
        await AllServeAsync(client, members);
        return cluster;
    }

    /// <summary>A client that is told of these members only.</summary>
    public static EtcdClient Client(params DebianMember[] seeds) => new(
        new EtcdClientOptions { Endpoints = [.. seeds.Select(member => member.Client)] }, TimeProvider.System);

    /// <summary>Adds one as an operator does: announced first, then started, then waited for.</summary>
    public async Task<DebianMember> AddAsync(EtcdClient client)
    {
        var member = Make();
        await client.Cluster.AddAsync(member.Peer, asLearner: false, Cancellation);
        member.Start(InitialCluster(), isNew: false);
        await AllServeAsync(client, _members.Count);
        return member;
    }

    public async Task RemoveAsync(EtcdClient client, DebianMember member)
    {
        while (await IdOfAsync(client, member) is { } id)
        {
            try
            {
                await client.Cluster.RemoveAsync(id, Cancellation);
            }
            catch (EtcdException fault) when (
                fault.MayHaveHappened || fault.Error == EtcdErrors.NoLeader || fault.Error == EtcdErrors.MemberNotFound)
            {
                // The member that was asked, or the leader, may be the one that went: the list tells.
            }
        }

        _members.Remove(member);
        await member.KillAsync();
        member.Dispose();
    }

    /// <summary>Waits until this many members are listed and each of them answers and knows a leader.</summary>
    public static async Task AllServeAsync(EtcdClient client, int members)
    {
        var deadline = TimeSpan.FromSeconds(30);
        await Eventually.TrueAsync(
            $"{members} members serve",
            deadline,
            async () =>
            {
                await client.FollowOnceAsync(Cancellation);
                var view = client.View();
                return view.Members.Length == members && view.Members.All(member => member.KnowsLeader);
            },
            Cancellation);
    }

    public void Dispose()
    {
        _members.ForEach(member => member.Dispose());
        _folder.Delete(recursive: true);
    }

    private static async Task<ulong?> IdOfAsync(EtcdClient client, DebianMember member)
    {
        await client.FollowOnceAsync(Cancellation);
        return client.View().Members.FirstOrDefault(one => one.Name == member.Name)?.Id;
    }

    private DebianMember Make()
    {
        var number = _made++;
        var zone = $"zone-{(char)('a' + (number % 3))}";
        var member = new DebianMember($"etcd-{number}", zone, _firstPort + (2 * number), _folder.FullName);
        _members.Add(member);
        return member;
    }

    private string InitialCluster() =>
        string.Join(',', _members.Select(member => $"{member.Name}={DebianMember.Text(member.Peer)}"));
}
