using System.Text.Json;
using Mainstay.Agent.Pods;
using Mainstay.Agent.Processes;
using Mainstay.Agent.Proof;
using Mainstay.Agent.Signals;
using Mainstay.Kernel.Proofs;
using Mainstay.Kernel.Signals;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Mainstay.Tests.Agent.Proof;

public sealed class ProofReportTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 10, 0, 0, TimeSpan.Zero);
    private static readonly ProofRun Good = new("warm", 3, 3, 0, []);
    private static readonly ProofRun Lost = new(
        "cold", 3, 0, 2,
        [
            new Missing("bank/new", "main", "image bank/new:v9 is not here", RunsNow: false),
            new Missing("bank/feed", "main", "ConfigMap bank/settings is not on disk", RunsNow: true),
        ]);

    [Fact]
    public void What_runs_and_could_not_come_back_makes_a_restart_unsafe_and_is_named()
    {
        var report = ProofReport.Of([Lost, Good], Now);

        Assert.Equal(ProofResult.Unsafe, report.Result);
        Assert.Equal("cold: bank/feed container main: ConfigMap bank/settings is not on disk", report.Reason);
        Assert.Equal(new ObjectReference("Pod", "bank", "feed"), report.Culprit);
    }

    [Fact]
    public void What_does_not_run_now_cannot_be_lost_by_a_restart()
    {
        var report = ProofReport.Of([Lost with { Missing = [Lost.Missing[0]] }], Now);

        Assert.Equal(ProofResult.Safe, report.Result);
        Assert.Single(report.Runs[0].Missing);
    }

    [Fact]
    public void A_proof_of_more_than_ten_minutes_proves_nothing()
    {
        var report = ProofReport.Of([Good], Now);

        Assert.Equal(ProofResult.Safe, report.Aged(TimeSpan.FromMinutes(10)).Result);
        Assert.Equal(ProofResult.Unproven, report.Aged(TimeSpan.FromMinutes(10.1)).Result);
    }

    [Fact]
    public void The_line_of_a_throw_away_agent_reads_as_it_was_written()
    {
        var read = ProofRunJson.Read(ProofJson.Line(json => ProofRunJson.Write(json, [Lost, Good])));

        Assert.Equal(["cold", "warm"], read.Select(run => run.Kind));
        Assert.Equal(Lost.Missing.AsEnumerable(), read[0].Missing);
        Assert.Equal((3, 0, 2), (read[0].Pods, read[0].Adopted, read[0].Startable));
    }

    [Fact]
    public void The_page_has_the_fields_that_every_proof_has()
    {
        var report = ProofReport.Of([Lost], Now);
        using var page = JsonDocument.Parse(ProofJson.Page(
            "agent", "node-1", (report.Head, Now.AddSeconds(12)), json => ProofRunJson.Write(json, report.Runs)));
        var root = page.RootElement;

        Assert.Equal("agent", root.GetProperty("part").GetString());
        Assert.Equal("unsafe", root.GetProperty("result").GetString());
        Assert.Equal(12, root.GetProperty("ageSeconds").GetDouble());
        Assert.Equal("feed", root.GetProperty("object").GetProperty("name").GetString());
        Assert.Equal(-1, root.GetProperty("runs")[0].GetProperty("heartbeatSequence").GetInt32());
    }

    [Fact]
    public async Task An_agent_that_cannot_start_another_says_so_and_that_becomes_a_signal()
    {
        var time = new FakeTimeProvider(Now);
        using var exits = new ExitWatcher();
        var prover = new Prover(null, exits, new ProverWorld(time, new Random(1), NullLogger.Instance));
        var signals = new AgentSignals("node-1", new PodBoard(), prover, time);
        await prover.ProveAsync();
        signals.Judge();
        Assert.Empty(SignalsJson.Read(signals.ToJson()).Signals);

        time.Advance(TimeSpan.FromMinutes(2));
        signals.Judge();

        var signal = Assert.Single(SignalsJson.Read(signals.ToJson()).Signals);
        Assert.Equal(("restart-unproven", "agent/node-1"), (signal.Name, signal.Subject));
        Assert.Contains("not told how", signal.Reading.Summary, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/bin/false", "ended without a result")]
    [InlineData("/bin/echo", "ended without a result")]
    [InlineData("/no/such/program", "No such file")]
    public async Task A_throw_away_agent_that_says_no_sense_proves_nothing(string program, string reason)
    {
        using var exits = new ExitWatcher();
        var prover = new Prover(
            new ThrowAwayCommand([program], []), exits,
            new ProverWorld(TimeProvider.System, new Random(1), NullLogger.Instance));

        var report = await prover.ProveAsync();

        Assert.Equal(ProofResult.Unproven, report.Result);
        Assert.Contains(reason, report.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_killed_throw_away_agent_wrote_is_gone_with_it()
    {
        var told = Path.GetTempFileName();
        var time = new FakeTimeProvider(Now);
        using var exits = new ExitWatcher();
        var script = $"echo secret > $TMPDIR/copy; echo $TMPDIR > {told}.new; mv {told}.new {told}; exec sleep 100";
        var prover = new Prover(
            new ThrowAwayCommand(["/bin/sh", "-c", script], ["PATH=/usr/bin:/bin", "TMPDIR=/no/such/folder"]), exits,
            new ProverWorld(time, new Random(1), NullLogger.Instance));

        var proof = prover.ProveAsync();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (new FileInfo(told).Length == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, deadline.Token);
        }

        time.Advance(TimeSpan.FromSeconds(31));
        var report = await proof;

        Assert.Contains("did not end within", report.Reason, StringComparison.Ordinal);
        Assert.False(Directory.Exists((await File.ReadAllTextAsync(told, deadline.Token)).Trim()));
        File.Delete(told);
    }
}
