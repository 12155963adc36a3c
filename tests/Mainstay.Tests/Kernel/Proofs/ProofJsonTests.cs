using System.Text;
using System.Text.Json;
using CsCheck;
using Mainstay.Kernel.Proofs;
using Mainstay.Kernel.Signals;

namespace Mainstay.Tests.Kernel.Proofs;

public sealed class ProofJsonTests
{
    private static readonly Gen<ProofRunHead> Runs =
        from words in Gen.String.Array[3]
        from result in Gen.Enum<ProofResult>()
        from figures in Gen.Select(Gen.Int[0, int.MaxValue], Gen.Long[-1, long.MaxValue], Gen.Int[0, 3_600_000])
        from culprit in Gen.Bool
        select new ProofRunHead(words[0], words[1], result, words[2])
        {
            Services = figures.Item1,
            HeartbeatSequence = figures.Item2,
            Took = TimeSpan.FromMilliseconds(figures.Item3),
            Culprit = culprit ? new ObjectReference("Service", words[0], words[1]) : null,
        };

    [Fact]
    public void Whatever_a_run_says_is_read_as_it_was_written_with_what_a_part_adds() =>
        Runs.Array[0, 4].Sample(runs =>
        {
            var line = ProofJson.Line(json =>
            {
                foreach (var run in runs)
                {
                    ProofJson.WriteRun(json, run, () => json.WriteNumber("own", run.Services));
                }
            });

            var read = ProofJson.ReadRuns(line, (head, own) => (head, Own: own.GetProperty("own").GetInt32()));
            return read.Select(one => one.head).SequenceEqual(runs)
                && read.Select(one => one.Own).SequenceEqual(runs.Select(run => run.Services));
        });

    [Theory]
    [InlineData("""{"runs":[{"result":"SAFE","tookSeconds":"1"}]}""")]
    [InlineData("""{"runs":[{"result":true,"services":1e99,"heartbeatSequence":1.5,"object":7}]}""")]
    [InlineData("""{"runs":["safe"]}""")]
    [InlineData("""{"runs":[null]}""")]
    public void A_run_that_makes_no_sense_is_never_safe(string line)
    {
        var run = Assert.Single(ProofJson.ReadRuns(Encoding.UTF8.GetBytes(line), (head, _) => head));

        Assert.Equal((ProofResult.Unproven, TimeSpan.Zero, null), (run.Result, run.Took, run.Culprit));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"runs":{}}""")]
    [InlineData("[]")]
    public void A_line_without_runs_has_none(string line)
    {
        Assert.Empty(ProofJson.ReadRuns(Encoding.UTF8.GetBytes(line), (head, _) => head));
    }

    [Fact]
    public void What_is_no_JSON_is_said_to_be_none()
    {
        Assert.ThrowsAny<JsonException>(() => ProofJson.ReadRuns("{"u8.ToArray(), (head, _) => head));
    }

    [Fact]
    public void A_page_tells_the_age_of_the_proof_and_null_where_there_is_none()
    {
        var now = new DateTimeOffset(2026, 1, 1, 0, 0, 30, TimeSpan.Zero);
        var proof = new ProofHead(ProofResult.Safe, now.AddSeconds(-12.5), "", null);

        using var page = JsonDocument.Parse(ProofJson.Page("agent", "node-1", (proof, now), _ => { }));
        using var none = JsonDocument.Parse(
            ProofJson.Page("agent", "node-1", (proof with { At = null }, now), _ => { }));

        Assert.Equal(12.5, page.RootElement.GetProperty("ageSeconds").GetDouble());
        Assert.Equal(JsonValueKind.Null, none.RootElement.GetProperty("ageSeconds").ValueKind);
    }
}
