using System.Net;
using Mainstay.Router.Linux;

namespace Mainstay.Router.EventLoops;

/// <summary>
/// A listening socket of one loop. What it accepts goes to its <see cref="IAcceptor"/>; when the process has run out of
/// descriptors it pauses, because edge-triggered events would neither repeat nor end.
/// </summary>
internal sealed class Listener : Watched, ITimed
{
    private readonly EventLoop _loop;
    private readonly IAcceptor _acceptor;
    private readonly TimerNode _pause;
    private int _descriptor;

    private Listener(EventLoop loop, int descriptor, IAcceptor acceptor)
    {
        _loop = loop;
        _descriptor = descriptor;
        _acceptor = acceptor;
        _pause = new TimerNode(this);
        Port = Tcp.LocalPort(descriptor);
    }

    /// <summary>The port the kernel has given, where 0 was asked for.</summary>
    public int Port { get; }

    /// <summary>On the loop's thread.</summary>
    /// <returns>the listener, or null and the error number</returns>
    public static Listener? Open(EventLoop loop, ListenAt at, IAcceptor acceptor, out int error)
    {
        var descriptor = Tcp.Listen(at.Address, at.IsShared);
        error = descriptor < 0 ? -descriptor : 0;
        if (descriptor < 0)
        {
            return null;
        }

        var listener = new Listener(loop, descriptor, acceptor);
        if (!loop.Watch(listener, descriptor))
        {
            _ = Libc.close(descriptor);
            return null;
        }

        return listener;
    }

    public override void OnEvents(uint flags) => Accept();

    public override void OnAgain() => Accept();

    public void OnDeadline(long nowMicros) => Accept();

    /// <summary>
    /// Turns new connections to the sockets that another process has opened at the same address since.
    /// </summary>
    /// <param name="own">sockets that this process has there</param>
    public void Yield(int own)
    {
        if (_descriptor >= 0)
        {
            // Where the kernel refuses, connections are spread until the close, which may cut some that wait.
            _ = Tcp.SteerTo(_descriptor, own);
        }
    }

    public void Close()
    {
        if (_descriptor < 0)
        {
            return;
        }

        _loop.Timers.Remove(_pause);
        _loop.Forget(this);
        _ = Libc.close(_descriptor);
        _descriptor = -1;
    }

    private void Accept()
    {
        for (var taken = 0; taken < Limits.AcceptBatchMax; taken++)
        {
            var socket = Tcp.Accept(_descriptor);
            if (socket >= 0)
            {
                _acceptor.Accepted(socket);
                continue;
            }

            switch (-socket)
            {
                case Libc.ErrorAgain:
                    return;
                case Libc.ErrorTooManyFiles or Libc.ErrorTooManyFilesInSystem:
                    _loop.Timers.Set(_pause, _loop.NowMicros + (Limits.AcceptPauseMilliseconds * 1000L));
                    return;
                default:
                    // The one connection is gone (aborted, firewalled); the next may be well.
                    continue;
            }
        }

        _loop.Again(this);
    }
}

/// <param name="Address">where; port 0 lets the kernel choose</param>
/// <param name="IsShared">whether other loops have sockets of their own there (SO_REUSEPORT)</param>
internal readonly record struct ListenAt(IPEndPoint Address, bool IsShared);

/// <summary>Takes the descriptors that a listener has accepted and owns them from then on.</summary>
internal interface IAcceptor
{
    void Accepted(int descriptor);
}
