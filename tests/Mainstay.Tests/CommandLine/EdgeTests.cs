using Mainstay.Commands;
using Mainstay.Kernel;

namespace Mainstay.Tests.CommandLine;

public sealed class EdgeTests
{
    [Fact]
    public async Task A_verb_that_was_stopped_has_not_said_that_all_is_well() =>
        Assert.Equal(
            ExitCodes.Interrupted, await Edge.ReportAsync(new OperationCanceledException(), isStopped: true));

    [Fact]
    public async Task A_deadline_that_ran_out_is_no_success() =>
        Assert.Equal(
            ExitCodes.NotWell, await Edge.ReportAsync(new TaskCanceledException("5 s passed"), isStopped: false));

    [Fact]
    public async Task A_refusal_to_start_keeps_its_own_code() =>
        Assert.Equal(
            ExitCodes.Usage,
            await Edge.ReportAsync(new StartException("no", "do", ExitCodes.Usage), isStopped: true));
}
