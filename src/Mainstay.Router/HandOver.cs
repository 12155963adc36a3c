using System.Globalization;
using System.Text;

namespace Mainstay.Router;

/// <summary>
/// Lets a router take the addresses of the one before it while that one still serves. The file <c>serving</c> in the
/// data folder names the process that has the addresses; who comes next finds it there, opens its own sockets beside
/// (SO_REUSEPORT), and writes itself into the file once it serves:
/// <code>
///     old serves                 serving: old
///     new has a table, listens   serving: old      both take connections
///     new writes itself          serving: new      whoever waits for it may stop the old one
///     old is asked to stop       it turns new connections to the other's sockets, ends its calls, exits
/// </code>
/// </summary>
internal sealed class HandOver
{
    private readonly string? _file;
    private readonly string _instance;
    private readonly Serving _self;

    /// <param name="folder">the data folder; null: there is nobody to take from or to give to</param>
    /// <param name="instance">a word that is written beside, for whoever waits for this very instance</param>
    public HandOver(string? folder, string instance)
    {
        _file = folder is null ? null : Path.Combine(folder, "serving");
        _instance = instance;
        _self = new Serving(Environment.ProcessId, StartOf(Environment.ProcessId) ?? 0);
        Before = Other();
    }

    /// <summary>The process that had the addresses when this one started; null: none that lives.</summary>
    public Serving? Before { get; }

    /// <summary>Whether the one before still lives, and may still have its sockets.</summary>
    public bool BeforeLives => Before is { } before && before.Lives();

    /// <summary>Whether another process has taken the addresses from this one.</summary>
    public bool IsTakenOver => Other() is not null;

    /// <summary>Says that this process serves now.</summary>
    /// <exception cref="IOException">it cannot be written</exception>
    public void Announce()
    {
        if (_file is not null)
        {
            var line = string.Create(
                CultureInfo.InvariantCulture, $"{_self.Pid} {_self.StartTicks} {_instance}\n");
            Discovery.WholeFile.Write(_file, Encoding.UTF8.GetBytes(line));
        }
    }

    private Serving? Other()
    {
        try
        {
            return _file is not null && File.Exists(_file) && Serving.Parse(File.ReadAllText(_file)) is { } named
                && named.Pid != _self.Pid && named.Lives() ? named : null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Field 22 of /proc/PID/stat: a pid is used again, a pid with this is not within one boot.</summary>
    internal static long? StartOf(int pid)
    {
        try
        {
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));

            // The name stands in brackets and may hold anything: what counts begins behind the last one.
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            var isDead = fields[0] is "Z" or "X";
            return !isDead && long.TryParse(fields[19], CultureInfo.InvariantCulture, out var ticks) ? ticks : null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

/// <summary>A process for certain: its pid and when it started, in clock ticks since the boot.</summary>
internal sealed record Serving(int Pid, long StartTicks)
{
    public bool Lives() => HandOver.StartOf(Pid) == StartTicks;

    /// <returns>null for what makes no sense</returns>
    public static Serving? Parse(string line) =>
        line.Split(' ') is [var pid, var ticks, ..]
        && int.TryParse(pid, CultureInfo.InvariantCulture, out var number)
        && long.TryParse(ticks, CultureInfo.InvariantCulture, out var started)
            ? new Serving(number, started)
            : null;
}
