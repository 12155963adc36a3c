using System.Threading.Channels;
using Mainstay.Router.Pipeline;
using Microsoft.Extensions.Logging;

namespace Mainstay.Router.Discovery;

/// <summary>
/// Makes tables of what the sources say, through the stages, and swaps them in. Changes are gathered for some
/// milliseconds. One loop publishes; <see cref="Touch"/> and <see cref="Current"/> are for any thread.
/// </summary>
internal sealed class TablePublisher(ObjectSources sources, DiscoveryParts parts, DiscoveryWorld world)
{
    private readonly TableSource _tables = parts.Tables;

    // One waiting word is enough: the table is made of all that is known when its turn comes.
    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private DiscoveredObjects _saved = DiscoveredObjects.None;
    private DiscoveredObjects _current = DiscoveredObjects.None;

    /// <summary>What is routed on.</summary>
    public DiscoveredObjects Current => Volatile.Read(ref _current);

    /// <summary>Something is to be published anew: a source heard of a change, or a stage changed its mind.</summary>
    public void Touch() => _changed.Writer.TryWrite(true);

    /// <summary>Before the loop runs: what was known when the router last ran.</summary>
    public void Restore(DiscoveredObjects saved, string source)
    {
        _saved = saved;
        Volatile.Write(ref _current, saved);
        _tables.Publish(TableBuilder.Build(saved, _tables.Current));
        LogTable(source);
    }

    /// <summary>Until cancelled; the table then stays as it is.</summary>
    /// <param name="source">for the log: where the first table is from</param>
    /// <param name="cancellationToken">ends the loop</param>
    public async Task RunAsync(string source, CancellationToken cancellationToken)
    {
        try
        {
            // Half of the truth (services without their slices) would be worse than what the snapshot knows.
            await sources.Synced.WaitAsync(cancellationToken);
            Publish();
            LogTable(source);
            while (await _changed.Reader.WaitToReadAsync(cancellationToken))
            {
                await Task.Delay(
                    TimeSpan.FromMilliseconds(Limits.PublishDebounceMilliseconds), world.Time, cancellationToken);
                _changed.Reader.TryRead(out _);
                Publish();
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The router stops.
        }
    }

    private void Publish()
    {
        var before = Current;
        var revision = sources.Applied.BeginPublish();
        var objects = sources.Read(_saved);
        foreach (var stage in parts.Stages)
        {
            objects = stage.Apply(objects, before);
        }

        Volatile.Write(ref _current, objects);
        var table = TableBuilder.Build(objects, _tables.Current);
        var isOther = !ReferenceEquals(table, _tables.Current);
        if (isOther)
        {
            _tables.Publish(table);
        }

        sources.Applied.Published(revision, isOther);
    }

    private void LogTable(string source)
    {
        var table = _tables.Current;
        var endpoints = table.Services.Sum(service => service.Ports.Sum(port => port.Endpoints.Length));
        world.Logger.TableFrom(table.Revision, source, table.Services.Length, endpoints);
    }
}
