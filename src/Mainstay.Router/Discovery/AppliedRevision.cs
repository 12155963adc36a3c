namespace Mainstay.Router.Discovery;

/// <summary>
/// The newest revision of the slices' watch, all up to which is in the published table. An example:
/// <code>
///     Heard(7, change), BeginPublish -> 7, Published(7)   applied 7
///     Heard(8, heartbeat)                                 applied 8: nothing waits
///     Heard(9, change), Heard(10, heartbeat)              applied 8: 9 waits
///     BeginPublish -> 10, Heard(11, change), Published(10) applied 10
/// </code>
/// The source tells after the change is in its cache, the publisher begins before it reads the cache, so a revision is
/// never told too early. Thread safe.
/// </summary>
internal sealed class AppliedRevision
{
    private readonly Lock _lock = new();
    private string _heard = "";
    private string _applied = "";
    private bool _isWaiting;
    private bool _isPublishing;
    private long _tables;

    /// <summary>Empty before the first table of this process that is not from the disk.</summary>
    public string Current
    {
        get
        {
            lock (_lock)
            {
                return _applied;
            }
        }
    }

    /// <summary>Counts the tables with other slices.</summary>
    public long Tables => Volatile.Read(ref _tables);

    /// <param name="revision">of the event or list, which is in the cache by now</param>
    /// <param name="isChange">whether it changes what is routed on; the heartbeat does not</param>
    public void Heard(string revision, bool isChange)
    {
        lock (_lock)
        {
            _heard = revision;
            _isWaiting |= isChange;
            if (!_isWaiting && !_isPublishing && _applied.Length > 0)
            {
                _applied = revision;
            }
        }
    }

    /// <summary>Before the cache is read.</summary>
    public string BeginPublish()
    {
        lock (_lock)
        {
            (_isWaiting, _isPublishing) = (false, true);
            return _heard;
        }
    }

    /// <summary>After the table is swapped in.</summary>
    /// <param name="revision">what <see cref="BeginPublish"/> gave</param>
    /// <param name="isOther">whether the table differs from the one before</param>
    public void Published(string revision, bool isOther)
    {
        lock (_lock)
        {
            _isPublishing = false;
            _applied = _isWaiting ? revision : _heard;
        }

        if (isOther)
        {
            Interlocked.Increment(ref _tables);
        }
    }
}
