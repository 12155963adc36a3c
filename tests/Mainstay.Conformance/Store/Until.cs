namespace Mainstay.Conformance.Store;

/// <summary>Waits for something that another process does, with a deadline.</summary>
internal static class Until
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(20);

    public static async Task Async(Func<bool> holds)
    {
        using var pace = new PeriodicTimer(Pace, TimeProvider.System);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Deadline);
        while (!holds())
        {
            await pace.WaitForNextTickAsync(deadline.Token);
        }
    }
}
