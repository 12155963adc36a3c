using System.Threading.Channels;
using Mainstay.Store.Log;
using Microsoft.Extensions.Logging;

namespace Mainstay.Store;

/// <summary>
/// Writes the checkpoints that the commit loop begins, beside it. A checkpoint that fails leaves the log as it was.
/// </summary>
internal sealed class Checkpointer(StoreEngine engine, TimeProvider time, ILogger<Checkpointer> logger)
{
    // The engine allows one at a time, so this is never full.
    private readonly Channel<CheckpointWriter> _begun = Channel.CreateBounded<CheckpointWriter>(1);

    public void Begun(CheckpointWriter writer) => _begun.Writer.TryWrite(writer);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var writer in _begun.Reader.ReadAllAsync(cancellationToken))
            {
                var started = time.GetTimestamp();
                var isDurable = await Task.Run(() => Write(writer, cancellationToken), CancellationToken.None);
                engine.EndCheckpoint(writer, isDurable);
                if (isDurable)
                {
                    var took = (long)time.GetElapsedTime(started).TotalMilliseconds;
                    logger.CheckpointWritten(writer.Bytes, writer.Covered, took);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The store stops; a checkpoint that was begun is removed at the next start.
        }
    }

    private bool Write(CheckpointWriter writer, CancellationToken cancellationToken)
    {
        try
        {
            while (writer.Step())
            {
                if (cancellationToken.IsCancellationRequested)
                {
                    return false;
                }
            }

            return true;
        }
        catch (DiskFullException exception)
        {
            logger.CheckpointHasNoRoom(exception.Message);
            return false;
        }
    }
}
