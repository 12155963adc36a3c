namespace Mainstay.Conformance.Platform;

/// <summary>
/// Addresses of one platform that no other test run on this machine uses: a numbered slot, held by a locked file, moves
/// ports and node addresses apart.
/// </summary>
internal sealed class PlatformSlot : IDisposable
{
    // 11 ports and 4 nodes a slot: within 50 slots no two default ports fall on each other, and the nodes fit in 127/8.
    private const int SlotsMax = 50;
    private const int PortsPerSlot = 11;
    private const int NodesPerSlot = 4;
    private const int FirstPortOffset = 20000;

    private readonly FileStream _lock;

    private PlatformSlot(int number, FileStream hold)
    {
        _lock = hold;
        PortOffset = FirstPortOffset + (number * PortsPerSlot);
        NodeOffset = number * NodesPerSlot;
    }

    public int PortOffset { get; }

    public int NodeOffset { get; }

    public static PlatformSlot Take()
    {
        for (var number = 1; number < SlotsMax; number++)
        {
            try
            {
                var path = Path.Combine(Path.GetTempPath(), $"mainstay-test-slot-{number}");
                return new PlatformSlot(
                    number, new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException)
            {
                // Another run holds it.
            }
        }

        throw new InvalidOperationException("every slot for a test platform is taken");
    }

    public void Dispose() => _lock.Dispose();
}
