using System.Collections.Immutable;
using System.Globalization;
using Mainstay.Drills.Timeline;

namespace Mainstay.Drills.Verdicts;

/// <summary>The success of journeys over a span of a drill.</summary>
/// <param name="Answered">attempts that were answered</param>
/// <param name="Failed">attempts that were not</param>
internal readonly record struct Window(long Answered, long Failed)
{
    /// <summary>Null where nothing was tried to its end: no data is not success.</summary>
    public double? Success => Answered + Failed == 0 ? null : (double)Answered / (Answered + Failed);

    public static Window Of(
        ImmutableArray<JourneySample> samples, Func<string, bool> journeys, double begins, double ends)
    {
        var within = samples.Where(sample =>
            journeys(sample.Journey) && sample.Second > begins && sample.Second <= ends).ToList();
        return new Window(within.Sum(sample => sample.Answered), within.Sum(sample => sample.Failed));
    }

    public override string ToString() => Success is { } success
        ? string.Create(
            CultureInfo.InvariantCulture, $"{100 * success:0.#} % of {Answered + Failed} attempts answered")
        : "nothing was answered and nothing failed";
}
