using Mainstay.Router.Discovery;

namespace Mainstay.Tests.Router.Discovery;

public sealed class AppliedRevisionTests
{
    private readonly AppliedRevision _applied = new();

    [Fact]
    public void Nothing_is_applied_before_a_table_is_published()
    {
        _applied.Heard("7", isChange: true);
        _applied.Heard("8", isChange: false);

        Assert.Equal("", _applied.Current);
    }

    [Fact]
    public void The_heartbeat_carries_the_revision_forward_unless_a_change_waits()
    {
        Publish("7");
        _applied.Heard("8", isChange: false);
        Assert.Equal("8", _applied.Current);

        _applied.Heard("9", isChange: true);
        _applied.Heard("10", isChange: false);
        Assert.Equal("8", _applied.Current);

        var revision = _applied.BeginPublish();
        _applied.Heard("11", isChange: true);
        _applied.Heard("12", isChange: false);
        _applied.Published(revision, isOther: true);
        Assert.Equal("10", _applied.Current);
    }

    [Fact]
    public void A_heartbeat_during_a_publication_counts_after_it()
    {
        Publish("7");
        _applied.Heard("8", isChange: true);
        var revision = _applied.BeginPublish();
        _applied.Heard("9", isChange: false);
        Assert.Equal("7", _applied.Current);

        _applied.Published(revision, isOther: true);

        Assert.Equal("9", _applied.Current);
        Assert.Equal(2, _applied.Tables);
    }

    [Fact]
    public void A_table_that_is_the_same_is_no_new_one()
    {
        Publish("7");
        _applied.Published(_applied.BeginPublish(), isOther: false);

        Assert.Equal(1, _applied.Tables);
    }

    private void Publish(string revision)
    {
        _applied.Heard(revision, isChange: true);
        _applied.Published(_applied.BeginPublish(), isOther: true);
    }
}
