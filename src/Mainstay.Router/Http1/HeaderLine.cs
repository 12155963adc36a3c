using System.Text;

namespace Mainstay.Router.Http1;

/// <summary>The fields that the router itself must understand; all others pass as they are.</summary>
internal enum KnownField : byte
{
    Other,
    Connection,
    ContentLength,
    Expect,
    Fallback,
    Host,
    IdempotencyKey,
    KeepAlive,
    MaxForwards,
    ProxyAuthorization,
    ProxyConnection,
    Te,
    TransferEncoding,
    Upgrade,
    Via,
}

/// <summary>Where one header line lies; all positions count from the start of the message.</summary>
internal struct HeaderLine
{
    public ushort Start;

    /// <summary>Behind the line's end of line.</summary>
    public ushort End;
    public ushort NameLength;
    public ushort ValueStart;
    public ushort ValueLength;
    public KnownField Field;

    /// <summary>Hop by hop: ends here.</summary>
    public bool Dropped;

    public readonly ReadOnlySpan<byte> Name(ReadOnlySpan<byte> message) => message.Slice(Start, NameLength);

    public readonly ReadOnlySpan<byte> Value(ReadOnlySpan<byte> message) => message.Slice(ValueStart, ValueLength);

    public static KnownField Classify(ReadOnlySpan<byte> name) => name.Length switch
    {
        2 when Is(name, "te"u8) => KnownField.Te,
        3 when Is(name, "via"u8) => KnownField.Via,
        4 when Is(name, "host"u8) => KnownField.Host,
        6 when Is(name, "expect"u8) => KnownField.Expect,
        7 when Is(name, "upgrade"u8) => KnownField.Upgrade,
        10 when Is(name, "connection"u8) => KnownField.Connection,
        10 when Is(name, "keep-alive"u8) => KnownField.KeepAlive,
        12 when Is(name, "max-forwards"u8) => KnownField.MaxForwards,
        14 when Is(name, "content-length"u8) => KnownField.ContentLength,
        15 when Is(name, "idempotency-key"u8) => KnownField.IdempotencyKey,
        16 when Is(name, "proxy-connection"u8) => KnownField.ProxyConnection,
        17 when Is(name, "transfer-encoding"u8) => KnownField.TransferEncoding,
        17 when Is(name, "mainstay-fallback"u8) => KnownField.Fallback,
        19 when Is(name, "proxy-authorization"u8) => KnownField.ProxyAuthorization,
        _ => KnownField.Other,
    };

    private static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> lower) =>
        (name[0] | 0x20) == lower[0] && Ascii.EqualsIgnoreCase(name, lower);
}
