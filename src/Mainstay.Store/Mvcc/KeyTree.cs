namespace Mainstay.Store.Mvcc;

/// <summary>Sees the keys of a scan in order; false ends the scan.</summary>
internal interface IKeyVisitor
{
    bool Visit(KeyVersion newest);
}

/// <summary>
/// All keys in order, each with its newest version: a B-tree whose nodes are copied when they change, so that whoever
/// holds a root holds the whole tree as it was. Nodes made since the last publication carry the writer's own edit
/// number and are changed in place: a batch of a thousand writes copies a node once.
/// </summary>
internal static class KeyTree
{
    // Leaves of 64 keys: a copy is half a kilobyte, and a million keys are four levels.
    internal const int FanOut = 64;

    // A node that shrinks below this is joined with a neighbour where both fit into three quarters of one.
    private const int Sparse = FanOut / 4;
    private const int Joined = FanOut * 3 / 4;

    public static KeyVersion? Find(KeyNode? root, ReadOnlySpan<byte> key)
    {
        var node = root;
        while (node is { IsLeaf: false })
        {
            node = node.Children[node.ChildFor(key)];
        }

        if (node is null)
        {
            return null;
        }

        var at = node.Search(key);
        return at >= 0 ? node.Versions[at] : null;
    }

    /// <summary>Visits every key of the interval in order; false where the visitor ended it.</summary>
    public static bool Scan<TVisitor>(KeyNode? root, in KeyInterval interval, ref TVisitor visitor)
        where TVisitor : struct, IKeyVisitor
    {
        if (root is null || interval.IsEmpty)
        {
            return true;
        }

        if (interval.IsSingle)
        {
            var found = Find(root, interval.Start);
            return found is null || visitor.Visit(found);
        }

        return ScanNode(root, interval, ref visitor) != ScanStep.StoppedByVisitor;
    }

    /// <summary>Every key's newest version, in order of the keys.</summary>
    public static IEnumerable<KeyVersion> All(KeyNode? root)
    {
        var path = new Stack<(KeyNode Node, int Next)>();
        if (root is not null)
        {
            path.Push((root, 0));
        }

        while (path.TryPop(out var top))
        {
            if (top.Node.IsLeaf)
            {
                for (var i = 0; i < top.Node.Count; i++)
                {
                    yield return top.Node.Versions[i];
                }
            }
            else if (top.Next < top.Node.Count)
            {
                path.Push((top.Node, top.Next + 1));
                path.Push((top.Node.Children[top.Next], 0));
            }
        }
    }

    /// <summary>The tree with this version as the newest of its key.</summary>
    public static KeyNode Set(KeyNode? root, KeyVersion version, long edit)
    {
        if (root is null)
        {
            var leaf = KeyNode.Leaf(edit);
            leaf.InsertVersion(0, version);
            return leaf;
        }

        var (node, right) = SetIn(root, version, edit);
        if (right is null)
        {
            return node;
        }

        var grown = KeyNode.Inner(edit);
        grown.InsertChild(0, node);
        grown.InsertChild(1, right);
        return grown;
    }

    /// <summary>The tree without a key; the same tree where the key is not in it.</summary>
    public static KeyNode? Remove(KeyNode? root, ReadOnlySpan<byte> key, long edit)
    {
        if (root is null || Find(root, key) is null)
        {
            return root;
        }

        var node = RemoveIn(root, key, edit);
        while (node is { IsLeaf: false, Count: 1 })
        {
            node = node.Children[0];
        }

        return node is { Count: 0 } ? null : node;
    }

    private static ScanStep ScanNode<TVisitor>(KeyNode node, in KeyInterval interval, ref TVisitor visitor)
        where TVisitor : struct, IKeyVisitor
    {
        if (!node.IsLeaf)
        {
            for (var i = node.ChildFor(interval.Start); i < node.Count; i++)
            {
                var step = ScanNode(node.Children[i], interval, ref visitor);
                if (step != ScanStep.GoOn)
                {
                    return step;
                }
            }

            return ScanStep.GoOn;
        }

        var first = node.Search(interval.Start);
        for (var i = first >= 0 ? first : ~first; i < node.Count; i++)
        {
            if (!interval.IsOpenEnd && node.Keys[i].AsSpan().SequenceCompareTo(interval.End) >= 0)
            {
                return ScanStep.PastTheEnd;
            }

            if (!visitor.Visit(node.Versions[i]))
            {
                return ScanStep.StoppedByVisitor;
            }
        }

        return ScanStep.GoOn;
    }

    private static (KeyNode Node, KeyNode? Right) SetIn(KeyNode node, KeyVersion version, long edit)
    {
        node = node.ForEdit(edit);
        if (node.IsLeaf)
        {
            var at = node.Search(version.Key);
            if (at >= 0)
            {
                node.Versions[at] = version;
                return (node, null);
            }

            node.InsertVersion(~at, version);
        }
        else
        {
            var at = node.ChildFor(version.Key);
            var (child, right) = SetIn(node.Children[at], version, edit);
            node.ReplaceChild(at, child);
            if (right is not null)
            {
                node.InsertChild(at + 1, right);
            }
        }

        return node.Count < FanOut ? (node, null) : (node, node.SplitOff(edit));
    }

    private static KeyNode RemoveIn(KeyNode node, ReadOnlySpan<byte> key, long edit)
    {
        node = node.ForEdit(edit);
        if (node.IsLeaf)
        {
            node.RemoveAt(node.Search(key));
            return node;
        }

        var at = node.ChildFor(key);
        var child = RemoveIn(node.Children[at], key, edit);
        if (child.Count == 0)
        {
            node.RemoveAt(at);
            return node;
        }

        node.ReplaceChild(at, child);
        if (child.Count < Sparse)
        {
            JoinWithNeighbour(node, at, edit);
        }

        return node;
    }

    private static void JoinWithNeighbour(KeyNode parent, int at, long edit)
    {
        var left = at > 0 ? at - 1 : at;
        if (left + 1 >= parent.Count
            || parent.Children[left].Count + parent.Children[left + 1].Count > Joined)
        {
            return;
        }

        var joined = parent.Children[left].ForEdit(edit);
        joined.Append(parent.Children[left + 1]);
        parent.ReplaceChild(left, joined);
        parent.RemoveAt(left + 1);
    }

    private enum ScanStep
    {
        GoOn,
        PastTheEnd,
        StoppedByVisitor,
    }
}
