using Mainstay.Agent.Processes;

namespace Mainstay.Tests.Agent.Processes;

public sealed class ProcFsTests
{
    [Fact]
    public void A_name_with_brackets_and_blanks_does_not_shift_the_fields()
    {
        var text = "42 (a) b (c)) S 1 40 39 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 987654 1 2 3";

        Assert.Equal(new ProcessStat(42, 'S', 39, 987654), ProcFs.ParseStat(text));
    }

    [Fact]
    public void A_text_that_is_no_stat_is_no_process()
    {
        Assert.Null(ProcFs.ParseStat(""));
        Assert.Null(ProcFs.ParseStat("42 (short) S 1"));
    }

    [Fact]
    public void This_process_is_alive_until_its_start_time_differs()
    {
        var me = ProcFs.Identify(Environment.ProcessId) ?? throw new InvalidOperationException("no process");

        Assert.True(ProcFs.IsAlive(me));
        Assert.False(ProcFs.IsAlive(me with { StartTicks = me.StartTicks + 1 }));
        Assert.False(ProcFs.IsAlive(me with { BootId = "another boot" }));
    }
}
