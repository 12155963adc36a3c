using Mainstay.Controllers.Core;
using Mainstay.Kernel.Signals;
using Microsoft.Extensions.Time.Testing;

namespace Mainstay.Tests.Controllers.Core;

public class StaleGuardTests
{
    private readonly FakeTimeProvider _time = new(Given.Now);
    private readonly StaleGuard _guard;

    public StaleGuardTests() => _guard = new StaleGuard(_time);

    [Fact]
    public void The_worked_example_of_the_type_comes_out()
    {
        // In seconds since sequence 41 came: when it is due, asked each second.
        var due = new List<int>();
        for (var second = 0; second <= 75; second++)
        {
            if (_guard.IsDue(Hop(41, second)))
            {
                due.Add(second);
            }
            _time.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.Equal([10, 30, 70], due);

        Assert.False(_guard.IsDue(Hop(42, 0)));
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.True(_guard.IsDue(Hop(42, 10)));
    }

    [Fact]
    public void Without_a_heartbeat_nothing_is_left()
    {
        _time.Advance(TimeSpan.FromHours(1));

        Assert.False(_guard.IsDue(new Hop("controllers", "", -1, null)));
    }

    private static Hop Hop(long sequence, double age) =>
        new("controllers", "api/x", sequence, TimeSpan.FromSeconds(age));
}
