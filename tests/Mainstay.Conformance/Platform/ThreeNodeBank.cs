namespace Mainstay.Conformance.Platform;

/// <summary>
/// One platform of three nodes in three zones with the bank on it, shared by the tests of the collection.
/// </summary>
public sealed class ThreeNodeBank : IAsyncLifetime
{
    private RunningPlatform? _platform;

    internal RunningPlatform Platform => _platform ?? throw new InvalidOperationException("not started yet");

    internal string PaymentLine =>
        Platform.UpOutput.Split('\n').Single(line => line.StartsWith("curl ", StringComparison.Ordinal));

    public async ValueTask InitializeAsync() =>
        _platform = await RunningPlatform.UpAsync(CancellationToken.None, "--nodes", "3", "--zones", "3");

    public async ValueTask DisposeAsync()
    {
        if (_platform is not null)
        {
            await _platform.DisposeAsync();
        }
    }
}

[CollectionDefinition(Name)]
public sealed class ThreeNodeBankShare : ICollectionFixture<ThreeNodeBank>
{
    public const string Name = "three nodes and the bank";
}
