namespace Mainstay.Conformance.Platform;

/// <summary>
/// One platform of three nodes in three zones over three members of Debian's etcd, with two API servers and the bank.
/// </summary>
public sealed class ThreeMemberBank : IAsyncLifetime
{
    private RunningPlatform? _platform;

    internal RunningPlatform Platform => _platform ?? throw new InvalidOperationException("not started yet");

    public async ValueTask InitializeAsync() => _platform = await RunningPlatform.UpAsync(
        CancellationToken.None,
        "--nodes", "3", "--zones", "3", "--store", "etcd", "--members", "3", "--api-servers", "2");

    public async ValueTask DisposeAsync()
    {
        if (_platform is not null)
        {
            await _platform.DisposeAsync();
        }
    }
}

/// <summary>Its tests share the one platform, one after another.</summary>
[CollectionDefinition(Name)]
public sealed class ThreeMemberBankShare : ICollectionFixture<ThreeMemberBank>
{
    public const string Name = "three members and the bank";
}
