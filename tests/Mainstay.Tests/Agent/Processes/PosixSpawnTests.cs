using Mainstay.Agent.Processes;

namespace Mainstay.Tests.Agent.Processes;

public sealed class PosixSpawnTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);
    private readonly ExitWatcher _exits = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("mainstay-spawn").FullName;

    public void Dispose()
    {
        _exits.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_process_leads_its_own_session_with_its_own_folder_environment_and_output()
    {
        var session = Start(
            "echo $GREETING; pwd; ps -o sid= -p $$ | tr -d ' '; echo $$; echo oops >&2", "GREETING=hello");
        var exit = await _exits.Watch(session).WaitAsync(Deadline, TestContext.Current.CancellationToken);

        var lines = await File.ReadAllLinesAsync(Output, TestContext.Current.CancellationToken);
        Assert.Equal(0, exit.Code);
        Assert.Equal(["hello", _folder], lines[..2]);
        Assert.Equal(lines[2], lines[3]);
        Assert.Equal("oops", lines[4]);
    }

    [Fact]
    public async Task Signals_that_dotnet_ignores_are_not_ignored_by_what_it_starts()
    {
        var exit = await _exits.Watch(Start("kill -PIPE $$; echo still here"))
            .WaitAsync(Deadline, TestContext.Current.CancellationToken);

        Assert.Equal(new ProcessExit(null, 13), exit);
        Assert.Equal(141, exit.ShellCode);
    }

    [Fact]
    public async Task Exit_codes_and_signals_are_told_apart()
    {
        var seven = _exits.Watch(Start("exit 7"));
        var killed = Start("sleep 60");
        var end = _exits.Watch(killed);
        killed.Kill();

        Assert.Equal(new ProcessExit(7, null), await seven.WaitAsync(Deadline, TestContext.Current.CancellationToken));
        Assert.Equal(new ProcessExit(null, 9), await end.WaitAsync(Deadline, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_program_that_does_not_exist_is_named()
    {
        var request = new SpawnRequest("/nowhere/program", ["program"], [], _folder, Output);

        var fault = Assert.Throws<SpawnException>(() => PosixSpawn.Start(request));

        Assert.Contains("/nowhere/program", fault.Message, StringComparison.Ordinal);
        Assert.Contains("No such file", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_dead_leader_leaves_in_its_session_goes_with_it()
    {
        var session = Start("set -m; sleep 300 & echo $!; exit 0");
        await _exits.Watch(session).WaitAsync(Deadline, TestContext.Current.CancellationToken);
        var left = int.Parse((await File.ReadAllLinesAsync(Output, TestContext.Current.CancellationToken))[0], null);

        Assert.True(SpinWait.SpinUntil(() => ProcFs.Stat(left) is not { IsAlive: true }, Deadline));
        Assert.Empty(session.Members());
    }

    [Fact]
    public async Task A_process_that_left_the_session_is_found_by_its_mark()
    {
        var session = Start("setsid sleep 300 & echo $!; wait", "MAINSTAY_CONTAINER_ID=test/left/0");
        var end = _exits.Watch(session);
        Assert.True(SpinWait.SpinUntil(() => session.Members().Count >= 2, Deadline));

        session.Kill();
        await end.WaitAsync(Deadline, TestContext.Current.CancellationToken);

        Assert.True(SpinWait.SpinUntil(() => session.Members().Count == 0, Deadline));
    }

    [Fact]
    public async Task A_process_that_has_the_number_of_an_old_one_is_left_alone()
    {
        var stranger = Start("sleep 300");
        var end = _exits.Watch(stranger);
        var old = new Session(stranger.Leader with { StartTicks = stranger.Leader.StartTicks - 1 }, "MAINSTAY_X=none");

        old.Terminate();
        Assert.Equal(0, old.Kill());
        Assert.True(ProcFs.IsAlive(stranger.Leader));

        stranger.Kill();
        Assert.Equal(9, (await end.WaitAsync(Deadline, TestContext.Current.CancellationToken)).Signal);
    }

    private string Output => Path.Combine(_folder, "out");

    private Session Start(string script, params string[] environment)
    {
        string[] path = ["PATH=/usr/bin:/bin"];
        var pid = PosixSpawn.Start(new SpawnRequest(
            "/bin/bash", ["bash", "-c", script], [.. path, .. environment], _folder, Output));
        var mark = environment.FirstOrDefault(v => v.StartsWith(Session.MarkName, StringComparison.Ordinal)) ?? "";
        return new Session(ProcFs.Identify(pid) ?? throw new InvalidOperationException("no process"), mark);
    }
}
