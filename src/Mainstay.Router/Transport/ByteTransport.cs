namespace Mainstay.Router.Transport;

/// <summary>
/// Bytes in, bytes out, over one non-blocking socket. Plain today; TLS by OpenSSL's memory buffers fits the same three
/// answers, because a handshake that has to wait looks to its user like a socket that is not ready yet.
/// </summary>
internal abstract class ByteTransport
{
    /// <summary>Not now: an event will tell.</summary>
    public const int WouldBlock = -1;

    /// <summary>The connection is broken.</summary>
    public const int Broken = -2;

    /// <returns>bytes received, 0 when the peer has ended its side, or one of the constants</returns>
    public abstract int Receive(Span<byte> into);

    /// <returns>bytes taken, or one of the constants</returns>
    public abstract int Send(ReadOnlySpan<byte> bytes);

    /// <summary>Is there anything to receive, be it the end? Leaves it there.</summary>
    public abstract bool HasInput();

    /// <summary>Nothing more will be sent; receiving goes on.</summary>
    public abstract void EndSending();

    /// <param name="reset">cut it, so that the peer cannot take what it has for the whole</param>
    public abstract void Close(bool reset);
}
