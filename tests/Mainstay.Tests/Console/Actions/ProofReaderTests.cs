using System.Text;
using Mainstay.ConsoleSite.Actions;

namespace Mainstay.Tests.ConsoleSite.Actions;

public sealed class ProofReaderTests
{
    private static readonly Uri Part = new("http://127.17.0.1:9990");

    [Fact]
    public void A_safe_proof_is_safe()
    {
        var proof = Read("""{"result":"safe","reason":"","object":null,"runs":[{"kind":"cold","result":"safe"}]}""");

        Assert.Equal((ProofResult.Safe, "", ""), (proof.Result, proof.Hop, proof.Reason));
    }

    [Fact]
    public void An_unsafe_proof_names_the_hop_and_the_object()
    {
        var proof = Read(
            """
            {"result":"unsafe","reason":"","object":{"kind":"EndpointSlice","namespace":"bank","name":"x"},"runs":[
             {"kind":"cold","server":"https://a:6443","result":"safe"},
             {"kind":"cold","server":"https://b:6443","result":"unsafe","reason":"the list is null"}]}
            """);

        Assert.Equal(ProofResult.Unsafe, proof.Result);
        Assert.Equal(("api/https://b:6443", "the list is null"), (proof.Hop, proof.Reason));
        Assert.Equal("EndpointSlice bank/x", proof.Culprit!.ToString());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("no json")]
    [InlineData("""{"result":"fine"}""")]
    [InlineData("""{"result":7}""")]
    [InlineData("""{"result":"safe","runs":7}""")]
    public void What_is_not_clearly_safe_is_unproven(string text) =>
        Assert.Equal(ProofResult.Unproven, Read(text).Result);

    [Fact]
    public void Silence_and_errors_are_unproven_with_the_reason()
    {
        Assert.Contains("refused", ProofReader.Read(new PartAnswer(0, [], "refused"), Part).Reason);
        Assert.Contains("404", ProofReader.Read(new PartAnswer(404, [], ""), Part).Reason);
    }

    private static UnitProof Read(string text) =>
        ProofReader.Read(new PartAnswer(200, Encoding.UTF8.GetBytes(text), ""), Part);
}
