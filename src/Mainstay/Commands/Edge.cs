using System.CommandLine;
using System.Runtime.InteropServices;
using Mainstay.Kernel;

namespace Mainstay.Commands;

/// <summary>
/// The outermost edge of every verb: SIGTERM and Ctrl-C cancel the verb's token, a <see cref="StartException"/>
/// becomes one line and its exit code, and only a bug shows a stack trace. What was not finished is never told as well.
/// </summary>
internal static class Edge
{
    /// <summary>How long a verb may take to end after it was asked to: longer than any part's own grace.</summary>
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(60);

    public static async Task<int> RunAsync(RootCommand root, string[] words)
    {
        if (!OperatingSystem.IsLinux())
        {
            await Console.Error.WriteLineAsync("mainstay: runs on Linux only (WSL included); start it there");
            return ExitCodes.CannotStart;
        }

        var parsed = root.Parse(words);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                await Console.Error.WriteLineAsync($"mainstay: {error.Message}");
            }

            var verb = parsed.CommandResult.Command.Name;
            await Console.Error.WriteLineAsync($"mainstay: '{verb} --help' lists what there is");
            return ExitCodes.Usage;
        }

        var configuration = new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = StopGrace,
        };
        using var stop = new StopSignals();
        try
        {
            return await parsed.InvokeAsync(configuration);
        }
        catch (Exception exception)
        {
            return await ReportAsync(exception, stop.Asked);
        }
    }

    /// <param name="exception">what ended the verb</param>
    /// <param name="isStopped">Ctrl-C or SIGTERM came while it ran</param>
    internal static async Task<int> ReportAsync(Exception exception, bool isStopped)
    {
        var (line, exitCode) = exception switch
        {
            StartException start => (start.Message, start.ExitCode),
            OperationCanceledException when isStopped => ("stopped before it was done", ExitCodes.Interrupted),
            OperationCanceledException late =>
                ($"no answer came within its deadline ({late.Message}); look with 'mainstay status' and try again",
                    ExitCodes.NotWell),
            IOException io when FullDisk.Caused(io) =>
                ($"the disk is full: {io.Message}; free some space and start again", ExitCodes.CannotStart),
            UnauthorizedAccessException denied =>
                ($"{denied.Message}; run as the owner of that path or name a folder of yours", ExitCodes.CannotStart),
            _ => ($"a bug of ours, please report it: {exception}", ExitCodes.Bug),
        };
        if (line.Length > 0)
        {
            await Console.Error.WriteLineAsync($"mainstay: {line}");
        }

        return exitCode;
    }

    /// <summary>Whether the process was asked to end; the verb's own token is cancelled elsewhere.</summary>
    private sealed class StopSignals : IDisposable
    {
        private readonly PosixSignalRegistration _interrupt;
        private readonly PosixSignalRegistration _terminate;
        private volatile bool _asked;

        public StopSignals()
        {
            _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => _asked = true);
            _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => _asked = true);
        }

        public bool Asked => _asked;

        public void Dispose()
        {
            _interrupt.Dispose();
            _terminate.Dispose();
        }
    }
}
