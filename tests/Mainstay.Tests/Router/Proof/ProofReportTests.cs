using System.Text;
using Mainstay.Kernel.Proofs;
using Mainstay.Kernel.Signals;
using Mainstay.Router.Proof;

namespace Mainstay.Tests.Router.Proof;

public sealed class ProofReportTests
{
    private static readonly DateTimeOffset At = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly ProofRun Good = new(ProofKind.Cold, "https://a:6443", ProofResult.Safe, "");

    [Fact]
    public void An_API_server_that_is_down_does_not_matter_while_another_answers_but_is_named()
    {
        var down = new ProofRun(ProofKind.Cold, "https://b:6443", ProofResult.Unsafe, "refused") { Answered = false };

        var report = ProofReport.Of([Good, down], At);

        Assert.Equal(ProofResult.Safe, report.Result);
        Assert.Contains("https://b:6443: refused", report.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void An_API_server_that_answers_wrongly_makes_a_restart_unsafe_whatever_the_others_say()
    {
        var culprit = new ObjectReference("EndpointSlice", "bank", "empty");
        var wrong = new ProofRun(ProofKind.Warm, "https://b:6443", ProofResult.Unsafe, "stale") { Culprit = culprit };

        var report = ProofReport.Of([Good, Good with { Kind = ProofKind.Warm }, wrong], At);

        Assert.Equal((ProofResult.Unsafe, culprit), (report.Result, report.Culprit));
        Assert.Equal("warm start from https://b:6443: stale", report.Reason);
        Assert.Equal(ProofResult.Safe, report.OfKind(ProofKind.Cold));
        Assert.Equal(ProofResult.Unsafe, report.OfKind(ProofKind.Warm));
    }

    [Fact]
    public void With_every_API_server_down_only_a_start_from_the_snapshot_is_safe()
    {
        var cold = new ProofRun(ProofKind.Cold, "https://a:6443", ProofResult.Unsafe, "refused") { Answered = false };
        var saved = new ProofRun(ProofKind.Warm, "", ProofResult.Safe, "");

        var report = ProofReport.Of([cold, saved, cold with { Kind = ProofKind.Warm }], At);

        Assert.Equal(ProofResult.Unsafe, report.Result);
        Assert.Equal(ProofResult.Unsafe, report.OfKind(ProofKind.Cold));
        Assert.Equal(ProofResult.Safe, report.OfKind(ProofKind.Warm));
    }

    [Fact]
    public void A_line_of_runs_is_read_as_it_was_written()
    {
        var run = new ProofRun(ProofKind.Warm, "https://b:6443", ProofResult.Unsafe, "why \"not\"")
        {
            Answered = false,
            Culprit = new ObjectReference("Service", "bank", "x"),
            Services = 9,
            HeartbeatSequence = 77,
            Took = TimeSpan.FromSeconds(1.5),
        };

        Assert.Equal([Good, run], ProofRunJson.Read(ProofJson.Line(json => ProofRunJson.Write(json, [Good, run]))));
    }

    [Fact]
    public void The_page_says_that_there_is_no_proof_rather_than_nothing()
    {
        var page = Encoding.UTF8.GetString(
            ProofJson.Page("router", "node-1", (ProofReport.None.Head, At), json => ProofRunJson.Write(json, [])));

        Assert.Contains("\"result\":\"unproven\"", page, StringComparison.Ordinal);
        Assert.Contains("\"at\":null", page, StringComparison.Ordinal);
    }
}
