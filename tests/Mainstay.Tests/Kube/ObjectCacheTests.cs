using Mainstay.Kube;

namespace Mainstay.Tests.Kube;

public class ObjectCacheTests
{
    private static readonly ObjectKey A = new("n", "a");
    private static readonly ObjectKey B = new("n", "b");

    [Fact]
    public void An_index_follows_every_change_and_listeners_see_from_what_to_what()
    {
        var cache = new ObjectCache<string>();
        var heard = new List<string>();
        cache.AddIndex("letters", (_, value) => value.Select(letter => letter.ToString()));
        cache.AddListener(change => heard.Add($"{change.Key}:{change.Old}>{change.New}"));
        cache.Replaced(new Dictionary<ObjectKey, string> { [A] = "xy", [B] = "y" }, "1");
        Assert.Equal(["xy", "y"], cache.By("letters", "y").Order());
        cache.Changed(B, "z", "2");
        cache.Deleted(A, "3");
        cache.Deleted(A, "4");
        Assert.Empty(cache.By("letters", "y"));
        Assert.Equal(["z"], cache.By("letters", "z"));
        cache.Replaced(new Dictionary<ObjectKey, string> { [A] = "q" }, "5");
        Assert.Empty(cache.By("letters", "z"));
        Assert.Equal("q", cache.Find(A));
        Assert.Equal(["n/a:>xy", "n/b:>y", "n/b:y>z", "n/a:xy>", "n/a:>", "n/b:z>", "n/a:>q"], heard);
    }
}
