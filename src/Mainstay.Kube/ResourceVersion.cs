using System.Globalization;

namespace Mainstay.Kube;

/// <summary>
/// Revisions as they stand in objects: texts that mean nothing by contract, and are numbers that grow on every server
/// that there is. Where they are no numbers nothing is said of their order.
/// </summary>
public static class ResourceVersion
{
    /// <summary>Whether both are numbers and the first is less.</summary>
    public static bool IsOlder(string one, string other) =>
        TryNumber(one, out var first) && TryNumber(other, out var second) && first < second;

    private static bool TryNumber(string text, out ulong number) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
