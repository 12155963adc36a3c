using System.Text.Json.Nodes;
using CsCheck;
using Mainstay.Kube;

namespace Mainstay.Tests.Kube;

public class YamlTests
{
    [Theory]
    [InlineData("a: true", """{"a":true}""")]
    [InlineData("a: \"true\"", """{"a":"true"}""")]
    [InlineData("a: 'null'", """{"a":"null"}""")]
    [InlineData("a:", """{"a":null}""")]
    [InlineData("a: ~", """{"a":null}""")]
    [InlineData("a: yes", """{"a":"yes"}""")]
    [InlineData("a: 10", """{"a":10}""")]
    [InlineData("a: \"10\"", """{"a":"10"}""")]
    [InlineData("a: -7", """{"a":-7}""")]
    [InlineData("a: 0x1F", """{"a":31}""")]
    [InlineData("a: 0644", """{"a":420}""")]
    [InlineData("a: 0o644", """{"a":420}""")]
    [InlineData("a: 18446744073709551615", """{"a":18446744073709551615}""")]
    [InlineData("a: 1.5", """{"a":1.5}""")]
    [InlineData("a: 1.2.3", """{"a":"1.2.3"}""")]
    [InlineData("a: 100m", """{"a":"100m"}""")]
    [InlineData("a: 127.0.0.1", """{"a":"127.0.0.1"}""")]
    [InlineData("a: Infinity", """{"a":"Infinity"}""")]
    [InlineData("a: 2026-11-23T00:00:00Z", """{"a":"2026-11-23T00:00:00Z"}""")]
    [InlineData("1: b", """{"1":"b"}""")]
    [InlineData("a: !!str 5", """{"a":"5"}""")]
    [InlineData("a: !!int \"5\"", """{"a":5}""")]
    [InlineData("a: |\n  x\n  y\n", """{"a":"x\ny\n"}""")]
    [InlineData("a: [1, {b: c}]", """{"a":[1,{"b":"c"}]}""")]
    [InlineData("x: &x {p: 1, q: 2}\ny: {<<: *x, q: 3}", """{"x":{"p":1,"q":2},"y":{"q":3,"p":1}}""")]
    [InlineData("x: &x [1]\ny: *x", """{"x":[1],"y":[1]}""")]
    public void Scalars_have_the_types_that_Kubernetes_gives_them(string yaml, string json)
    {
        Assert.Equal(JsonNode.Parse(json)!.ToJsonString(), Yaml.ParseSingle(yaml)!.ToJsonString());
    }

    [Fact]
    public void Empty_documents_are_skipped_and_the_order_is_kept()
    {
        var documents = Yaml.ParseAll("---\n# only a comment\n---\na: 1\n---\n---\nb: 2\n...\n");
        Assert.Equal(["""{"a":1}""", """{"b":2}"""], documents.Select(d => d.ToJsonString()));
    }

    [Theory]
    [InlineData("a: 1\nb: [1\n", 3)]
    [InlineData("a: 1\nb: 2\na: 3", 3)]
    [InlineData("a: 1\nb:\n\tc: 2", 2)]
    [InlineData("a:\n  b: *nowhere", 2)]
    [InlineData("a: .inf", 1)]
    [InlineData("a: !mine x", 1)]
    [InlineData("a: 1\n[b]: 2", 2)]
    public void A_fault_names_its_line(string yaml, int line)
    {
        var fault = Assert.Throws<YamlFormatException>(() => Yaml.ParseAll(yaml));
        Assert.Equal(line, fault.Line);
        Assert.True(fault.Column > 0);
    }

    [Fact]
    public void A_document_that_doubles_itself_is_refused_before_it_fills_the_memory()
    {
        var bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + string.Concat(Enumerable.Range(1, 12).Select(i =>
            $"a{i}: &a{i} [{string.Join(',', Enumerable.Repeat($"*a{i - 1}", 10))}]\n"));
        Assert.Contains("nodes", Assert.Throws<YamlFormatException>(() => Yaml.ParseAll(bomb)).Message);
    }

    [Fact]
    public void A_document_nested_deeper_than_the_limit_is_refused()
    {
        var nested = new string('[', Limits.YamlDepthMax + 2) + new string(']', Limits.YamlDepthMax + 2);
        Assert.Contains("nested", Assert.Throws<YamlFormatException>(() => Yaml.ParseAll(nested)).Message);
        var justFits = new string('[', Limits.YamlDepthMax) + new string(']', Limits.YamlDepthMax);
        Assert.NotNull(Yaml.ParseSingle(justFits));
    }

    [Fact]
    public void The_smallest_integer_stays_one()
    {
        var json = new JsonObject { ["min"] = long.MinValue, ["max"] = ulong.MaxValue };

        Assert.True(JsonNode.DeepEquals(json, Yaml.ParseSingle(json.ToJsonString())));
    }

    [Fact]
    public void Any_JSON_text_is_YAML_with_the_same_meaning()
    {
        var text = Gen.Char[' ', '~'].Array[0, 12].Select(c => new string(c));
        Gen.Dictionary(text, Gen.Select(text, Gen.Long, Gen.Bool, Gen.Int[0, 2]))[0, 6].Sample(fields =>
        {
            var json = new JsonObject(fields.Select(f => KeyValuePair.Create(f.Key, (JsonNode?)(f.Value.Item4 switch
            {
                0 => JsonValue.Create(f.Value.Item1),
                1 => JsonValue.Create(f.Value.Item2),
                _ => new JsonArray(f.Value.Item3, f.Value.Item1, null),
            }))));
            Assert.True(JsonNode.DeepEquals(json, Yaml.ParseSingle(json.ToJsonString())));
        });
    }
}
