using System.Runtime.InteropServices;
using System.Text;

namespace Mainstay.Agent.Processes;

/// <param name="Executable">an absolute path</param>
/// <param name="Arguments">argv, the program's own name first</param>
/// <param name="Environment">NAME=value, the whole of it</param>
/// <param name="WorkingDirectory">an absolute path</param>
/// <param name="OutputFile">where stdout and stderr go, appended</param>
internal sealed record SpawnRequest(
    string Executable,
    IReadOnlyList<string> Arguments,
    IReadOnlyList<string> Environment,
    string WorkingDirectory,
    string OutputFile);

/// <summary>The kernel would not start the program.</summary>
internal sealed class SpawnException(int errno, string executable)
    : Exception($"cannot start {executable}: {Marshal.GetPInvokeErrorMessage(errno)}");

/// <summary>
/// Starts a program in a session of its own, its output straight into a file, with the signals as a fresh process
/// expects them (.NET ignores SIGPIPE, and what is ignored is inherited). posix_spawn is safe where a fork is not: in a
/// process with many threads.
/// </summary>
internal static class PosixSpawn
{
    /// <returns>the process id, which is also the id of its session and process group</returns>
    public static unsafe int Start(SpawnRequest request)
    {
        var actions = stackalloc byte[LibC.OpaqueBytes];
        var attributes = stackalloc byte[LibC.OpaqueBytes];
        Check(LibC.FileActionsInit(actions), request);
        Check(LibC.AttributesInit(attributes), request);
        var arguments = CopyStrings(request.Arguments);
        var environment = CopyStrings(request.Environment);
        try
        {
            SetFiles(actions, request);
            SetSession(attributes, request);
            Check(
                LibC.PosixSpawn(
                    out var pid, request.Executable, actions, attributes, (byte**)arguments, (byte**)environment),
                request);
            return pid;
        }
        finally
        {
            Free(arguments);
            Free(environment);
            _ = LibC.FileActionsDestroy(actions);
            _ = LibC.AttributesDestroy(attributes);
        }
    }

    private static unsafe void SetFiles(void* actions, SpawnRequest request)
    {
        const uint ownerOnly = 0b110_000_000;
        Check(LibC.FileActionsAddOpen(actions, 0, "/dev/null", 0, 0), request);
        var flags = LibC.OpenWriteOnly | LibC.OpenCreate | LibC.OpenAppend;
        Check(LibC.FileActionsAddOpen(actions, 1, request.OutputFile, flags, ownerOnly), request);
        Check(LibC.FileActionsAddDup(actions, 1, 2), request);
        Check(LibC.FileActionsAddChangeFolder(actions, request.WorkingDirectory), request);
        try
        {
            Check(LibC.FileActionsAddCloseFrom(actions, 3), request);
        }
        catch (EntryPointNotFoundException)
        {
            // glibc before 2.34: .NET opens its descriptors close-on-exec, so nothing leaks all the same.
        }
    }

    private static unsafe void SetSession(void* attributes, SpawnRequest request)
    {
        var signals = stackalloc byte[LibC.OpaqueBytes];
        _ = LibC.SignalsFill(signals);
        Check(LibC.AttributesSetSignalDefaults(attributes, signals), request);
        _ = LibC.SignalsEmpty(signals);
        Check(LibC.AttributesSetSignalMask(attributes, signals), request);
        const short flags = LibC.SpawnSetSession | LibC.SpawnSetSignalDefaults | LibC.SpawnSetSignalMask;
        Check(LibC.AttributesSetFlags(attributes, flags), request);
    }

    private static void Check(int errno, SpawnRequest request)
    {
        if (errno != 0)
        {
            throw new SpawnException(errno, request.Executable);
        }
    }

    /// <summary>A null-terminated array of pointers to null-terminated UTF-8, in one piece of memory each.</summary>
    private static unsafe nint CopyStrings(IReadOnlyList<string> strings)
    {
        var array = (byte**)NativeMemory.AllocZeroed((nuint)(strings.Count + 1), (nuint)sizeof(byte*));
        for (var i = 0; i < strings.Count; i++)
        {
            var bytes = Encoding.UTF8.GetByteCount(strings[i]);
            array[i] = (byte*)NativeMemory.AllocZeroed((nuint)bytes + 1);
            Encoding.UTF8.GetBytes(strings[i], new Span<byte>(array[i], bytes));
        }

        return (nint)array;
    }

    private static unsafe void Free(nint strings)
    {
        var array = (byte**)strings;
        for (var i = 0; array[i] != null; i++)
        {
            NativeMemory.Free(array[i]);
        }

        NativeMemory.Free(array);
    }
}
