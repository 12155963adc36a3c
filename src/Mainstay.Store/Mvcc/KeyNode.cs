namespace Mainstay.Store.Mvcc;

/// <summary>
/// A node of <see cref="KeyTree"/>. In a leaf <see cref="Keys"/> are the keys themselves; in an inner node they are
/// bounds: no key under child i is below bound i, and each is below bound i + 1. The first bound is not looked at, so
/// that a key below all others goes to the first child.
/// </summary>
internal sealed class KeyNode
{
    private readonly long _edit;

    private KeyNode(long edit, KeyVersion[]? versions, KeyNode[]? children)
    {
        _edit = edit;
        Keys = new byte[KeyTree.FanOut + 1][];
        Versions = versions ?? [];
        Children = children ?? [];
    }

    public int Count { get; private set; }

    public byte[][] Keys { get; }

    public KeyVersion[] Versions { get; }

    public KeyNode[] Children { get; }

    public bool IsLeaf => Children.Length == 0;

    public static KeyNode Leaf(long edit) => new(edit, new KeyVersion[KeyTree.FanOut + 1], null);

    public static KeyNode Inner(long edit) => new(edit, null, new KeyNode[KeyTree.FanOut + 1]);

    /// <summary>This node where the edit made it, else a copy that belongs to the edit.</summary>
    public KeyNode ForEdit(long edit)
    {
        if (_edit == edit)
        {
            return this;
        }

        var copy = IsLeaf ? Leaf(edit) : Inner(edit);
        copy.Append(this);
        return copy;
    }

    /// <summary>The place of a key; the complement of where it would stand if it is not there.</summary>
    public int Search(ReadOnlySpan<byte> key) => SearchFrom(0, key);

    /// <summary>The child under which a key stands or would stand.</summary>
    public int ChildFor(ReadOnlySpan<byte> key)
    {
        var at = SearchFrom(1, key);
        return at >= 0 ? at : ~at - 1;
    }

    public void InsertVersion(int at, KeyVersion version)
    {
        MakeRoom(at);
        Keys[at] = version.Key;
        Versions[at] = version;
    }

    public void InsertChild(int at, KeyNode child)
    {
        MakeRoom(at);
        Keys[at] = child.Keys[0];
        Children[at] = child;
    }

    public void ReplaceChild(int at, KeyNode child)
    {
        Children[at] = child;
        // A key below all others has moved the lowest bound; every other bound may stay as it is.
        if (at == 0)
        {
            Keys[0] = child.Keys[0];
        }
    }

    public void RemoveAt(int at)
    {
        var behind = Count - at - 1;
        Array.Copy(Keys, at + 1, Keys, at, behind);
        Count--;
        Keys[Count] = null!; // beyond the count, where nobody looks
        if (IsLeaf)
        {
            Array.Copy(Versions, at + 1, Versions, at, behind);
            Versions[Count] = null!;
        }
        else
        {
            Array.Copy(Children, at + 1, Children, at, behind);
            Children[Count] = null!;
        }
    }

    public void Append(KeyNode other) => AppendFrom(other, 0);

    /// <summary>Moves the upper half into a new node.</summary>
    public KeyNode SplitOff(long edit)
    {
        var right = IsLeaf ? Leaf(edit) : Inner(edit);
        var half = Count / 2;
        right.AppendFrom(this, half);
        while (Count > half)
        {
            RemoveAt(Count - 1);
        }

        return right;
    }

    private void AppendFrom(KeyNode other, int from)
    {
        var count = other.Count - from;
        Array.Copy(other.Keys, from, Keys, Count, count);
        if (IsLeaf)
        {
            Array.Copy(other.Versions, from, Versions, Count, count);
        }
        else
        {
            Array.Copy(other.Children, from, Children, Count, count);
        }

        Count += count;
    }

    private void MakeRoom(int at)
    {
        var behind = Count - at;
        Array.Copy(Keys, at, Keys, at + 1, behind);
        if (IsLeaf)
        {
            Array.Copy(Versions, at, Versions, at + 1, behind);
        }
        else
        {
            Array.Copy(Children, at, Children, at + 1, behind);
        }

        Count++;
    }

    private int SearchFrom(int low, ReadOnlySpan<byte> key)
    {
        var high = Count - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = Keys[middle].AsSpan().SequenceCompareTo(key);
            if (order == 0)
            {
                return middle;
            }

            if (order < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return ~low;
    }
}
