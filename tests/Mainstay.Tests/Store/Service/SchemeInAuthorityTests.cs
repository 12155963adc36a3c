using Mainstay.Store.Service;

namespace Mainstay.Tests.Store.Service;

public sealed class SchemeInAuthorityTests
{
    // ":authority: http://127.0.0.1:2379" as Go's encoder writes it: literal with index 1, Huffman, 16 bytes.
    private static readonly byte[] Sent =
    [
        0x41, 0x90, 0x9d, 0x29, 0xae, 0xe3, 0x0c, 0x08, 0x9d, 0x5c, 0x0b, 0x81, 0x70, 0xdc, 0x11, 0x66, 0xf0, 0xff,
    ];

    [Fact]
    public void A_scheme_in_the_authority_is_changed_in_place_and_nothing_moves()
    {
        byte[] bytes = [1, 2, 3, .. Sent, 4, 5];

        Assert.True(SchemeInAuthority.Mend(bytes));

        byte[] expected = [1, 2, 3, .. Sent, 4, 5];
        expected[7] = 0xaf;
        expected[8] = 0xa2;
        expected[9] = 0xcb;
        Assert.Equal(expected, bytes);
    }

    [Fact]
    public void The_same_bytes_elsewhere_are_left_alone()
    {
        byte[] bytes = [0x40, .. Sent[1..]];
        var before = bytes.ToArray();

        Assert.False(SchemeInAuthority.Mend(bytes));
        Assert.False(SchemeInAuthority.Mend(bytes.AsSpan(2)));
        Assert.Equal(before, bytes);
    }
}
