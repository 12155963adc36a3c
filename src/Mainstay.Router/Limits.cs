namespace Mainstay.Router;

/// <summary>
/// Every bound of the router, with its unit and its reason. Times that a person may set are in <see
/// cref="RouterOptions"/>.
/// </summary>
internal static class Limits
{
    /// <summary>
    /// Callers of one service that one loop counts apart: a node runs some hundred pods, few call the same.
    /// </summary>
    public const int CallersPerServiceMax = 64;

    /// <summary>
    /// Milliseconds without a call after which one of them makes room for another: most such pods are gone.
    /// </summary>
    public const int CallerGoneMilliseconds = 600_000;

    /// <summary>
    /// Milliseconds for which the figures of a service that is gone are kept, so that they are read once more.
    /// </summary>
    public const int ServiceGoneMilliseconds = 600_000;

    /// <summary>
    /// Bytes of one pooled buffer: a direction of a call holds at most one, so this is also the back-pressure.
    /// </summary>
    public const int BufferBytes = 16 * 1024;

    /// <summary>
    /// Bytes of a message's head: a buffer, less what the router itself may add to it (Via, Connection, Host).
    /// </summary>
    public const int HeadBytesMax = BufferBytes - 1024;

    /// <summary>Bytes of a request's target; RFC 9112 asks for at least 8000.</summary>
    public const int TargetBytesMax = 8 * 1024;

    /// <summary>Bytes of an authority: a DNS name has 253, a port 6.</summary>
    public const int AuthorityBytesMax = 260;

    /// <summary>Header lines of one message: the table of positions is allocated once per pooled head.</summary>
    public const int HeaderLinesMax = 128;

    /// <summary>Bytes of a method: the longest registered one has 17.</summary>
    public const int MethodBytesMax = 24;

    /// <summary>Hex digits of a chunk size: 15 digits stay far below the range of a long.</summary>
    public const int ChunkSizeDigitsMax = 15;

    /// <summary>Bytes of the extensions of one chunk: nobody uses them, so few are enough.</summary>
    public const int ChunkExtensionBytesMax = 256;

    /// <summary>Bytes of a trailer section.</summary>
    public const int TrailerBytesMax = 8 * 1024;

    /// <summary>Body bytes that are copied behind a head so that both leave in one system call.</summary>
    public const int CoalesceBytesMax = 8 * 1024;

    /// <summary>Via lines of ours that show a request going in circles.</summary>
    public const int ViaHopsMax = 8;

    /// <summary>
    /// Client connections of one loop: with two buffers at each end of a call this bounds the loop's memory.
    /// </summary>
    public const int ClientConnectionsPerLoopMax = 16 * 1024;

    /// <summary>
    /// Idle connections kept per endpoint and loop: a burst of this width finds its connections again.
    /// </summary>
    public const int IdlePerEndpointMax = 256;

    /// <summary>Buffers kept for reuse per loop (16 MiB); more are given back to the system.</summary>
    public const int BuffersKeptPerLoopMax = 1024;

    /// <summary>Connections taken from one listener before other events have their turn.</summary>
    public const int AcceptBatchMax = 64;

    /// <summary>Events taken from the kernel in one turn of a loop.</summary>
    public const int EventBatchMax = 256;

    /// <summary>Rounds of receive and send for one connection before others have their turn.</summary>
    public const int PumpRoundsMax = 16;

    /// <summary>Length of the kernel's queue of connections not yet accepted.</summary>
    public const int ListenBacklog = 4096;

    /// <summary>How often a router that takes over looks whether its table is live.</summary>
    public static readonly TimeSpan TakeOverLook = TimeSpan.FromMilliseconds(50);

    /// <summary>After this time a table from the disk is good enough to take over with.</summary>
    public static readonly TimeSpan TakeOverTableMax = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Connections that wait at sockets which are handed over are accepted for this time: they are few.
    /// </summary>
    public static readonly TimeSpan HandOverAccept = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// After a hand-over a caller's connection may be idle for this time: until then its next call is answered and told
    /// to go.
    /// </summary>
    public static readonly TimeSpan HandOverIdle = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Milliseconds after which a loop that has nothing to do turns all the same: its pulse for /healthz.
    /// </summary>
    public const int PulseMilliseconds = 1000;

    /// <summary>Milliseconds without a turn after which a loop counts as stuck.</summary>
    public const int StuckMilliseconds = 5000;

    /// <summary>Milliseconds to wait before accepting again when the process has run out of descriptors.</summary>
    public const int AcceptPauseMilliseconds = 100;

    /// <summary>
    /// Bytes that are read and thrown away after an early answer, so that a reset does not eat the answer.
    /// </summary>
    public const int LingerBytesMax = 256 * 1024;

    /// <summary>Milliseconds for the same.</summary>
    public const int LingerMilliseconds = 2000;

    /// <summary>
    /// Milliseconds that a call outlives its caller's half-close: netcat gets its answer, an abandoned call ends soon.
    /// </summary>
    public const int HalfCloseGraceMilliseconds = 1000;

    /// <summary>
    /// Milliseconds after its head from which an answer that still moves counts as a stream: a probe does not wait for
    /// its end, and a caller that leaves it has had what it wanted.
    /// </summary>
    public const int StreamMilliseconds = 5000;

    /// <summary>
    /// Looks, one a second, at a fallback without a call before it is let go: a minute, far longer than a pause of
    /// callers that are there.
    /// </summary>
    public const int FallbackUnaskedLooksMax = 60;

    /// <summary>Tries of one call, the first included.</summary>
    public const int TriesMax = 3;

    /// <summary>Bytes of the agent's list of local pods in one line.</summary>
    public const int LocalPodsLineBytesMax = 4 * 1024 * 1024;

    /// <summary>Bytes of a snapshot that is read back: far above ten thousand endpoints.</summary>
    public const int SnapshotBytesMax = 256 * 1024 * 1024;

    /// <summary>Milliseconds for which changes are gathered before a new table is published.</summary>
    public const int PublishDebounceMilliseconds = 20;

    /// <summary>
    /// Milliseconds, and up to as much again, after which a router that reads Endpoints asks whether there are slices.
    /// </summary>
    public const int SlicesLookMilliseconds = 60_000;

    /// <summary>Milliseconds for which a kind was read well enough that its end is no fault of the question.</summary>
    public const int KindLastsMilliseconds = 30_000;

    /// <summary>Names of objects in one line of the log; more say nothing more.</summary>
    public const int NamesInALogLine = 20;

    /// <summary>
    /// Names of senseless objects in the router's Lease: with 330 characters each they fit in a quarter of what an
    /// object's annotations may have.
    /// </summary>
    public const int KeptOutNamesMax = 200;

    /// <summary>Milliseconds for a node agent's list, or a connection to a held endpoint.</summary>
    public const int AgentAnswerMilliseconds = 1000;

    /// <summary>
    /// Milliseconds for which a router that starts from the disk waits for the agents to confirm, all of them together.
    /// </summary>
    public const int SnapshotConfirmMilliseconds = 1500;

    /// <summary>
    /// Services that must have lost endpoints at once before "most of them" means anything: with one or two services
    /// it would call every change a catastrophe.
    /// </summary>
    public const int BrakeServicesMin = 3;

    /// <summary>Of the services with endpoints, the share that must have lost some: over half is no rollout.</summary>
    public const double BrakeServicesShare = 0.5;

    /// <summary>Milliseconds within which losses count as "at once": a broken controller deletes one by one.</summary>
    public const int BrakeWindowMilliseconds = 10_000;

    /// <summary>Services whose pods are asked for one by one; above it, a whole namespace at once.</summary>
    public const int BrakeListsMax = 4;

    /// <summary>
    /// Connections at once to endpoints that are held: thousands of them must not use up the process's descriptors.
    /// </summary>
    public const int BrakeConnectionsMax = 64;

    /// <summary>Milliseconds for which changes are gathered before the snapshot is written.</summary>
    public const int SnapshotDebounceMilliseconds = 1000;

    /// <summary>
    /// For one page of a list by an API server: it waits for a table rather than go without, and slices of 500 objects
    /// take a busy server seconds.
    /// </summary>
    public static readonly TimeSpan ListPageDeadline = TimeSpan.FromSeconds(10);
}
