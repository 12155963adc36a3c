using Mainstay.Controllers.NodeHealth;
using Microsoft.Extensions.Time.Testing;

namespace Mainstay.Tests.Controllers.NodeHealth;

public class NodePulseTests
{
    private static readonly TimeSpan Heard = TimeSpan.FromSeconds(1);
    private readonly FakeTimeProvider _time = new();
    private readonly Dictionary<string, string> _signs = new() { ["a"] = "0", ["b"] = "0", ["c"] = "0" };
    private readonly NodePulse _pulse;

    public NodePulseTests()
    {
        _pulse = new NodePulse(_time, TimeSpan.FromSeconds(40));
        _pulse.Judge(_signs, Heard);
    }

    [Fact]
    public void A_node_that_shows_no_sign_of_life_for_the_grace_is_silent()
    {
        Live(40, "a", "b");
        Assert.Empty(_pulse.Judge(_signs, Heard).Silent);
        Live(2, "a", "b");
        var judgement = _pulse.Judge(_signs, Heard);
        Assert.Equal(["c"], judgement.Silent.Keys);
        Assert.False(judgement.IsStorm);
        Live(2, "a", "b", "c");
        Assert.Empty(_pulse.Judge(_signs, Heard).Silent);
    }

    [Fact]
    public void Most_nodes_silent_at_once_is_a_storm()
    {
        Live(42, "a");
        Assert.True(_pulse.Judge(_signs, Heard).IsStorm);
    }

    [Fact]
    public void While_we_hear_nothing_ourselves_no_silence_counts()
    {
        for (var second = 0; second < 300; second += 2)
        {
            _time.Advance(TimeSpan.FromSeconds(2));
            var judgement = _pulse.Judge(_signs, TimeSpan.FromSeconds(second));
            Assert.Empty(judgement.Silent);
        }
        // Heard again: each node has its whole grace from now on.
        Live(38, "a");
        Assert.Empty(_pulse.Judge(_signs, Heard).Silent);
    }

    [Fact]
    public void A_judge_that_did_not_look_for_long_judges_nobody()
    {
        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.Empty(_pulse.Judge(_signs, Heard).Silent);
    }

    private void Live(int seconds, params string[] living)
    {
        for (var second = 0; second < seconds; second += 2)
        {
            _time.Advance(TimeSpan.FromSeconds(2));
            foreach (var node in living)
            {
                _signs[node] = $"{_time.GetUtcNow():O}";
            }
            _pulse.Judge(_signs, Heard);
        }
    }
}
