using Mainstay.Store;
using Mainstay.Store.Log;
using Mainstay.Store.Mvcc;

namespace Mainstay.Simulation.Store;

/// <summary>What the store lost or made up; the message names the seed.</summary>
internal sealed class StoreLieException(string message) : Exception(message);

/// <summary>
/// One store through several lives: it is opened, written to, compacted, checkpointed, and the power goes at any
/// operation on the disk, also while it starts. After each start it must hold what a store without a disk holds that
/// got the same batches: all that were acknowledged, and the one that was on its way wholly or not at all.
/// </summary>
internal sealed class StoreLife : IDisposable
{
    private const int Lives = 5;
    private const int BatchesMax = 30;
    private static readonly EngineOptions Options = new(
        QuotaBytes: long.MaxValue, CheckpointLogBytes: 6_000, LogGrowthBytes: 8_000);

    private readonly int _seed;
    private readonly Random _random;
    private readonly SimulatedDisk _disk;
    private readonly WriteGenerator _writes;
    private readonly List<StoreWrite[]> _acknowledged = [];
    private StoreWrite[]? _onItsWay;

    public StoreLife(int seed, DiskLie lie)
    {
        _seed = seed;
        _random = new Random(seed);
        _disk = new SimulatedDisk(_random, lie);
        _writes = new WriteGenerator(_random);
    }

    /// <summary>How often a checkpoint took the place of the log.</summary>
    public int Checkpoints { get; private set; }

    public int PowerCuts { get; private set; }

    public void Live()
    {
        for (var life = 0; life < Lives; life++)
        {
            _disk.CutPowerAfter(_random.Next(1, 120));
            try
            {
                using var engine = StoreEngine.Open(_disk, Options);
                Check(engine.View);
                Use(engine);
                Check(engine.View);
                engine.Close();
            }
            catch (PowerCutException)
            {
                PowerCuts++;
            }
            catch (DiskFullException)
            {
                // Only the closing frame found no room.
            }

            _disk.Capacity = long.MaxValue;
            _disk.Crash();
        }

        using var last = StoreEngine.Open(_disk, Options);
        Check(last.View);
    }

    public void Dispose() => _disk.Dispose();

    private void Use(StoreEngine engine)
    {
        CheckpointWriter? checkpoint = null;
        for (var i = _random.Next(BatchesMax); i > 0; i--)
        {
            Write(engine);
            engine.CompactSome();
            checkpoint = Tend(engine, checkpoint);
            // Now and then the disk is as good as full for a while.
            _disk.Capacity = _random.Next(15) == 0 ? _random.Next(1, 40_000) : long.MaxValue;
        }
    }

    private void Write(StoreEngine engine)
    {
        _onItsWay = _writes.Batch(engine.View.Revision);
        var outcomes = engine.Commit(_onItsWay);
        if (outcomes.Any(outcome => outcome.Error is null))
        {
            _acknowledged.Add(_onItsWay);
        }

        _onItsWay = null;
    }

    private CheckpointWriter? Tend(StoreEngine engine, CheckpointWriter? checkpoint)
    {
        if (checkpoint is null && engine.IsCheckpointDue)
        {
            try
            {
                return engine.BeginCheckpoint();
            }
            catch (DiskFullException)
            {
                return null;
            }
        }

        if (checkpoint is null || _random.Next(3) > 0)
        {
            return checkpoint;
        }

        try
        {
            if (checkpoint.Step())
            {
                return checkpoint;
            }

            Checkpoints++;
            engine.EndCheckpoint(checkpoint, isDurable: true);
        }
        catch (DiskFullException)
        {
            engine.EndCheckpoint(checkpoint, isDurable: false);
        }

        return null;
    }

    private void Check(MvccView view)
    {
        var found = StoreDump.Of(view);
        var expected = StoreDump.Of(Shadow(_acknowledged));
        if (found == expected)
        {
            _onItsWay = null;
            return;
        }

        if (_onItsWay is { } batch && found == StoreDump.Of(Shadow([.. _acknowledged, batch])))
        {
            _acknowledged.Add(batch);
            _onItsWay = null;
            return;
        }

        throw new StoreLieException($"seed {_seed}: the store holds\n{found}\nand should hold\n{expected}");
    }

    /// <summary>A store without a disk that got these batches.</summary>
    private static MvccView Shadow(IEnumerable<StoreWrite[]> batches)
    {
        var draft = MvccDraft.Empty();
        var applier = new WriteApplier(draft, Options.QuotaBytes);
        foreach (var write in batches.SelectMany(batch => batch))
        {
            applier.Apply(write, new Batch());
        }

        return draft.Publish();
    }
}
