using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mainstay.Store.Service;

/// <summary>
/// Lets in the clients that send a URL as their authority. etcdctl 3.4, given <c>--endpoints http://127.0.0.1:2379</c>,
/// asks for the status with <c>:authority: http://127.0.0.1:2379</c>; etcd does not look at it, Kestrel resets the
/// stream before any code of ours sees it. So the three characters <c>://</c> are changed on the way in to <c>j--</c>,
/// which no one looks at either: they are as long in the header compression's Huffman code, so that no length changes
/// and both sides' header tables stay in step.
/// </summary>
internal static class SchemeInAuthority
{
    // Literal with indexing of name 1 (:authority); its length comes next.
    private const byte AuthorityLiteral = 0x41;
    private const int ValueAt = 2;

    // "http://" and "httpj--" in the code of RFC 7541, appendix B: 41 bits, of which the last byte's one is the same.
    private static readonly byte[] WithScheme = [0x9d, 0x29, 0xae, 0xe3, 0x0c];
    private static readonly byte[] Mended = [0x9d, 0x29, 0xaf, 0xa2, 0xcb];

    public static void MendSchemeInAuthority(this ListenOptions listen) => listen.Use(next => connection =>
    {
        connection.Transport = new MendedTransport(connection.Transport);
        return next(connection);
    });

    /// <summary>Changes every such authority in the bytes; true if there was one.</summary>
    internal static bool Mend(Span<byte> bytes)
    {
        var found = false;
        for (var rest = bytes; rest.IndexOf(WithScheme) is var at and >= 0; rest = rest[(at + Mended.Length)..])
        {
            if (at >= ValueAt && rest[at - ValueAt] == AuthorityLiteral)
            {
                Mended.CopyTo(rest[at..]);
                found = true;
            }
        }

        return found;
    }

    private sealed class MendedTransport(IDuplexPipe inner) : IDuplexPipe
    {
        public PipeReader Input { get; } = new MendedReader(inner.Input);

        public PipeWriter Output => inner.Output;
    }

    /// <summary>Looks at the beginning of a connection only, unless the beginning needed mending.</summary>
    private sealed class MendedReader(PipeReader inner) : PipeReader
    {
        // The client's preface, its settings and its first request are within this.
        private const long BeginningBytes = 8 * 1024;

        private long _bytesLeft = BeginningBytes;

        public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) =>
            inner.AdvanceTo(consumed, examined);

        public override void CancelPendingRead() => inner.CancelPendingRead();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);

        [SuppressMessage("Usage", "CA1849", Justification = "it is the same pipe's own synchronous read")]
        public override bool TryRead(out ReadResult result)
        {
            var hasRead = inner.TryRead(out result);
            if (hasRead)
            {
                Look(result.Buffer);
            }

            return hasRead;
        }

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
            _bytesLeft <= 0 ? inner.ReadAsync(cancellationToken) : ReadAndLookAsync(cancellationToken);

        private async ValueTask<ReadResult> ReadAndLookAsync(CancellationToken cancellationToken)
        {
            var result = await inner.ReadAsync(cancellationToken);
            Look(result.Buffer);
            return result;
        }

        private void Look(in ReadOnlySequence<byte> buffer)
        {
            if (_bytesLeft <= 0)
            {
                return;
            }

            var found = false;
            foreach (var segment in buffer)
            {
                // The memory is the transport's receive buffer, which nobody else reads.
                found |= Mend(MemoryMarshal.AsMemory(segment).Span);
            }

            _bytesLeft = found ? long.MaxValue : _bytesLeft - buffer.Length;
        }
    }
}
