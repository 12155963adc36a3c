using System.Diagnostics;
using System.Text;

namespace Mainstay.Conformance.Platform;

/// <summary>
/// One run of another program, to its end or to the deadline, at which it is killed with all its children.
/// </summary>
internal sealed record Command(string Program, params string[] Words)
{
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(60);

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    public string Input { get; init; } = "";

    public static Command Etcdctl(params string[] words) => new("etcdctl", words)
    {
        Environment = new Dictionary<string, string> { ["ETCDCTL_API"] = "3" },
    };

    public async Task<CommandResult> RunAsync(CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Program, Words)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var (name, value) in Environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{Program} did not start");
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Deadline);
        await process.StandardInput.WriteAsync(Input.AsMemory(), cancellationToken);
        process.StandardInput.Close();
        var output = ReadAsync(process.StandardOutput);
        var error = ReadAsync(process.StandardError);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{this} did not end within {Deadline.TotalSeconds} s");
        }

        return new CommandResult(ToString(), process.ExitCode, await output, await error);
    }

    public override string ToString() => $"{Path.GetFileName(Program)} {string.Join(' ', Words)}";

    /// <summary>
    /// Reads line by line, so that a child that keeps the pipe open cannot hold what was said before.
    /// </summary>
    private static async Task<string> ReadAsync(StreamReader reader)
    {
        var text = new StringBuilder();
        while (await reader.ReadLineAsync() is { } line)
        {
            text.Append(line).Append('\n');
        }

        return text.ToString();
    }
}

/// <summary>How a program ended and what it said.</summary>
internal sealed record CommandResult(string Command, int ExitCode, string Output, string Error)
{
    /// <summary>Both streams, without the end of the last line.</summary>
    public string Said => (Output + Error) is [.. var said, '\n'] ? said : Output + Error;

    /// <summary>This result, or a failed test that shows what was said.</summary>
    public CommandResult Succeeded()
    {
        Assert.True(ExitCode == 0, $"{Command} ended with {ExitCode}\n{Output}\n{Error}");
        return this;
    }

    /// <summary>This result where it failed, or a failed test.</summary>
    public CommandResult Failed()
    {
        Assert.True(ExitCode != 0, $"{Command} should have failed\n{Output}\n{Error}");
        return this;
    }
}
