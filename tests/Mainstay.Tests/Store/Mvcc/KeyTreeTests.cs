using System.Globalization;
using Google.Protobuf;
using Mainstay.Etcd.Protocol;
using Mainstay.Store.Mvcc;

namespace Mainstay.Tests.Store.Mvcc;

public sealed class KeyTreeTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_tree_holds_what_a_sorted_dictionary_holds_and_old_roots_stay_as_they_were(int seed)
    {
        var random = new Random(seed);
        var model = new SortedDictionary<string, long>(StringComparer.Ordinal);
        var kept = new List<(KeyNode? Root, string Dump)>();
        KeyNode? root = null;

        for (var step = 1; step <= 6_000; step++)
        {
            var key = random.Next(1_500).ToString("D4", CultureInfo.InvariantCulture);
            // First it grows, then it shrinks to nothing much.
            if (random.Next(6_000) > step)
            {
                root = KeyTree.Set(root, Version(key, step), edit: step / 50);
                model[key] = step;
            }
            else
            {
                root = KeyTree.Remove(root, ByteString.CopyFromUtf8(key).Span, edit: step / 50);
                model.Remove(key);
            }

            // An edit has ended: this root must not change any more.
            if (step % 50 == 49)
            {
                kept.Add((root, Dump(model)));
            }
        }

        Assert.All(kept, one => Assert.Equal(one.Dump, Dump(one.Root)));
    }

    [Theory]
    [InlineData("b", "", "b")]
    [InlineData("b", "d", "b c")]
    [InlineData("bb", "d", "c")]
    [InlineData("c", "\0", "c d e")]
    [InlineData("\0", "\0", "a b c d e")]
    [InlineData("d", "b", "")]
    [InlineData("x", "", "")]
    public void A_scan_visits_the_keys_that_etcd_means_by_a_range(string key, string end, string expected)
    {
        KeyNode? root = null;
        foreach (var one in "ecabd")
        {
            root = KeyTree.Set(root, Version(one.ToString(), 1), edit: 0);
        }

        var visitor = new Names { Seen = [] };
        KeyTree.Scan(root, new KeyInterval(ByteString.CopyFromUtf8(key), ByteString.CopyFromUtf8(end)), ref visitor);

        Assert.Equal(expected, string.Join(' ', visitor.Seen));
    }

    private static KeyVersion Version(string key, long revision) =>
        new(new KeyValue { Key = ByteString.CopyFromUtf8(key), ModRevision = revision }, false, null);

    private static string Dump(SortedDictionary<string, long> model) =>
        string.Join(' ', model.Select(pair => $"{pair.Key}={pair.Value}"));

    private static string Dump(KeyNode? root) =>
        string.Join(' ', KeyTree.All(root).Select(one => $"{one.Kv.Key.ToStringUtf8()}={one.Kv.ModRevision}"));

    private struct Names : IKeyVisitor
    {
        public required List<string> Seen { get; init; }

        public readonly bool Visit(KeyVersion newest)
        {
            Seen.Add(newest.Kv.Key.ToStringUtf8());
            return true;
        }
    }
}
