namespace Mainstay.ConsoleSite.Scrape;

/// <summary>What a router says of its own restart proofs.</summary>
/// <param name="AgeSeconds">time since the last proof ended, when it was read; null: it has made none</param>
/// <param name="Safe">every kind that was tried could start; null: nothing was said</param>
/// <param name="Unsafe">the kinds that could not: <c>cold</c>, <c>warm</c></param>
public sealed record RestartProofs(double? AgeSeconds, bool? Safe, IReadOnlyList<string> Unsafe)
{
    internal const string Prefix = "mainstay_restart_";

    public static RestartProofs None { get; } = new(null, null, []);

    internal static RestartProofs From(IEnumerable<Sample> samples)
    {
        double? age = null;
        var kinds = new SortedDictionary<string, bool>(StringComparer.Ordinal);
        foreach (var sample in samples)
        {
            if (sample.Name == "mainstay_restart_proof_age_seconds" && sample.Value >= 0)
            {
                age = sample.Value;
            }
            else if (sample.Name == "mainstay_restart_safe")
            {
                kinds[sample.Label("kind")] = sample.Value is 1;
            }
        }

        return new RestartProofs(
            age,
            kinds.Count == 0 ? null : kinds.Values.All(safe => safe),
            [.. kinds.Where(kind => !kind.Value).Select(kind => kind.Key)]);
    }
}
