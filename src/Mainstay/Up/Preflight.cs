using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Mainstay.Kernel;

namespace Mainstay.Up;

/// <summary>
/// What can be known before anything is started: a folder that can be written, space on it, free ports.
/// </summary>
internal static class Preflight
{
    /// <summary>
    /// Free space below which nothing is started: logs, images and the store's first segments fit in it.
    /// </summary>
    private const long FreeBytesMin = 256L << 20;

    public static void CheckFolder(DataFolder data)
    {
        try
        {
            Directory.CreateDirectory(data.Up);
            var free = new DriveInfo(data.Root).AvailableFreeSpace;
            if (free < FreeBytesMin)
            {
                throw new StartException(
                    $"the disk under {data.Root} has {free >> 20} MiB left and {FreeBytesMin >> 20} MiB are needed",
                    "free some space or name another folder with --data");
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StartException(
                $"{data.Root} cannot be written: {fault.Message}", "name a folder of yours with --data");
        }
    }

    /// <summary>Fails with the first address that somebody else holds, and says who where the kernel tells.</summary>
    public static void CheckPorts(IEnumerable<string> addresses)
    {
        foreach (var address in addresses)
        {
            var endpoint = IPEndPoint.Parse(address);
            using var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            // As the parts themselves bind: a connection of a stopped platform that still ends is no reason to fail.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            try
            {
                socket.Bind(endpoint);
                socket.Listen(1);
            }
            catch (SocketException fault) when (fault.SocketErrorCode is SocketError.AddressAlreadyInUse)
            {
                throw new StartException(
                    $"{address} is taken{Holder(endpoint)}",
                        "stop what listens there or move everything with --port-offset");
            }
        }
    }

    /// <summary>" by NAME (pid N)", or nothing where the socket's owner cannot be seen.</summary>
    private static string Holder(IPEndPoint endpoint)
    {
        var inode = ListeningInode(endpoint);
        if (inode is null)
        {
            return "";
        }

        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), out var pid) && Holds(folder, $"socket:[{inode}]"))
            {
                return $" by {File.ReadAllText($"{folder}/comm").Trim()} (pid {pid})";
            }
        }

        return "";
    }

    private static string? ListeningInode(IPEndPoint endpoint)
    {
        var address = BitConverter.ToUInt32(endpoint.Address.GetAddressBytes())
            .ToString("X8", CultureInfo.InvariantCulture);
        var port = endpoint.Port.ToString("X4", CultureInfo.InvariantCulture);
        return File.ReadLines("/proc/net/tcp").Skip(1)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields[3] == "0A" && (fields[1] == $"{address}:{port}" || fields[1] == $"00000000:{port}"))
            .Select(fields => fields[9])
            .FirstOrDefault();
    }

    private static bool Holds(string processFolder, string socket)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries($"{processFolder}/fd")
                .Any(descriptor => File.ResolveLinkTarget(descriptor, returnFinalTarget: false)?.Name == socket);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
