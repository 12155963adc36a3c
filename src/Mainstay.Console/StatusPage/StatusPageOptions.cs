using System.Net;
using Mainstay.Kernel;

namespace Mainstay.ConsoleSite.StatusPage;

/// <summary>How the public page is started.</summary>
public sealed class StatusPageOptions
{
    /// <summary>The console's folder: incidents, the page's configuration, and what the page remembers.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Where the page's files are written.</summary>
    public required string OutFolder { get; init; }

    /// <summary>Where they are served from.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 7080);

    /// <summary>Where the platform's health is asked.</summary>
    public required Uri Console { get; init; }

    /// <summary>After so long without contact the page says so: 20 s to a day.</summary>
    public TimeSpan ContactLimit { get; init; } = StatusPageLimits.ContactLimit;

    internal void Validate()
    {
        var faults = new List<string>();
        if (DataFolder.Length == 0)
        {
            faults.Add("--data-dir names no folder");
        }

        if (OutFolder.Length == 0)
        {
            faults.Add("--out names no folder");
        }

        if (!Console.IsAbsoluteUri || Console.Scheme is not ("http" or "https"))
        {
            faults.Add($"--console: '{Console}' is no http address");
        }

        if (ContactLimit < StatusPageLimits.ContactLimitMin || ContactLimit > TimeSpan.FromDays(1))
        {
            faults.Add(
                $"--contact-limit must be {StatusPageLimits.ContactLimitMin.TotalSeconds} to 86400 s, it is "
                + $"{ContactLimit.TotalSeconds}: a platform that is well may be quiet for longer");
        }

        if (faults.Count > 0)
        {
            throw new StartException(
                string.Join("; ", faults), "mend the options of 'mainstay status-page'", ExitCodes.Usage);
        }
    }
}

/// <summary>Every bound of the public page, with its unit and its reason.</summary>
internal static class StatusPageLimits
{
    /// <summary>Long enough that a restart of the console is no news, short enough to be honest.</summary>
    public static readonly TimeSpan ContactLimit = TimeSpan.FromSeconds(90);

    /// <summary>
    /// A quiet API server is heard by the console when a watch ends and is made anew, up to 16 s apart; a shorter limit
    /// would call that a loss.
    /// </summary>
    public static readonly TimeSpan ContactLimitMin = TimeSpan.FromSeconds(20);

    /// <summary>How often the platform is asked, and the incidents are read.</summary>
    public static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    /// <summary>A console that does not answer within this is silent.</summary>
    public static readonly TimeSpan AskDeadline = TimeSpan.FromSeconds(2);

    /// <summary>Bytes of a console's answer: 1,000 services with their history have well under this.</summary>
    public const int AnswerBytesMax = 16 * 1024 * 1024;

    /// <summary>
    /// A page that says the same is written anew this often, so that a copy of it that is not renewed can be told.
    /// </summary>
    public static readonly TimeSpan RewriteEvery = TimeSpan.FromSeconds(10);
}
