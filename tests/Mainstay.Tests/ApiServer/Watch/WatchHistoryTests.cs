using CsCheck;
using Mainstay.ApiServer.Watch;

namespace Mainstay.Tests.ApiServer.Watch;

public sealed class WatchHistoryTests
{
    [Fact]
    public void The_example_of_the_type_holds()
    {
        var history = new WatchHistory(16);
        history.Replace([Fakes.ConfigMap("a", 3)], 5);
        history.Put(Fakes.ConfigMap("b", 6));
        history.Advance(9);

        Assert.Equal(2, history.Objects.Count);
        Assert.Equal(9, history.Revision);
        Assert.Equal(6, Assert.Single(history.Since(5)!).Revision);
        Assert.Empty(history.Since(9)!);
        Assert.Null(history.Since(4));
    }

    [Fact]
    public void A_full_ring_forgets_the_oldest_and_says_so()
    {
        var history = new WatchHistory(2);
        history.Replace([], 1);
        history.Put(Fakes.ConfigMap("a", 2));
        history.Put(Fakes.ConfigMap("a", 3));
        history.Put(Fakes.ConfigMap("a", 4));

        Assert.Equal(2, history.Floor);
        Assert.Null(history.Since(1));
        Assert.Equal([3L, 4L], history.Since(2)!.Select(change => change.Revision));
    }

    [Fact]
    public void A_deletion_of_what_never_was_is_no_change()
    {
        var history = new WatchHistory(2);
        history.Replace([], 1);

        Assert.Null(history.Delete(Fakes.Key("a"), 2));
        Assert.Empty(history.Since(1)!);
    }

    // Whoever replays the changes since any revision over the objects of that revision arrives at the objects of now.
    [Fact]
    public void Changes_since_any_revision_lead_from_there_to_now()
    {
        Gen.Select(Gen.Int[1, 40], Gen.Int[0, 4].Array[0, 60]).Sample((eventsMax, steps) =>
        {
            var history = new WatchHistory(eventsMax);
            history.Replace([], 1);
            var past = new Dictionary<long, Dictionary<string, long>> { [1] = [] };
            long revision = 1;
            foreach (var step in steps)
            {
                revision++;
                var name = $"o{step % 3}";
                if (step == 4)
                {
                    history.Delete(Fakes.Key(name), revision);
                }
                else
                {
                    history.Put(Fakes.ConfigMap(name, revision));
                }

                history.Advance(revision);
                past[revision] = history.Objects.ToDictionary(pair => pair.Key, pair => pair.Value.Revision);
            }

            return past.All(then => Replays(history, then.Key, then.Value));
        });
    }

    private static bool Replays(WatchHistory history, long since, Dictionary<string, long> objects)
    {
        if (history.Since(since) is not { } changes)
        {
            return since < history.Floor;
        }

        var replayed = new Dictionary<string, long>(objects);
        foreach (var change in changes)
        {
            if (change.Now is { } now)
            {
                replayed[change.Key] = now.Revision;
            }
            else
            {
                replayed.Remove(change.Key);
            }
        }

        return replayed.OrderBy(pair => pair.Key).SequenceEqual(
            history.Objects.ToDictionary(pair => pair.Key, pair => pair.Value.Revision).OrderBy(pair => pair.Key));
    }
}
