using System.Diagnostics;
using Mainstay.Kernel;

namespace Mainstay.Up;

/// <summary>
/// Starts <c>up</c> again in a session of its own, with its output in a file, repeats that output here until everything
/// runs, and returns. What is left running has no terminal to lose.
/// </summary>
internal static class DetachedRun
{
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(50);

    public static async Task<int> StartAsync(PlatformPlan plan, TimeProvider time, CancellationToken cancellationToken)
    {
        Preflight.CheckFolder(plan.Data);
        using (RunLock.Take(plan.Data))
        {
            // Only to fail here, in the foreground, when one is up already; the new process takes it for itself.
        }

        await File.WriteAllTextAsync(plan.Data.Log, "", cancellationToken);
        using var process = Process.Start(StartInfo(plan)) ?? throw new StartException(
            "'setsid' did not start", "install util-linux");
        using var log = new StreamReader(new FileStream(
            plan.Data.Log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        while (true)
        {
            var ready = RunRecord.Read(plan.Data) is { Ready: true } record && record.Process.IsRunning();
            var ended = process.HasExited;
            Console.Out.Write(await log.ReadToEndAsync(cancellationToken));
            if (ended)
            {
                return process.ExitCode == ExitCodes.Ok ? ExitCodes.Bug : process.ExitCode;
            }

            if (ready)
            {
                return ExitCodes.Ok;
            }

            await Task.Delay(PollEvery, time, cancellationToken);
        }
    }

    private static ProcessStartInfo StartInfo(PlatformPlan plan)
    {
        var options = plan.Options;
        var start = new ProcessStartInfo("/bin/sh") { UseShellExecute = false };
        string[] words =
        [
            "-c", "exec setsid -w \"$@\" >>\"$0\" 2>&1 </dev/null", plan.Data.Log, plan.Programs.Mainstay, "up",
            "--nodes", $"{options.Nodes}", "--zones", $"{options.Zones}", "--store", $"{options.Store}",
            "--members", $"{options.Members}", "--api-servers", $"{options.ApiServers}",
            "--data", options.DataFolder, "--sample", options.WithBank ? "bank" : "none",
            "--port-offset", $"{options.PortOffset}", "--node-offset", $"{options.NodeOffset}",
            .. Protections.Words(options.Without, Protections.All),
        ];
        foreach (var word in words)
        {
            start.ArgumentList.Add(word);
        }

        return start;
    }
}
