namespace Mainstay.Commands;

/// <summary>Tells a full disk (ENOSPC) or a used-up quota (EDQUOT) from other faults of a file.</summary>
internal static class FullDisk
{
    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;

    public static bool Caused(IOException fault) => (fault.HResult & 0xFFFF) is NoSpace or QuotaExceeded;
}
