namespace Mainstay.Tests.Router.Http1;

/// <summary>Small seeded damage to bytes: the characters that parsers disagree on, put where they hurt.</summary>
internal static class Mutations
{
    private static readonly byte[] Spiteful = "\r\n\t \0:;,=/?#%\"\u007f"u8.ToArray();

    public static byte[] Of(byte[] bytes, Random random)
    {
        var mutated = bytes.ToList();
        for (var count = random.Next(1, 4); count > 0; count--)
        {
            var at = random.Next(mutated.Count + 1);
            var octet = random.Next(3) == 0 ? (byte)random.Next(256) : Spiteful[random.Next(Spiteful.Length)];
            switch (random.Next(4))
            {
                case 0:
                    mutated.Insert(at, octet);
                    break;
                case 1 when at < mutated.Count:
                    mutated.RemoveAt(at);
                    break;
                case 2 when at < mutated.Count:
                    mutated[at] = octet;
                    break;
                default:
                    mutated.InsertRange(at, mutated.Slice(at, Math.Min(random.Next(12), mutated.Count - at)));
                    break;
            }
        }

        return [.. mutated];
    }
}
