using Mainstay.Router.Discovery;
using Mainstay.Router.Resilience;

namespace Mainstay.Router.Balancing;

/// <summary>
/// The agreements of one router's loops, by service and fallback: a new fallback is agreed upon anew. One that no loop
/// holds any more is forgotten. Thread safe; asked only where a loop links a fallback that it has not known.
/// </summary>
internal sealed class FallbackAgreements
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string, string, FallbackRoute), WeakReference<FallbackAgreement>> _known = [];

    /// <summary>Entries at which those of nobody are looked for again.</summary>
    private int _lookAt = 64;

    /// <param name="scope">the namespace of the service</param>
    /// <param name="name">its name</param>
    /// <param name="route">where its fallback is; by whose hand makes no difference</param>
    public FallbackAgreement Of(string scope, string name, FallbackRoute route)
    {
        var key = (scope, name, route with { ByHand = false });
        lock (_lock)
        {
            if (_known.TryGetValue(key, out var held) && held.TryGetTarget(out var agreement))
            {
                return agreement;
            }

            if (_known.Count >= _lookAt)
            {
                Forget();
            }

            agreement = new FallbackAgreement();
            _known[key] = new WeakReference<FallbackAgreement>(agreement);
            return agreement;
        }
    }

    private void Forget()
    {
        foreach (var (key, held) in _known)
        {
            if (!held.TryGetTarget(out _))
            {
                _known.Remove(key);
            }
        }

        _lookAt = Math.Max(64, _known.Count * 2);
    }
}
