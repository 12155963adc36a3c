using Mainstay.Conformance.Platform;

namespace Mainstay.Conformance.Agent;

/// <summary>Makes the addresses of a network this machine's own for the time of a test.</summary>
/// <param name="network">the first two numbers of its addresses, <c>10.217</c></param>
internal sealed class LocalRoute(string network) : IAsyncDisposable
{
    public async Task AddAsync(CancellationToken cancellationToken) =>
        (await Route("replace").RunAsync(cancellationToken)).Succeeded();

    public async ValueTask DisposeAsync() => await Route("del").RunAsync(CancellationToken.None);

    private Command Route(string verb) => new("ip", "route", verb, "local", $"{network}.0.0/16", "dev", "lo");
}
