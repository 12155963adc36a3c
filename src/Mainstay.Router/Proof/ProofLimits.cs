namespace Mainstay.Router.Proof;

/// <summary>Every bound of a proof, with its unit and its reason.</summary>
internal static class ProofLimits
{
    /// <summary>
    /// Sequences (seconds) that a quorum read may be behind what the serving router saw: it saw them before the read
    /// began, so none would be right; some for a writer that changed meanwhile.
    /// </summary>
    public const long HeartbeatSlack = 5;

    /// <summary>All lists from one API server: a start that takes longer is no start.</summary>
    public static readonly TimeSpan ServerDeadline = TimeSpan.FromSeconds(20);

    /// <summary>One request to an API server.</summary>
    public static readonly TimeSpan RequestDeadline = TimeSpan.FromSeconds(10);

    /// <summary>A watch must bring a heartbeat within this time while the store has newer ones: it is written each
    /// second, among Services every other one.</summary>
    public static readonly TimeSpan WatchDeadline = TimeSpan.FromSeconds(8);

    /// <summary>Endpoint slices are written a moment after a pod became ready: a judgement is made again after
    /// this.</summary>
    public static readonly TimeSpan SecondLook = TimeSpan.FromSeconds(2);

    /// <summary>One probe call.</summary>
    public static readonly TimeSpan ProbeDeadline = TimeSpan.FromSeconds(2);

    /// <summary>Services tried for the probe call: one that answers is enough, and one that fails proves
    /// nothing.</summary>
    public const int ProbeServicesMax = 4;

    /// <summary>
    /// A throw-away instance is killed after this time: two, and three words on the turn, fit in the minute of POST
    /// /prove.
    /// </summary>
    public static readonly TimeSpan ChildDeadline = TimeSpan.FromSeconds(27);

    /// <summary>
    /// A router's turn to list runs out after this: longer than one throw-away instance, for it is renewed between two.
    /// </summary>
    public static readonly TimeSpan Turn = TimeSpan.FromSeconds(30);

    /// <summary>
    /// One word on the turn: take, renew, end.
    /// </summary>
    public static readonly TimeSpan TurnDeadline = TimeSpan.FromSeconds(1);

    /// <summary>
    /// A router waits for its turn for this time and then goes on all the same; not at all when somebody asks.
    /// </summary>
    public static readonly TimeSpan TurnPatience = TimeSpan.FromSeconds(20);

    /// <summary>Bytes of a throw-away instance's one line.</summary>
    public const int LineBytesMax = 1024 * 1024;

    /// <summary>Time from one proof to the next, give or take a fifth.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMinutes(5);

    /// <summary>The first proof comes this long after the start, when the table has settled.</summary>
    public static readonly TimeSpan FirstAfter = TimeSpan.FromSeconds(20);

    /// <summary>After an unsafe one the next comes sooner, so that a repair is seen.</summary>
    public static readonly TimeSpan PeriodUnsafe = TimeSpan.FromSeconds(30);

    /// <summary>A proof older than this proves nothing.</summary>
    public static readonly TimeSpan AgeMax = TimeSpan.FromMinutes(10);

    /// <summary>Another router's proof is taken over when it is younger than this.</summary>
    public static readonly TimeSpan ReuseMax = TimeSpan.FromMinutes(5);
}
