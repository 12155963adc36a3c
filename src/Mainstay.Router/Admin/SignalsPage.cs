using Mainstay.Kernel.Signals;
using Mainstay.Router.Discovery;

namespace Mainstay.Router.Admin;

/// <summary>The page /signals.json: what this router signals, and how far it has seen the heartbeat.</summary>
internal sealed class SignalsPage(
    SignalBoard board, IDiscovery discovery, AdminIdentity identity, TimeProvider time)
{
    public ReadOnlyMemory<byte> Render() => SignalsJson.Write(new SignalsReport(
        "router", identity.Node, time.GetUtcNow(), board.Active, discovery.View.Hops));
}
