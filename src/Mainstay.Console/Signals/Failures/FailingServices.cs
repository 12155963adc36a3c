using System.Collections.Immutable;
using System.Globalization;
using Mainstay.Kernel.Signals;
using Mainstay.Kube;

namespace Mainstay.ConsoleSite.Signals.Failures;

/// <summary>
/// Which services fail, with hysteresis: one begins to fail at <see cref="Limits.FailingShare"/> of its calls in the
/// window and at least <see cref="Limits.FailingCallsMin"/> of them, and ends below
/// <see cref="Limits.FailingOverShare"/>; without any call it stays as it is for a while, as nothing then says that it
/// is well. Not thread safe.
/// </summary>
/// <param name="window">the time that the sums are of</param>
internal sealed class FailingServices(TimeSpan window)
{
    private readonly Dictionary<ObjectKey, DateTimeOffset> _calledAt = [];
    private ImmutableDictionary<ObjectKey, SignalReading> _failing = ImmutableDictionary<ObjectKey,
        SignalReading>.Empty;

    /// <summary>One look: what fails now, by service.</summary>
    public ImmutableDictionary<ObjectKey, SignalReading> Look(IReadOnlyList<ServiceSum> sums, DateTimeOffset now)
    {
        var next = ImmutableDictionary.CreateBuilder<ObjectKey, SignalReading>();
        foreach (var sum in sums)
        {
            if (sum.Total.Calls > 0)
            {
                _calledAt[sum.Service] = now;
            }

            var known = _failing.GetValueOrDefault(sum.Service);
            var begins = sum.Total.Share >= Limits.FailingShare && sum.Total.Failures >= Limits.FailingCallsMin;
            var stays = known is not null && sum.Total.Share >= Limits.FailingOverShare;
            if (begins || stays)
            {
                next[sum.Service] = Reading(sum, Singling.Of(sum, sums));
            }
        }

        foreach (var (service, reading) in _failing)
        {
            var quiet = now - _calledAt.GetValueOrDefault(service);
            if (!next.ContainsKey(service) && quiet > TimeSpan.Zero && quiet <= Limits.FailingQuiet)
            {
                next[service] = reading;
            }
        }

        foreach (var old in _calledAt.Where(pair => now - pair.Value > Limits.FailingQuiet).ToList())
        {
            _calledAt.Remove(old.Key);
        }

        return _failing = next.ToImmutable();
    }

    private SignalReading Reading(ServiceSum sum, ImmutableArray<Culprit> culprits)
    {
        var evidence = ImmutableArray.CreateBuilder<Evidence>();
        evidence.Add(new("failedPercent", Number(sum.Total.Share * 100)));
        evidence.Add(new("calls", Number(sum.Total.Calls)));
        evidence.Add(new("failedByRouter", Number(sum.Total.ByRouter)));
        evidence.AddRange(culprits.Where(culprit => culprit.Name.Length > 0)
            .Select(culprit => new Evidence(culprit.Kind, culprit.Name)));
        var says = string.Join("; ", culprits.Select(culprit => culprit.Says));
        return new SignalReading(
            $"{Number(sum.Total.Share * 100)} % of the calls to {sum.Service} fail ({Number(sum.Total.Failures)} of "
            + $"{Number(sum.Total.Calls)} in {Number(window.TotalSeconds)} s): {says}.")
        {
            Evidence = evidence.ToImmutable(),
            CausedBy = [.. culprits.Where(culprit => culprit.Subject.Length > 0).Select(culprit => culprit.Subject)],
        };
    }

    private static string Number(double number) => Math.Round(number, 1).ToString(CultureInfo.InvariantCulture);
}
