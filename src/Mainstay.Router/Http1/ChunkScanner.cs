using System.Runtime.CompilerServices;

namespace Mainstay.Router.Http1;

/// <summary>
/// Follows a chunked body byte by byte without changing it, and refuses what is not exactly RFC 9112 section 7.1, so
/// that
/// what is passed on can be read in one way only. Data is skipped in whole runs. Example:
///     5\r\nhello\r\n0\r\n\r\n  ->  runs: "5\r\n" framing, "hello" data, "\r\n0\r\n\r\n" framing, done
/// </summary>
internal struct ChunkScanner
{
    private enum State : byte
    {
        Size,
        BlankBeforeExtension,
        Extension,
        SizeFeed,
        Data,
        DataReturn,
        DataFeed,
        TrailerStart,
        TrailerName,
        TrailerValue,
        TrailerFeed,
        FinalFeed,
        Done,
        Invalid,
    }

    private State _state;
    private int _digits;
    private int _extensionBytes;
    private int _trailerBytes;
    private int _nameLength;
    private long _remaining;
    private TrailerName _name;

    public readonly bool IsDone => _state == State.Done;

    public readonly bool IsInvalid => _state == State.Invalid;

    public void Reset() => this = default;

    /// <summary>Takes the next run: bytes of framing, or bytes of data, never both.</summary>
    /// <param name="bytes">not empty</param>
    /// <param name="isData">whether the run is data</param>
    /// <returns>its length; 0 only when the body is over or invalid</returns>
    public int Step(ReadOnlySpan<byte> bytes, out bool isData)
    {
        isData = _state == State.Data;
        if (isData)
        {
            var run = (int)Math.Min(_remaining, bytes.Length);
            _remaining -= run;
            _state = _remaining == 0 ? State.DataReturn : State.Data;
            return run;
        }

        var taken = 0;
        while (taken < bytes.Length && _state is not (State.Data or State.Done or State.Invalid))
        {
            _state = Next(bytes[taken]);
            taken += _state == State.Invalid ? 0 : 1;
        }

        return taken;
    }

    private State Next(byte octet)
    {
        switch (_state)
        {
            case State.Size:
                return NextInSize(octet);
            case State.BlankBeforeExtension or State.Extension:
                return NextInExtension(octet);
            case State.SizeFeed when octet == (byte)'\n':
                _digits = 0;
                _extensionBytes = 0;
                return _remaining > 0 ? State.Data : State.TrailerStart;
            case State.DataReturn when octet == (byte)'\r':
                return State.DataFeed;
            case State.DataFeed when octet == (byte)'\n':
                return State.Size;
            case State.TrailerFeed when octet == (byte)'\n':
                return State.TrailerStart;
            case State.FinalFeed when octet == (byte)'\n':
                return State.Done;
            case State.TrailerStart or State.TrailerName or State.TrailerValue:
                return NextInTrailer(octet);
            default:
                return State.Invalid;
        }
    }

    private State NextInSize(byte octet)
    {
        var value = Octets.HexValue(octet);
        if (value >= 0)
        {
            _remaining = (_remaining << 4) + value;
            return ++_digits > Limits.ChunkSizeDigitsMax ? State.Invalid : State.Size;
        }

        return octet switch
        {
            _ when _digits == 0 => State.Invalid,
            (byte)'\r' => State.SizeFeed,
            (byte)';' => State.Extension,
            (byte)' ' or (byte)'\t' => State.BlankBeforeExtension,
            _ => State.Invalid,
        };
    }

    private State NextInExtension(byte octet)
    {
        if (++_extensionBytes > Limits.ChunkExtensionBytesMax)
        {
            return State.Invalid;
        }

        if (_state == State.BlankBeforeExtension)
        {
            return octet == (byte)';' ? State.Extension
                : Octets.IsBlank(octet) ? State.BlankBeforeExtension : State.Invalid;
        }

        return octet == (byte)'\r' ? State.SizeFeed
            : Octets.NotInFieldValue.Contains(octet) ? State.Invalid : State.Extension;
    }

    private State NextInTrailer(byte octet)
    {
        if (++_trailerBytes > Limits.TrailerBytesMax)
        {
            return State.Invalid;
        }

        switch (_state)
        {
            case State.TrailerStart when octet == (byte)'\r':
                return State.FinalFeed;
            case State.TrailerStart:
                _nameLength = 0;
                return TakeName(octet);
            case State.TrailerName when octet == (byte)':':
                return IsForbidden() ? State.Invalid : State.TrailerValue;
            case State.TrailerName:
                return TakeName(octet);
            default:
                return octet == (byte)'\r' ? State.TrailerFeed
                    : Octets.NotInFieldValue.Contains(octet) ? State.Invalid : State.TrailerValue;
        }
    }

    private State TakeName(byte octet)
    {
        if (!Octets.Token.Contains(octet))
        {
            return State.Invalid;
        }

        if (_nameLength < TrailerName.Capacity)
        {
            _name[_nameLength] = octet;
        }

        _nameLength++;
        return State.TrailerName;
    }

    /// <summary>RFC 9110 section 6.5.1: no framing, routing or connection control in a trailer.</summary>
    private readonly bool IsForbidden()
    {
        if (_nameLength > TrailerName.Capacity)
        {
            return false;
        }

        ReadOnlySpan<byte> all = _name;
        var name = all[.._nameLength];
        return HeaderLine.Classify(name) is not (KnownField.Other or KnownField.Via or KnownField.IdempotencyKey);
    }

    [InlineArray(Capacity)]
    private struct TrailerName
    {
        public const int Capacity = 24;
        private byte _first;
    }
}
