using System.Text.Json;
using Mainstay.Kube;

namespace Mainstay.Drills.Stage;

/// <summary>Waits for something across a wire where no event can be awaited.</summary>
internal sealed class Waits(TimeProvider time)
{
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(250);

    /// <summary>What does not answer is not yet so.</summary>
    /// <returns>false when the time is over</returns>
    public async Task<bool> UntilAsync(
        Func<CancellationToken, Task<bool>> look, TimeSpan deadline, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        while (!await TryAsync(look, cancellationToken))
        {
            if (time.GetElapsedTime(began) > deadline)
            {
                return false;
            }

            await Task.Delay(PollEvery, time, cancellationToken);
        }

        return true;
    }

    private static async Task<bool> TryAsync(
        Func<CancellationToken, Task<bool>> look, CancellationToken cancellationToken)
    {
        try
        {
            return await look(cancellationToken);
        }
        catch (Exception fault) when (fault is HttpRequestException or TimeoutException or IOException
            or KubeStatusException or JsonException
            || (fault is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }
}
