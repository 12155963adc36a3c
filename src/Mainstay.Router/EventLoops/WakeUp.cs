using System.Runtime.InteropServices;
using Mainstay.Kernel;
using Mainstay.Router.Linux;

namespace Mainstay.Router.EventLoops;

/// <summary>
/// An eventfd that ends a loop's wait. <see cref="Signal"/> may be called by any thread until it is disposed.
/// </summary>
internal sealed unsafe class WakeUp : Watched, IDisposable
{
    public WakeUp()
    {
        Descriptor = Libc.eventfd(0, Libc.EventNonBlock | Libc.EventCloseOnExec);
        if (Descriptor < 0)
        {
            throw new StartException(
                $"the kernel gives no eventfd (error {Marshal.GetLastSystemError()})",
                "raise the limit of open files (ulimit -n)");
        }
    }

    public int Descriptor { get; }

    public void Signal()
    {
        var one = 1UL;
        Libc.write(Descriptor, &one, sizeof(ulong));
    }

    public override void OnEvents(uint flags)
    {
        var count = 0UL;
        Libc.read(Descriptor, &count, sizeof(ulong));
    }

    public override void OnAgain()
    {
    }

    public void Dispose() => _ = Libc.close(Descriptor);
}
