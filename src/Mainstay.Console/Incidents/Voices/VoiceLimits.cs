namespace Mainstay.ConsoleSite.Incidents.Voices;

/// <summary>Every bound of what is told outside, with its unit and its reason.</summary>
internal static class VoiceLimits
{
    /// <summary>Webhooks: each is told of everything, and one act must not become a storm.</summary>
    public const int WebhooksMax = 20;

    /// <summary>
    /// How long one try may take. A service that needs longer is treated as dead for now; the act waits for no more
    /// than this.
    /// </summary>
    public static readonly TimeSpan TryDeadline = TimeSpan.FromSeconds(4);

    /// <summary>How long the command line stays to try again before it leaves the rest to the console.</summary>
    public static readonly TimeSpan StayMax = TimeSpan.FromSeconds(3);

    /// <summary>The first wait after a failed try; each next one is twice as long.</summary>
    public static readonly TimeSpan RetryFirst = TimeSpan.FromSeconds(1);

    public static readonly TimeSpan RetryCap = TimeSpan.FromMinutes(5);

    /// <summary>A longer Retry-After is cut to this: a wrong clock elsewhere must not silence us for a day.</summary>
    public static readonly TimeSpan RetryAfterMax = TimeSpan.FromMinutes(15);

    /// <summary>Age at which a message is given up: later nobody wants to hear it.</summary>
    public static readonly TimeSpan GiveUpAfter = TimeSpan.FromHours(6);

    /// <summary>
    /// How long a claim holds: longer than one try, so that a second process sends only if the first has died.
    /// </summary>
    public static readonly TimeSpan Claim = TimeSpan.FromSeconds(15);

    /// <summary>Messages that wait for one webhook; the oldest gives way, since the newest says how it is.</summary>
    public const int WaitingMax = 100;

    /// <summary>How often the console looks for what waits.</summary>
    public static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    /// <summary>Slack takes about one message a second for a channel.</summary>
    public static readonly TimeSpan Spacing = TimeSpan.FromSeconds(1);

    /// <summary>Letters of the text of a section: Slack answers 400 to more.</summary>
    public const int SlackSectionMax = 3000;

    /// <summary>Letters of the text that stands in for the blocks: a notification shows no more.</summary>
    public const int SlackTextMax = 400;
}
