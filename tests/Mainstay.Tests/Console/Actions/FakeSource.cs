using System.Collections.Immutable;
using Mainstay.ConsoleSite.Actions;
using Mainstay.Kernel;

namespace Mainstay.Tests.ConsoleSite.Actions;

/// <summary>A platform of one fleet, for the console's pages.</summary>
internal sealed class FakeSource(FakeFleet fleet, FakeWorld world) : IActionSource
{
    private int _opened;

    /// <summary>Why it cannot be opened; empty: it can.</summary>
    public string Fault { get; set; } = "";

    public int Opened => Volatile.Read(ref _opened);

    public ImmutableArray<ActionChoice> Choices() =>
        [new("routers", "restart", "routers"), new("node/node-1", "nodes restart", "node-1")];

    public IActionScope Open(ActionChoice choice)
    {
        Interlocked.Increment(ref _opened);
        return Fault.Length > 0 ? throw new StartException(Fault, "start it") : new Scope(fleet, world);
    }

    private sealed class Scope(FakeFleet fleet, FakeWorld world) : IActionScope
    {
        public IActionTarget Target => fleet;

        public IActionWorld World => world;

        public void Dispose()
        {
            // Nothing is held.
        }
    }
}
