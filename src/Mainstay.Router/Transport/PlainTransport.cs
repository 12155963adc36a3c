using System.Runtime.InteropServices;
using Mainstay.Kernel;
using Mainstay.Router.Linux;

namespace Mainstay.Router.Transport;

/// <summary>The socket itself. Its owner is pooled with it, so that a new connection needs no new object.</summary>
internal sealed unsafe class PlainTransport : ByteTransport
{
    private int _descriptor = -1;

    public void Open(int descriptor)
    {
        Invariant.That(_descriptor < 0, "a transport is closed before it is opened again");
        _descriptor = descriptor;
    }

    public int Descriptor => _descriptor;

    public override int Receive(Span<byte> into)
    {
        fixed (byte* bytes = into)
        {
            var count = Libc.recv(_descriptor, bytes, (nuint)into.Length, 0);
            return count >= 0 ? (int)count : Outcome();
        }
    }

    public override int Send(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* first = bytes)
        {
            var count = Libc.send(_descriptor, first, (nuint)bytes.Length, Libc.MessageNoSignal);
            return count >= 0 ? (int)count : Outcome();
        }
    }

    public override bool HasInput()
    {
        byte one;
        return Libc.recv(_descriptor, &one, 1, Libc.MessagePeek) >= 0 || Outcome() == Broken;
    }

    public override void EndSending() => _ = Libc.shutdown(_descriptor, Libc.ShutdownWrite);

    public override void Close(bool reset)
    {
        if (_descriptor < 0)
        {
            return;
        }

        if (reset)
        {
            Tcp.ResetOnClose(_descriptor);
        }

        _ = Libc.close(_descriptor);
        _descriptor = -1;
    }

    private static int Outcome() =>
        Marshal.GetLastSystemError() is Libc.ErrorAgain or Libc.ErrorInterrupted ? WouldBlock : Broken;
}
