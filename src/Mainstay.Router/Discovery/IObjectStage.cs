namespace Mainstay.Router.Discovery;

/// <summary>
/// A step between what the sources say and what is routed on, such as the brake. The steps are applied in the order in
/// which they are listed, each to what the one before it gives, on the publisher's loop only: never two at a time.
/// </summary>
internal interface IObjectStage
{
    /// <summary>A function of its arguments and of what the stage itself remembers: no I/O, no exception.</summary>
    /// <param name="heard">what the sources say now, a quarantined object with its last good value</param>
    /// <param name="before">what was published last; at first what the snapshot has, or nothing</param>
    /// <returns>what is to be published; <paramref name="heard"/> itself when there is nothing to change</returns>
    DiscoveredObjects Apply(DiscoveredObjects heard, DiscoveredObjects before);
}
