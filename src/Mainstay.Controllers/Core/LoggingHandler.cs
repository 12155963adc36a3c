using Mainstay.Kube;
using Microsoft.Extensions.Logging;

namespace Mainstay.Controllers.Core;

/// <summary>A cache whose troubles are logged.</summary>
internal sealed class LoggingHandler<T>(ObjectCache<T> cache, string kind, ILogger log) : IReflectorHandler<T>
    where T : class
{
    public void Replaced(IReadOnlyDictionary<ObjectKey, T> objects, string revision) =>
        cache.Replaced(objects, revision);

    public void Changed(ObjectKey key, T value, string revision) => cache.Changed(key, value, revision);

    public void Deleted(ObjectKey key, string revision) => cache.Deleted(key, revision);

    public void Quarantined(QuarantinedObject quarantined)
    {
        if (log.IsEnabled(LogLevel.Warning))
        {
            log.Quarantined(kind, quarantined.Key.ToString(), quarantined.HasLastGood, quarantined.Reason);
        }
    }

    public void Disturbed(ReflectorDisturbance disturbance) =>
        log.Disturbed(kind, disturbance.NextTryIn, disturbance.Reason);
}
