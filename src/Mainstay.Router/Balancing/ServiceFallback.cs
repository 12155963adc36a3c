using System.Text;
using Mainstay.Router.Discovery;
using Mainstay.Router.Resilience;

namespace Mainstay.Router.Balancing;

/// <summary>
/// What one loop knows of the fallback of one service: where it is, and whether its turn has come. One step: the
/// fallback's own fallback is never looked at. Owned by that loop.
/// </summary>
/// <param name="route">where it is</param>
/// <param name="owner">whose fallback it is, NAME.NAMESPACE</param>
/// <param name="agreement">with the router's other loops</param>
internal sealed class ServiceFallback(FallbackRoute route, string owner, FallbackAgreement agreement)
{
    public FallbackRoute Route { get; } = route;

    public FallbackAgreement Agreement { get; } = agreement;

    public FallbackSwitch Switch { get; } = new(agreement);

    /// <summary>Null while the table has no such service or port.</summary>
    public PortState? Target { get; set; }

    /// <summary>For the request to the fallback: whose calls it gets.</summary>
    public byte[] RequestLine { get; } = Encoding.ASCII.GetBytes($"mainstay-fallback: {owner}\r\n");

    /// <summary>For the answer: who gave it.</summary>
    public byte[] AnswerLine { get; } =
        Encoding.ASCII.GetBytes($"mainstay-fallback: {route.Name}.{route.Namespace}\r\n");
}
