namespace Mainstay.Kube;

/// <summary>
/// The token to send. One from a file is read again every minute, as mounted tokens are renewed; when the file cannot
/// be
/// read the last token stays in use. Thread safe.
/// </summary>
internal sealed class BearerToken(Kubeconfig kubeconfig, TimeProvider time)
{
    private static readonly TimeSpan ReadAgainAfter = TimeSpan.FromMinutes(1);
    private readonly Lock _lock = new();
    private string? _token = kubeconfig.Token;
    private long? _readAt;

    public string? Current()
    {
        if (kubeconfig.TokenFile is not { } file)
        {
            return _token;
        }
        lock (_lock)
        {
            if (_readAt is not { } readAt || time.GetElapsedTime(readAt) >= ReadAgainAfter)
            {
                ReadLocked(file);
            }
            return _token;
        }
    }

    private void ReadLocked(string file)
    {
        try
        {
            _token = File.ReadAllText(file).Trim();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // Kept: a token that the server may still take is better than none.
        }
        _readAt = time.GetTimestamp();
    }
}
