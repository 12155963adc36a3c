using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;

namespace Mainstay.Drills.Faults;

/// <summary>What may happen to the body of one answer.</summary>
internal sealed record BodyRules(ApiCall Call, ApiFaultSwitch Faults)
{
    /// <returns>null: as it came</returns>
    public byte[]? Rewritten(ReadOnlyMemory<byte> json) =>
        Faults.EffectOn<ApiEffect.NullWhenEmpty>(Call) is { } target
            ? NullRewriter.Rewrite(json, target, Call.Resource)
            : null;
}

/// <summary>Carries one body from the server to the client. It reads no further than it can write.</summary>
internal sealed class BodyRelay(Stream from, HttpResponse to, BodyRules rules)
{
    /// <summary>Byte for byte, as it comes.</summary>
    public async Task ChunksAsync(CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Limits.ChunkBytes);
        try
        {
            while (await from.ReadAsync(buffer, cancellationToken) is > 0 and var count)
            {
                await to.Body.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
                await to.Body.FlushAsync(cancellationToken);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Read whole, rewritten where a fault says so.</summary>
    public async Task WholeAsync(CancellationToken cancellationToken)
    {
        var reader = PipeReader.Create(from);
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken);
            RefuseBeyondLimit(read.Buffer.Length);
            if (read.IsCompleted)
            {
                var bytes = read.Buffer.ToArray();
                await to.Body.WriteAsync(rules.Rewritten(bytes) ?? bytes, cancellationToken);
                break;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }

        await reader.CompleteAsync();
    }

    /// <summary>Line by line: each is held while the watch is mute, and rewritten where a fault says so.</summary>
    public async Task LinesAsync(CancellationToken cancellationToken)
    {
        var reader = PipeReader.Create(from);
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken);
            var rest = read.Buffer;
            while (rest.PositionOf((byte)'\n') is { } end)
            {
                await LineAsync(rest.Slice(0, end).ToArray(), "\n"u8.ToArray(), cancellationToken);
                rest = rest.Slice(rest.GetPosition(1, end));
            }

            if (read.IsCompleted)
            {
                await LineAsync(rest.ToArray(), [], cancellationToken);
                break;
            }

            RefuseBeyondLimit(rest.Length);
            reader.AdvanceTo(rest.Start, read.Buffer.End);
        }

        await reader.CompleteAsync();
    }

    private async Task LineAsync(byte[] line, byte[] end, CancellationToken cancellationToken)
    {
        await rules.Faults.WhileMuteAsync(rules.Call, cancellationToken);
        await to.Body.WriteAsync(rules.Rewritten(line) ?? line, cancellationToken);
        await to.Body.WriteAsync(end, cancellationToken);
        await to.Body.FlushAsync(cancellationToken);
    }

    private static void RefuseBeyondLimit(long bytes)
    {
        if (bytes > Limits.RewrittenBytesMax)
        {
            throw new IOException($"a line or list of more than {Limits.RewrittenBytesMax} bytes cannot be rewritten");
        }
    }
}
