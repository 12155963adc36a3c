using System.Net;
using Mainstay.Kernel;
using Mainstay.Router.Discovery;
using Mainstay.Router.Linux;
using Mainstay.Router.EventLoops;
using Mainstay.Router.Pipeline;

namespace Mainstay.Router;

/// <summary>
/// Opens and closes addresses on all loops alike. Each loop has a socket of its own on the address (SO_REUSEPORT) and
/// the kernel spreads the connections; so a router can open the addresses of the one before it, see <see
/// cref="HandOver"/>.
/// </summary>
internal sealed class Listeners(IReadOnlyList<RouterLoop> loops, IReadOnlyList<LoopThread> threads)
{
    private readonly Dictionary<IPEndPoint, Listener[]> _open = [];

    /// <summary>Whether an address may be taken while another process, which hands it over, still has it.</summary>
    public Func<bool> MayShare { get; init; } = () => false;

    /// <summary>Every address that is listened on, with the port the kernel gave where 0 was asked for.</summary>
    public IReadOnlyList<IPEndPoint> Addresses => [.. _open.Keys];

    /// <returns>0, or the error number that kept the address from being opened</returns>
    public async Task<int> OpenAsync(IPEndPoint address, Caller caller)
    {
        if (Taken(address) is var taken and not 0)
        {
            return taken;
        }

        var opened = new List<Listener>();
        for (var index = 0; index < loops.Count; index++)
        {
            var loop = loops[index];
            var (listener, error) = await threads[index].DoAsync(() => OpenOne(loop, address, caller));
            if (listener is null)
            {
                await CloseAllAsync([.. opened]);
                return error;
            }

            opened.Add(listener);
            address = new IPEndPoint(address.Address, listener.Port);
        }

        _open.Add(address, [.. opened]);
        return 0;
    }

    /// <summary>
    /// Turns new connections to the process that takes over; those that wait are still accepted here.
    /// </summary>
    public async Task YieldAsync()
    {
        foreach (var listeners in _open.Values)
        {
            await threads[0].DoAsync(() =>
            {
                listeners[0].Yield(listeners.Length);
                return true;
            });
        }
    }

    public async Task CloseAsync(IPEndPoint address)
    {
        if (_open.Remove(address, out var listeners))
        {
            await CloseAllAsync(listeners);
        }
    }

    public async Task CloseAsync()
    {
        foreach (var address in Addresses)
        {
            await CloseAsync(address);
        }
    }

    /// <summary>When the loops no longer turn: their sockets are closed from here.</summary>
    public void CloseAfterTheLoops()
    {
        foreach (var listener in _open.Values.SelectMany(listeners => listeners))
        {
            listener.Close();
        }

        _open.Clear();
    }

    /// <summary>For an address that a person has asked for.</summary>
    public async Task OpenOrThrowAsync(IPEndPoint address)
    {
        var error = await OpenAsync(address, Caller.Anyone);
        if (error != 0)
        {
            throw CannotListen(address, error);
        }
    }

    public static StartException CannotListen(IPEndPoint address, int error) => error == Libc.ErrorAddressInUse
        ? new StartException($"{address} is taken", "stop what listens there (ss -ltnp) or choose another address")
        : new StartException($"cannot listen on {address} (error {error})", "choose an address of this machine");

    /// <summary>
    /// Sockets that share an address would hide that another process has it: one that does not share finds out.
    /// </summary>
    /// <returns>0, or the error number that keeps the address from being opened</returns>
    public int Taken(IPEndPoint address)
    {
        var error = Tcp.Probe(address);
        return error == Libc.ErrorAddressInUse && MayShare() ? 0 : error;
    }

    private static (Listener? Listener, int Error) OpenOne(RouterLoop loop, IPEndPoint address, Caller caller)
    {
        var acceptor = new CallAcceptor(loop, caller);
        var listener = Listener.Open(loop.Events, new ListenAt(address, IsShared: true), acceptor, out var error);
        return (listener, error);
    }

    private async Task CloseAllAsync(Listener[] listeners)
    {
        for (var index = 0; index < listeners.Length; index++)
        {
            var listener = listeners[index];
            await threads[index].DoAsync(() =>
            {
                listener.Close();
                return true;
            });
        }
    }

    private sealed class CallAcceptor(RouterLoop loop, Caller caller) : IAcceptor
    {
        public void Accepted(int descriptor) => loop.Accept(descriptor, caller);
    }
}
