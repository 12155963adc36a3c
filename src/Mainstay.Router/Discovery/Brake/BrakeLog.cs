using Microsoft.Extensions.Logging;

namespace Mainstay.Router.Discovery.Brake;

/// <summary>What the brake and the confirmation of the snapshot say, with the event ids 5060 to 5069.</summary>
internal static partial class BrakeLog
{
    [LoggerMessage(EventId = 5060, Level = LogLevel.Warning,
        Message = "{Endpoints} endpoints vanished without a word and stay in use while they answer: {Services}")]
    public static partial void BrakeHolds(this ILogger logger, int endpoints, string services);

    [LoggerMessage(EventId = 5061, Level = LogLevel.Information,
        Message = "the brake lets go, for they refuse, are another's or are gone by quorum: {Endpoints}")]
    public static partial void BrakeReleased(this ILogger logger, string endpoints);

    [LoggerMessage(EventId = 5062, Level = LogLevel.Information,
        Message = "addresses of the snapshot that belong to another pod now, or to none, are dropped: {Addresses}")]
    public static partial void SnapshotAddressesDropped(this ILogger logger, string addresses);
}
