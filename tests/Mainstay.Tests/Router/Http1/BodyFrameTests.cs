using System.Text;
using Mainstay.Router.Http1;

namespace Mainstay.Tests.Router.Http1;

public sealed class BodyFrameTests
{
    [Theory]
    [InlineData("5\r\nhello\r\n0\r\n\r\n", "hello")]
    [InlineData("5;x=y\r\nhello\r\n0\r\n\r\n", "hello")]
    [InlineData("5 ;x=\"q\"\r\nhello\r\n00\r\n\r\n", "hello")]
    [InlineData("0a\r\n0123456789\r\nA\r\nabcdefghij\r\n0\r\n\r\n", "0123456789abcdefghij")]
    [InlineData("1\r\n\r\r\n0\r\nX-Sum: 1\r\nY:\r\n\r\n", "\r")]
    [InlineData("0\r\n\r\n", "")]
    public void A_chunked_body_ends_where_it_says_in_any_pieces(string chunks, string data)
    {
        var stream = Encoding.Latin1.GetBytes(chunks + "NEXT");
        for (var piece = 1; piece <= stream.Length; piece++)
        {
            Assert.Equal((chunks.Length, true, false), Take(stream, piece));
        }

        var frame = default(BodyFrame);
        frame.Begin(BodyKind.Chunked, 0);
        var length = frame.Unchunk(stream, out var taken);
        Assert.Equal(data, Encoding.Latin1.GetString(stream, 0, length));
        Assert.Equal(chunks.Length, taken);
    }

    [Theory]
    [InlineData("\r\n")]
    [InlineData("g\r\n")]
    [InlineData("0x5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("-5\r\nhello\r\n0\r\n\r\n")]
    [InlineData(" 5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("5 \r\nhello\r\n0\r\n\r\n")]
    [InlineData("5\nhello\r\n0\r\n\r\n")]
    [InlineData("5\r\nhello\n0\r\n\r\n")]
    [InlineData("5\r\nhello!\r\n0\r\n\r\n")]
    [InlineData("5\r\nhelloX0\r\n\r\n")]
    [InlineData("5;a\nb\r\nhello\r\n0\r\n\r\n")]
    [InlineData("5;a\0b\r\nhello\r\n0\r\n\r\n")]
    [InlineData("5;a\rb\r\nhello\r\n0\r\n\r\n")]
    [InlineData("FFFFFFFFFFFFFFFFF\r\n")]
    [InlineData("0\r\nX\r\n\r\n")]
    [InlineData("0\r\n X: y\r\n\r\n")]
    [InlineData("0\r\nX : y\r\n\r\n")]
    [InlineData("0\r\nX: y\n\r\n")]
    [InlineData("0\r\nContent-Length: 5\r\n\r\n")]
    [InlineData("0\r\nTransfer-Encoding: chunked\r\n\r\n")]
    [InlineData("0\r\nhost: a\r\n\r\n")]
    [InlineData("0\r\n\rX")]
    public void A_chunked_body_that_could_be_read_two_ways_is_invalid(string chunks)
    {
        var stream = Encoding.Latin1.GetBytes(chunks);
        for (var piece = 1; piece <= stream.Length; piece++)
        {
            var (_, isDone, isInvalid) = Take(stream, piece);
            Assert.Equal((false, true), (isDone, isInvalid));
        }
    }

    [Fact]
    public void Extensions_and_trailers_are_bounded()
    {
        var extension = Encoding.ASCII.GetBytes("5;" + new string('x', 300) + "\r\n");
        var trailer = Encoding.ASCII.GetBytes("0\r\nX: " + new string('x', 9000) + "\r\n\r\n");

        Assert.True(Take(extension, 10).IsInvalid);
        Assert.True(Take(trailer, 1000).IsInvalid);
    }

    [Fact]
    public void A_body_with_a_length_ends_after_it()
    {
        var frame = default(BodyFrame);
        frame.Begin(BodyKind.Length, 5);

        Assert.Equal(3, frame.Take("abc"u8));
        Assert.False(frame.IsDone);
        Assert.Equal(2, frame.Take("deNEXT"u8));
        Assert.True(frame.IsDone);
    }

    [Fact]
    public void Chunks_mutated_at_random_are_judged_alike_however_they_come()
    {
        var random = new Random(1341);
        var seed = "5;x=y\r\nhello\r\n3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n"u8.ToArray();
        for (var turn = 0; turn < 20_000; turn++)
        {
            var stream = Mutations.Of(seed, random);

            Assert.Equal(Take(stream, stream.Length), Take(stream, random.Next(1, 6)));
        }
    }

    private static (int Taken, bool IsDone, bool IsInvalid) Take(byte[] stream, int piece)
    {
        var frame = default(BodyFrame);
        frame.Begin(BodyKind.Chunked, 0);
        var taken = 0;
        while (taken < stream.Length && !frame.IsDone && !frame.IsInvalid)
        {
            taken += frame.Take(stream.AsSpan(taken, Math.Min(piece, stream.Length - taken)));
        }

        return (taken, frame.IsDone, frame.IsInvalid);
    }
}
