using System.Text;
using CsCheck;
using Mainstay.ApiServer.Http;

namespace Mainstay.Tests.ApiServer.Http;

public sealed class ProtobufBodyTests
{
    // kubectl 1.32 create configmap x --from-literal=a=b
    private const string FromKubectl =
        "6b3873000a0f0a0276311209436f6e6669674d6170121b0a110a017812001a0022002a003200380042001206"
        + "0a01611201621a002200";

    [Fact]
    public void What_kubectl_makes_from_flags_is_read()
    {
        var json = Encoding.UTF8.GetString(ProtobufBody.ToJson(Convert.FromHexString(FromKubectl)));

        Assert.Equal("""{"metadata":{"name":"x"},"data":{"a":"b"},"apiVersion":"v1","kind":"ConfigMap"}""", json);
    }

    [Fact]
    public void A_field_outside_the_table_refuses_the_whole_body()
    {
        // the same object, three bytes longer: field 9 holds "z"; the envelope's last two fields follow
        var bytes = Convert.FromHexString(
            FromKubectl.Replace("121b0a11", "121e0a11", StringComparison.Ordinal)[..^8] + "4a017a" + "1a002200");

        var refusal = Assert.Throws<RefusedException>(() => ProtobufBody.ToJson(bytes));

        Assert.Equal(415, refusal.Status.Code);
        Assert.Contains("number 9", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_kind_outside_the_table_is_refused_by_name()
    {
        var bytes = Convert.FromHexString(
            FromKubectl.Replace("436f6e6669674d6170", "436f6e6669674d6171", StringComparison.Ordinal));

        var refusal = Assert.Throws<RefusedException>(() => ProtobufBody.ToJson(bytes));

        Assert.Equal(415, refusal.Status.Code);
        Assert.Contains("ConfigMaq", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_bytes_are_read_or_refused()
    {
        var whole = Convert.FromHexString(FromKubectl);
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte, Gen.Int[4, whole.Length]).Sample((at, value, length) =>
        {
            var bytes = whole.ToArray();
            bytes[at] = value;
            return Record.Exception(() => ProtobufBody.ToJson(bytes.AsSpan(0, length))) is null or RefusedException;
        });
    }
}
