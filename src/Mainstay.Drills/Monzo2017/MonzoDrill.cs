using Mainstay.Drills.Timeline;
using Mainstay.Drills.Verdicts;

namespace Mainstay.Drills.Monzo2017;

/// <summary>The outage of 27 October 2017, as its post-mortem tells it, on this platform.</summary>
internal sealed class MonzoDrill : IDrill
{
    public string Name => Story.Name;

    public string Title => Story.Title;

    public string Description =>
        "The outage of a bank in October 2017, step by step: the store grown from three members to nine, a Service "
        + "left without replicas, a deploy that the routers never hear of, a rollback that does not help, a restart of "
        + "every router while configuration cannot be fetched, and a list with null in it that no fresh router of then "
        + "could read.";

    public IEnumerable<DrillStep> Steps(DrillScene scene) =>
        new StepsBefore(scene).All().Concat(new StepsOfTheDay(scene).All());

    public IEnumerable<Check> Checks(DrillRecord record) => MonzoVerdict.Of(record);
}
