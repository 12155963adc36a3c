using System.Collections.Immutable;
using System.Globalization;
using System.Threading.Channels;
using Mainstay.Kernel.Signals;
using Mainstay.Kube;

namespace Mainstay.Router.Discovery.Brake;

/// <summary>
/// Asks around about the endpoints that the brake holds, at once and then each second, and releases those that refuse,
/// answer as another, or are gone by quorum. The API server is asked at first each second, later each ten. Says by a
/// signal what is held. One loop.
/// </summary>
internal sealed class BrakeLoop
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Eager = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ListPeriod = TimeSpan.FromSeconds(10);
    private const int NamedMax = 20;

    private readonly EndpointBrake _brake;
    private readonly IWitnesses _witnesses;
    private readonly DiscoveryParts _parts;
    private readonly DiscoveryWorld _world;
    private readonly Channel<bool> _began = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private long _beganAt;
    private long _listedAt;

    public BrakeLoop(EndpointBrake brake, IWitnesses witnesses, DiscoveryParts parts, DiscoveryWorld world)
    {
        (_brake, _witnesses, _parts, _world) = (brake, witnesses, parts, world);
        _brake.Began = () =>
        {
            Volatile.Write(ref _beganAt, _world.Time.GetTimestamp());
            _began.Writer.TryWrite(true);
        };
    }

    /// <summary>After a release: what is routed on has to be made anew. Set before the loop runs.</summary>
    public Action Released { get; set; } = () => { };

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                if (_brake.Held.IsEmpty)
                {
                    Signal();
                    await _began.Reader.ReadAsync(cancellationToken);
                    _listedAt = 0;
                    Log();
                }

                await RoundAsync(cancellationToken);
                await WaitAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The router stops; what is held goes to the disk as such.
        }
    }

    /// <summary>Everyone is asked side by side, each within a deadline.</summary>
    internal async Task RoundAsync(CancellationToken cancellationToken)
    {
        var held = _brake.Held;
        Signal();
        IEnumerable<Task<ImmutableArray<HeldEndpoint>>> asked =
        [
            .. IsListDue(held) ? ByPods(held, cancellationToken) : [],
            .. held.GroupBy(one => one.Address.Node).Select(node => ByAgentAsync(node, cancellationToken)),
            ByConnectionsAsync(held, cancellationToken),
        ];
        var gone = (await Task.WhenAll(asked)).SelectMany(one => one).ToArray();
        if (gone.Length > 0 && _brake.Release(gone))
        {
            _world.Logger.BrakeReleased(string.Join(", ", gone.Select(one => one.Id).Distinct().Take(NamedMax)));
            Released();
        }

        Signal();
    }

    private bool IsListDue(ImmutableArray<HeldEndpoint> held)
    {
        if (held.IsEmpty)
        {
            return false;
        }

        var isYoung = _world.Time.GetElapsedTime(Volatile.Read(ref _beganAt)) < Eager;
        if (_listedAt != 0 && !isYoung && _world.Time.GetElapsedTime(_listedAt) < ListPeriod)
        {
            return false;
        }

        _listedAt = _world.Time.GetTimestamp();
        return true;
    }

    /// <summary>Few services are asked for one by one; for many, each namespace is listed once.</summary>
    private IEnumerable<Task<ImmutableArray<HeldEndpoint>>> ByPods(
        ImmutableArray<HeldEndpoint> held, CancellationToken cancellationToken)
    {
        var withPods = held.Where(one => one.Service.Selector.Count > 0).ToArray();
        var services = withPods.GroupBy(one => one.Service.Key).ToArray();
        return services.Length <= Limits.BrakeListsMax
            ? services.Select(one => ByPodsAsync([.. one], one.First().Service.Selector, cancellationToken))
            : withPods.GroupBy(one => one.Service.Key.Namespace)
                .Select(one => ByPodsAsync([.. one], null, cancellationToken));
    }

    private async Task<ImmutableArray<HeldEndpoint>> ByPodsAsync(
        HeldEndpoint[] held, ImmutableDictionary<string, string>? labels, CancellationToken cancellationToken)
    {
        var scope = held[0].Service.Key.Namespace;
        return await _witnesses.PodsAsync(scope, labels, cancellationToken) is { } pods
            ? BrakeVerdicts.GoneByPods(held, pods)
            : [];
    }

    private async Task<ImmutableArray<HeldEndpoint>> ByAgentAsync(
        IGrouping<string, HeldEndpoint> node, CancellationToken cancellationToken) =>
        await _witnesses.LocalPodsAsync(node.Key, cancellationToken) is { } pods
            ? BrakeVerdicts.GoneByAgent(node, pods)
            : [];

    private async Task<ImmutableArray<HeldEndpoint>> ByConnectionsAsync(
        ImmutableArray<HeldEndpoint> held, CancellationToken cancellationToken)
    {
        var refusing = ImmutableArray.CreateBuilder<HeldEndpoint>();
        foreach (var some in held.Chunk(Limits.BrakeConnectionsMax))
        {
            var refuse = await Task.WhenAll(some.Select(one => RefusesAsync(one, cancellationToken)));
            refusing.AddRange(some.Where((_, index) => refuse[index]));
        }

        return refusing.ToImmutable();
    }

    /// <summary>All of its ports: one that nobody listens at says nothing of the others.</summary>
    private async Task<bool> RefusesAsync(HeldEndpoint held, CancellationToken cancellationToken)
    {
        foreach (var port in held.Ports)
        {
            if (!await _witnesses.RefusesAsync(held.Address.Address, port.Port, cancellationToken))
            {
                return false;
            }
        }

        return !held.Ports.IsEmpty;
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var period = new CancellationTokenSource(Period, _world.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(period.Token, cancellationToken);
        try
        {
            await _began.Reader.ReadAsync(both.Token);
            _listedAt = 0;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Time for the next round.
        }
    }

    private void Log()
    {
        var held = _brake.Held;
        var services = held.Select(one => one.Service.Key.ToString()).Distinct().Take(NamedMax);
        _world.Logger.BrakeHolds(held.Length, string.Join(", ", services));
    }

    private void Signal()
    {
        var held = _brake.Held;
        _parts.Signals.Set(
            SignalCatalog.BrakeHolding, $"router/{_parts.Node}", held.IsEmpty ? null : Reading(held));
    }

    private static SignalReading Reading(ImmutableArray<HeldEndpoint> held)
    {
        var services = held
            .GroupBy(one => one.Service.Key)
            .OrderBy(one => one.Key.ToString(), StringComparer.Ordinal)
            .ToArray();
        var named = string.Join(", ", services.Take(NamedMax).Select(one => one.Key.ToString()));
        var summary = string.Create(
            CultureInfo.InvariantCulture,
            $"{held.Length} endpoints of {services.Length} services vanished without a word, kept in use: {named}");
        return new SignalReading(summary)
        {
            Culprit = new ObjectReference("Service", services[0].Key.Namespace, services[0].Key.Name),
            Evidence =
            [
                .. services.Take(NamedMax).Select(one => new Evidence(
                    one.Key.ToString(), string.Join(", ", one.Select(endpoint => endpoint.Address.Address)))),
            ],
        };
    }
}
