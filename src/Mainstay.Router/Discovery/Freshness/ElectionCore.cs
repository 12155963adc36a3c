namespace Mainstay.Router.Discovery.Freshness;

/// <summary>
/// Who writes the heartbeat, by a Lease, as client-go elects: a candidate takes a lease over when, on its own clock,
/// the record has not changed for the lease's duration. The times in the record are never compared with any clock. No
/// I/O; the compare-and-swap on resourceVersion makes sure that of two who take it over one fails. One owner.
/// <code>
///     0.0 s  Seen(held by b, version 7)     wait
///     1.0 s  Seen(held by b, version 7)     wait
///     5.0 s  Seen(held by b, version 7)     take over from version 7
/// </code>
/// </summary>
internal sealed class ElectionCore(string identity, TimeSpan leaseDuration)
{
    private string _version = "";
    private TimeSpan _changedAt = TimeSpan.MinValue;

    /// <summary>What to do with the lease that was just read.</summary>
    /// <param name="lease">null when there is none</param>
    /// <param name="now">on the own clock</param>
    public ElectionStep Seen(LeaseRecord? lease, TimeSpan now)
    {
        if (lease is null)
        {
            return ElectionStep.Create;
        }

        if (lease.ResourceVersion != _version)
        {
            (_version, _changedAt) = (lease.ResourceVersion, now);
        }

        if (lease.Holder == identity)
        {
            return ElectionStep.Renew;
        }

        var isFree = lease.Holder.Length == 0 || now - _changedAt >= leaseDuration;
        return isFree ? ElectionStep.TakeOver : ElectionStep.Wait;
    }
}

internal enum ElectionStep
{
    /// <summary>Another holds it.</summary>
    Wait,

    /// <summary>There is none.</summary>
    Create,

    /// <summary>It is one's own.</summary>
    Renew,

    /// <summary>Its holder is gone.</summary>
    TakeOver,
}

/// <summary>What counts of a Lease for the election.</summary>
/// <param name="Holder">a subject such as router/node-1; empty when it was given up</param>
/// <param name="ResourceVersion">for the compare-and-swap</param>
/// <param name="Transitions">how often it went to another holder</param>
internal sealed record LeaseRecord(string Holder, string ResourceVersion, long Transitions);
