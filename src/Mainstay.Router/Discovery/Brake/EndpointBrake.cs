using System.Collections.Immutable;
using Mainstay.Kube;

namespace Mainstay.Router.Discovery.Brake;

/// <summary>
/// Keeps endpoints in use that vanish in a way in which nobody removes them: all of one service's, or some of most
/// services' at once. An endpoint that is listed, be it as not ready, is never touched: that is a statement. So:
/// <code>
///     heard: payments {.5, .6}, ledger {.7}      published as heard
///     heard: payments {},       ledger {.7}      published: payments {.5 braked, .6 braked}, ledger {.7}
///     Release(.5: it refuses connections)        published: payments {.6 braked}, ledger {.7}
///     heard: payments {.8},     ledger {.7}      published: payments {.8, .6 braked}: .6 still waits for its verdict
/// </code>
/// It decides nothing about who is alive: whoever asks around (<see cref="BrakeLoop"/>) releases what has no claim. One
/// Service that is deleted is somebody's statement and its endpoints go with it. No I/O; thread safe.
/// </summary>
internal sealed class EndpointBrake(TimeProvider time) : IObjectStage
{
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(Limits.BrakeWindowMilliseconds);

    private readonly Lock _lock = new();

    /// <summary>What was lost a short while ago and let go: held after all when most others follow.</summary>
    private readonly Dictionary<ObjectKey, (long At, ImmutableArray<HeldEndpoint> Lost)> _recent = [];

    private ImmutableDictionary<string, HeldEndpoint> _held = ImmutableDictionary<string, HeldEndpoint>.Empty;
    private bool _hasApplied;

    /// <summary>After a hold began, on the publisher's loop; set before it runs.</summary>
    public Action? Began { get; set; }

    public ImmutableArray<HeldEndpoint> Held => [.. Volatile.Read(ref _held).Values];

    public DiscoveredObjects Apply(DiscoveredObjects heard, DiscoveredObjects before)
    {
        lock (_lock)
        {
            var world = new BrakeWorld(heard);
            var lost = LostLocked(world, before);
            RememberLocked(lost);
            var isMass = IsMassLocked(before);
            var held = _held.ToBuilder();
            held.RemoveRange(_held.Values
                .Where(one => !world.MayHold(one) || !(one.HoldsService || world.Has(one.Service)))
                .Select(one => one.Id));
            foreach (var (id, one) in held.ToArray())
            {
                held[id] = world.OfNow(one);
            }

            var began = false;
            foreach (var endpoint in isMass ? _recent.Values.SelectMany(one => one.Lost) : lost.Where(world.IsOfEmpty))
            {
                if (world.MayHold(endpoint) && !held.ContainsKey(endpoint.Id))
                {
                    var holdsService = !world.Has(endpoint.Service);
                    held.Add(endpoint.Id, world.OfNow(endpoint) with { HoldsService = holdsService });
                    began = true;
                }
            }

            Volatile.Write(ref _held, held.ToImmutable());
            if (began)
            {
                Began?.Invoke();
            }

            return With(heard, _held);
        }
    }

    /// <summary>Lets go of what has no claim any more; what is published next is without it.</summary>
    /// <returns>whether there was any</returns>
    public bool Release(IReadOnlyCollection<HeldEndpoint> endpoints)
    {
        lock (_lock)
        {
            var left = _held.RemoveRange(endpoints.Select(endpoint => endpoint.Id));
            var any = left.Count < _held.Count;
            Volatile.Write(ref _held, left);
            foreach (var (key, recent) in _recent.ToArray())
            {
                _recent[key] = recent with { Lost = recent.Lost.RemoveAll(one => endpoints.Any(e => e.Id == one.Id)) };
            }

            return any;
        }
    }

    /// <summary>What was routed on and is not listed now, neither as ready nor otherwise.</summary>
    private List<HeldEndpoint> LostLocked(BrakeWorld world, DiscoveredObjects before)
    {
        var lost = new List<HeldEndpoint>();
        foreach (var slice in before.Slices.Values)
        {
            var key = new ObjectKey(slice.Key.Namespace, slice.Service);
            if (!before.Services.TryGetValue(key, out var service))
            {
                continue;
            }

            foreach (var address in slice.Addresses)
            {
                // What the brake itself has added is held by its own memory; from a snapshot it has none yet.
                var isOurs = address.Braked && _hasApplied;
                if (address.Ready && !isOurs && !world.Lists(key, address))
                {
                    lost.Add(new HeldEndpoint(service, Origin(slice.Key), slice.Ports, address with { Braked = true }));
                }
            }
        }

        _hasApplied = true;
        return lost;
    }

    private void RememberLocked(List<HeldEndpoint> lost)
    {
        foreach (var key in _recent.Keys.Where(key => time.GetElapsedTime(_recent[key].At) > Window).ToArray())
        {
            _recent.Remove(key);
        }

        foreach (var group in lost.GroupBy(endpoint => endpoint.Service.Key))
        {
            _recent.TryGetValue(group.Key, out var earlier);
            ImmutableArray<HeldEndpoint> both = [.. earlier.Lost.IsDefault ? [] : earlier.Lost, .. group];
            _recent[group.Key] = (time.GetTimestamp(), [.. both.DistinctBy(endpoint => endpoint.Id)]);
        }
    }

    private bool IsMassLocked(DiscoveredObjects before)
    {
        var withEndpoints = before.Slices.Values
            .Where(slice => slice.Addresses.Any(address => address.Ready))
            .Select(slice => new ObjectKey(slice.Key.Namespace, slice.Service))
            .Where(before.Services.ContainsKey)
            .Union(_recent.Keys)
            .Count();
        var losers = _recent.Values.Count(one => one.Lost.Length > 0);
        return losers >= Limits.BrakeServicesMin && losers > withEndpoints * Limits.BrakeServicesShare;
    }

    private static DiscoveredObjects With(DiscoveredObjects heard, ImmutableDictionary<string, HeldEndpoint> held)
    {
        if (held.IsEmpty)
        {
            return heard;
        }

        var (services, slices) = (heard.Services.ToBuilder(), heard.Slices.ToBuilder());
        foreach (var group in held.Values.GroupBy(endpoint => (endpoint.Service.Key, endpoint.Slice)))
        {
            var first = group.First();
            services.TryAdd(first.Service.Key, first.Service);
            var key = group.Key.Slice with { Name = Prefix + group.Key.Slice.Name };
            slices[key] = new SliceObject(key, first.Service.Key.Name)
            {
                Ports = first.Ports,
                Addresses = [.. group.Select(endpoint => endpoint.Address)],
            };
        }

        return heard with { Services = services.ToImmutable(), Slices = slices.ToImmutable() };
    }

    /// <summary>No name of an object of Kubernetes has a colon, so nothing listed can be overwritten.</summary>
    private const string Prefix = "braked:";

    private static ObjectKey Origin(ObjectKey slice) => slice.Name.StartsWith(Prefix, StringComparison.Ordinal)
        ? slice with { Name = slice.Name[Prefix.Length..] }
        : slice;
}
