using System.Diagnostics;
using System.Text;

namespace Mainstay.Drills.Stage;

/// <summary>
/// One run of <c>mainstay</c> as a person would run it, to its end or to the deadline, at which it is killed.
/// </summary>
internal sealed record ChildCommand(string Program, params string[] Words)
{
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(60);

    /// <exception cref="TimeoutException">it did not end in time</exception>
    public async Task<ChildResult> RunAsync(CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Program, Words)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{Program} did not start");
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Deadline);
        process.StandardInput.Close();
        var output = ReadAsync(process.StandardOutput, deadline.Token);
        var error = ReadAsync(process.StandardError, deadline.Token);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
            return new ChildResult(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            throw new TimeoutException($"'{this}' did not end within {Deadline.TotalSeconds:0} s");
        }
    }

    public override string ToString() => $"mainstay {string.Join(' ', Words)}";

    /// <summary>What was read so far is kept where a grandchild holds the pipe open past the deadline.</summary>
    private static async Task<string> ReadAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        try
        {
            while (await reader.ReadLineAsync(cancellationToken) is { } line)
            {
                text.Append(line).Append('\n');
            }
        }
        catch (OperationCanceledException)
        {
            // What was said before is what there is.
        }

        return text.ToString();
    }
}

/// <summary>How a command ended and what it said.</summary>
internal sealed record ChildResult(int ExitCode, string Output, string Error)
{
    /// <summary>The words of its failure: standard error, or the end of its output.</summary>
    public string Said => Error.Trim() is { Length: > 0 } error ? error : Output.Trim();
}
