using Mainstay.Drills.Timeline;

namespace Mainstay.Drills.Reports;

/// <summary>The command that makes such a report again.</summary>
internal static class Reproduce
{
    public static string Command(DrillRecord record)
    {
        var without = record.Without.IsEmpty ? ""
            : Protections.IsAll(record.Without) ? $" --without {Protections.All}"
            : $" --without {string.Join(',', record.Without)}";
        return $"./mainstay drill run {record.Name}{without}{(record.IsShort ? " --short" : "")} --report FILE.html";
    }
}
