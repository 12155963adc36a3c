namespace Mainstay.Kube;

/// <summary>
/// One client with its connections, in use by any number of requests. Who has left it takes no new requests there; it
/// is closed when none is being sent any more, so that a request ends by its answer or its own deadline only. Streams
/// whose headers have come go on where they are. Thread safe.
/// </summary>
internal sealed class HttpLine(HttpClient client) : IDisposable
{
    // One for the line itself, until it is left.
    private int _users = 1;

    /// <returns>null when it has been left</returns>
    public HttpClient? TryEnter()
    {
        var users = Volatile.Read(ref _users);
        while (users > 0)
        {
            var seen = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (seen == users)
            {
                return client;
            }
            users = seen;
        }
        return null;
    }

    /// <summary>Once for each <see cref="TryEnter"/>, and once to leave the line for good.</summary>
    public void Exit()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            client.Dispose();
        }
    }

    /// <summary>At once, with all that is being sent.</summary>
    public void Dispose() => client.Dispose();
}
