using System.Buffers.Binary;
using System.Globalization;

namespace Mainstay.Agent.Logs;

/// <summary>
/// Where a container's output lies: CONTAINER/N.log for its process number N, N.log.1 and N.log.2 once turned, and
/// N.log.times, which says at what time the file had which length. The process writes the file itself, in append
/// mode; so the agent may die without a line lost. Turning copies and then cuts the file, as the process holds it
/// open: lines written between the two are lost, which is a moment once in 10 MiB.
/// </summary>
internal static class LogFiles
{
    private const int TimesEntryBytes = 2 * sizeof(long);

    public static string PathOf(string podFolder, string container, int attempt) =>
        Path.Combine(podFolder, container, attempt.ToString(CultureInfo.InvariantCulture) + ".log");

    public static string TimesOf(string log) => log + ".times";

    /// <summary>Makes room for the log of a process about to start, and lets go of old ones.</summary>
    public static string Prepare(string podFolder, string container, int attempt)
    {
        var path = PathOf(podFolder, container, attempt);
        Directory.CreateDirectory(Path.GetDirectoryName(path) ?? podFolder);
        var old = attempt - Limits.LogAttemptsKept;
        while (old >= 0 && File.Exists(PathOf(podFolder, container, old)))
        {
            DeleteAll(PathOf(podFolder, container, old));
            old--;
        }

        return path;
    }

    /// <summary>
    /// Notes how long the file is now, and turns it if it is too long. Cheap when nothing was written.
    /// </summary>
    public static void Check(string log, DateTimeOffset now)
    {
        var file = new FileInfo(log);
        if (!file.Exists || file.Length == 0)
        {
            return;
        }

        var times = ReadTimes(log);
        if (times.Count == 0 || times[^1].Length < file.Length)
        {
            Span<byte> entry = stackalloc byte[TimesEntryBytes];
            BinaryPrimitives.WriteInt64LittleEndian(entry, file.Length);
            BinaryPrimitives.WriteInt64LittleEndian(entry[sizeof(long)..], now.ToUnixTimeMilliseconds());
            using var index = new FileStream(TimesOf(log), FileMode.Append, FileAccess.Write);
            index.Write(entry);
        }

        if (file.Length >= Limits.LogBytesMax)
        {
            Turn(log);
        }
    }

    /// <returns>at which time the log was at least how long, in order</returns>
    public static IReadOnlyList<(long Length, DateTimeOffset At)> ReadTimes(string log)
    {
        if (!File.Exists(TimesOf(log)))
        {
            return [];
        }

        var bytes = File.ReadAllBytes(TimesOf(log));
        var times = new List<(long, DateTimeOffset)>();
        for (var at = 0; at + TimesEntryBytes <= bytes.Length; at += TimesEntryBytes)
        {
            times.Add((
                BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at)),
                DateTimeOffset.FromUnixTimeMilliseconds(
                    BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at + sizeof(long))))));
        }

        return times;
    }

    private static void Turn(string log)
    {
        for (var turn = Limits.LogTurnsKept; turn > 1; turn--)
        {
            MoveIfThere($"{log}.{turn - 1}", $"{log}.{turn}");
        }

        using (var file = new FileStream(log, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            using (var copy = new FileStream($"{log}.1", FileMode.Create, FileAccess.Write))
            {
                file.CopyTo(copy);
            }

            file.SetLength(0);
        }

        File.Delete(TimesOf(log));
    }

    private static void MoveIfThere(string from, string to)
    {
        if (File.Exists(from))
        {
            File.Move(from, to, overwrite: true);
        }
    }

    private static void DeleteAll(string log)
    {
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(log) ?? "", Path.GetFileName(log) + "*"))
        {
            File.Delete(file);
        }
    }
}
