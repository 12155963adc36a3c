using Google.Protobuf;

namespace Mainstay.Etcd;

/// <summary>
/// The keys from <see cref="Key"/> up to, without, <see cref="End"/>, as etcd writes it: an empty end is the one key
/// alone, an end of one zero byte is everything from the key on. The prefix <c>/a/</c> is the range <c>/a/</c> to
/// <c>/a0</c>.
/// </summary>
public readonly record struct KeyRange(ByteString Key, ByteString End)
{
    private static readonly ByteString Zero = ByteString.CopyFrom(0);

    public static KeyRange Only(string key) => new(ByteString.CopyFromUtf8(key), ByteString.Empty);

    public static KeyRange From(ByteString key) => new(key, Zero);

    public static KeyRange Prefix(string prefix) => Prefix(ByteString.CopyFromUtf8(prefix));

    public static KeyRange Prefix(ByteString prefix)
    {
        var end = prefix.ToByteArray();
        for (var i = end.Length - 1; i >= 0; i--)
        {
            if (end[i] < 0xff)
            {
                end[i]++;
                return new KeyRange(prefix, ByteString.CopyFrom(end, 0, i + 1));
            }
        }

        // The empty prefix and one of 0xff only have no key after them: every key from there on.
        return new KeyRange(prefix.IsEmpty ? Zero : prefix, Zero);
    }
}
