using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Mainstay.Conformance.Platform;

/// <summary>
/// Waits for something to become true across a wire where no event can be awaited; never longer than a deadline.
/// </summary>
internal static class Eventually
{
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    public static async Task<T> GetAsync<T>(
        string what, TimeSpan deadline, Func<Task<T?>> look, CancellationToken cancellationToken)
        where T : class
    {
        var began = Stopwatch.GetTimestamp();
        Exception? last = null;
        while (Stopwatch.GetElapsedTime(began) < deadline)
        {
            try
            {
                if (await look() is { } found)
                {
                    return found;
                }
            }
            catch (Exception fault) when (fault is HttpRequestException or System.Text.Json.JsonException
                or TaskCanceledException or Xunit.Sdk.XunitException)
            {
                last = fault;
            }

            using var timer = new PeriodicTimer(PollEvery);
            await timer.WaitForNextTickAsync(cancellationToken);
        }

        throw new TimeoutException($"not within {deadline.TotalSeconds} s: {what}; last: {last?.Message}");
    }

    /// <summary>Waits half a minute at most for something that another process does.</summary>
    /// <param name="holds">looks, and does not wait</param>
    /// <param name="what">its own text, for a failed test</param>
    public static Task HoldsAsync(Func<bool> holds, [CallerArgumentExpression(nameof(holds))] string what = "") =>
        TrueAsync(what, Soon, () => Task.FromResult(holds()), TestContext.Current.CancellationToken);

    public static Task TrueAsync(
        string what, TimeSpan deadline, Func<Task<bool>> look, CancellationToken cancellationToken) =>
        GetAsync(what, deadline, async () => await look() ? "so" : null, cancellationToken);
}
