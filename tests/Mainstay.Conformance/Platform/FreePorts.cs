using System.Net;
using System.Net.Sockets;

namespace Mainstay.Conformance.Platform;

/// <summary>
/// Ports in a row for a program that takes several. Below the range that the kernel gives to outgoing connections, and
/// below the platforms' own: a port from there may be taken again before its program has bound it.
/// </summary>
internal static class FreePorts
{
    private const int First = 11000;
    private const int Last = 19900;

    /// <summary>The first of <paramref name="count"/> ports that nobody listens on now.</summary>
    public static int Row(int count)
    {
        var random = new Random();
        while (true)
        {
            var first = random.Next(First, Last);
            if (Enumerable.Range(first, count).All(IsFree))
            {
                return first;
            }
        }
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
