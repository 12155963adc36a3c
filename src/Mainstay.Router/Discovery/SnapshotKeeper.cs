using Microsoft.Extensions.Logging;

namespace Mainstay.Router.Discovery;

/// <summary>
/// Keeps what is routed on on the disk: read once at the start, written soon after a change while the source is heard.
/// One loop writes; <see cref="Age"/> is for any thread.
/// </summary>
internal sealed class SnapshotKeeper(SnapshotFile? file, DiscoveryWorld world)
{
    private static readonly TimeSpan Refresh = TimeSpan.FromSeconds(60);

    private long _savedAtTicks;

    /// <summary>Age of what is on the disk; null when there is nothing.</summary>
    public TimeSpan? Age => Volatile.Read(ref _savedAtTicks) is var ticks and not 0
        ? world.Time.GetUtcNow() - new DateTimeOffset(ticks, TimeSpan.Zero)
        : null;

    /// <summary>Before anything else: what the last router knew; null when there is nothing good.</summary>
    public DiscoveredObjects? Load()
    {
        try
        {
            if (file?.Read() is not { } snapshot)
            {
                return null;
            }

            Volatile.Write(ref _savedAtTicks, snapshot.SavedAt.UtcTicks);
            world.Logger.SnapshotLoaded(file.Path, world.Time.GetUtcNow() - snapshot.SavedAt);
            return snapshot.Objects;
        }
        catch (SnapshotRefusedException refused)
        {
            world.Logger.SnapshotRefused(file?.Path ?? "", refused.Message);
            return null;
        }
    }

    /// <summary>Writes what is routed on soon after it changed, and now and then to say that it still holds.</summary>
    /// <param name="current">what is routed on</param>
    /// <param name="isLive">whether the source is heard: what is old is not written as if it were new</param>
    /// <param name="cancellationToken">ends the loop; what was written last is whole</param>
    public async Task RunAsync(
        Func<DiscoveredObjects> current, Func<bool> isLive, CancellationToken cancellationToken)
    {
        var written = DiscoveredObjects.None;
        var writtenAt = world.Time.GetTimestamp();
        try
        {
            while (file is not null)
            {
                await Task.Delay(
                    TimeSpan.FromMilliseconds(Limits.SnapshotDebounceMilliseconds), world.Time, cancellationToken);
                var now = current();
                var isDue = world.Time.GetElapsedTime(writtenAt) >= Refresh;
                if (isLive() && (!ReferenceEquals(now, written) || isDue))
                {
                    Save(file, now);
                    written = now;
                    writtenAt = world.Time.GetTimestamp();
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The router stops.
        }
    }

    private void Save(SnapshotFile to, DiscoveredObjects objects)
    {
        try
        {
            var now = world.Time.GetUtcNow();
            to.Write(objects, now);
            Volatile.Write(ref _savedAtTicks, now.UtcTicks);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            world.Logger.NotWritten(to.Path, fault.Message);
        }
    }
}
