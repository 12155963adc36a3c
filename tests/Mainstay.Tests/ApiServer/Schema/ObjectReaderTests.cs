using System.Text;
using System.Text.Json.Nodes;
using Mainstay.ApiServer.Registry;
using Mainstay.ApiServer.Schema;

namespace Mainstay.Tests.ApiServer.Schema;

public sealed class ObjectReaderTests
{
    private const string Handled = "Deployment in version \"v1\" cannot be handled as a Deployment: ";
    private const string Unrecognized = "the object provided is unrecognized (must be of type Deployment): ";

    [Fact]
    public void Unknown_and_duplicate_fields_are_dropped_with_a_warning_each()
    {
        var read = Read("""
            {"spec":{"replicas":1,"foo":2,"replicas":3,"template":{"spec":{"containers":[{"nme":"a"}]}}}}
            """);

        Assert.Equal(
            ["unknown field \"spec.foo\"", "duplicate field \"spec.replicas\"",
                "unknown field \"spec.template.spec.containers[0].nme\""],
            read.Warnings);
        Assert.Equal(
            """{"replicas":3,"template":{"spec":{"containers":[{}]}}}""", read.Object!["spec"]!.ToJsonString());
    }

    [Fact]
    public void Strict_validation_refuses_what_warn_only_tells_and_ignore_keeps_to_itself()
    {
        const string body = """{"spec":{"foo":2},"metadata":{"labels":{"a":"1","a":"2"}}}""";

        Assert.Equal(
            Handled + "strict decoding error: unknown field \"spec.foo\", duplicate field \"metadata.labels.a\"",
            Read(body, FieldValidation.Strict).Error);
        Assert.Empty(Read(body, FieldValidation.Ignore).Warnings);
        Assert.Equal("2", (string?)Read(body, FieldValidation.Ignore).Object!["metadata"]!["labels"]!["a"]);
    }

    [Theory]
    [InlineData("""{"spec":{"replicas":"3"}}""", "string", "DeploymentSpec.spec.replicas", "int32")]
    [InlineData("""{"spec":{"replicas":3000000000}}""", "number 3000000000", "DeploymentSpec.spec.replicas", "int32")]
    [InlineData("""{"spec":{"replicas":1.5}}""", "number 1.5", "DeploymentSpec.spec.replicas", "int32")]
    [InlineData("""{"spec":[]}""", "array", "Deployment.spec", "v1.DeploymentSpec")]
    [InlineData("""{"metadata":{"labels":{"a":1}}}""", "number", "ObjectMeta.metadata.labels", "string")]
    [InlineData("""{"metadata":{"labels":"a"}}""", "string", "ObjectMeta.metadata.labels", "map[string]string")]
    [InlineData("""{"spec":{"template":{"spec":{"containers":{}}}}}""", "object",
        "PodSpec.spec.template.spec.containers", "[]v1.Container")]
    [InlineData("""{"spec":{"template":{"spec":{"containers":[{"env":[{"name":"A","value":true}]}]}}}}""", "bool",
        "EnvVar.spec.template.spec.containers.env.value", "string")]
    [InlineData("""{"spec":{"template":{"spec":{"containers":[{"imagePullPolicy":1}]}}}}""", "number",
        "Container.spec.template.spec.containers.imagePullPolicy", "v1.PullPolicy")]
    public void A_wrong_type_names_the_field_in_the_words_of_Go(string body, string found, string field, string type)
    {
        Assert.Equal(
            $"{Handled}json: cannot unmarshal {found} into Go struct field {field} of type {type}", Read(body).Error);
    }

    [Theory]
    [InlineData("""{"metadata":{"creationTimestamp":"x"}}""",
        "parsing time \"x\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"x\" as \"2006\"")]
    [InlineData("""{"spec":{"strategy":{"rollingUpdate":{"maxSurge":true}}}}""",
        "json: cannot unmarshal bool into Go value of type int32")]
    [InlineData("""{"spec":{"template":{"spec":{"containers":[{"resources":{"limits":{"cpu":"x"}}}]}}}}""",
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")]
    public void A_value_that_cannot_be_read_says_why(string body, string fault)
    {
        Assert.Equal(Handled + fault, Read(body).Error);
    }

    [Theory]
    [InlineData("", "couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)")]
    [InlineData("{\"kind\":5}",
        "couldn't get version/kind; json parse error: " +
        "json: cannot unmarshal number into Go struct field .kind of type string")]
    public void A_body_that_is_no_object_of_a_kind_is_not_recognized(string body, string fault)
    {
        Assert.Equal(Unrecognized + fault, Read(body).Error);
    }

    [Theory]
    [InlineData("xx")]
    [InlineData("{\"spec\":")]
    [InlineData("{} {}")]
    [InlineData("[1,2]")]
    [InlineData("{\"a\":{\"b\":[}}")]
    public void Broken_JSON_is_refused_and_nothing_is_read(string body)
    {
        var read = Read(body);

        Assert.Null(read.Object);
        Assert.StartsWith(
            Unrecognized + "couldn't get version/kind; json parse error: ", read.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_version_or_another_kind_is_refused_by_name()
    {
        Assert.Equal(
            "the API version in the data (apps/v1beta1) does not match the expected API version (apps/v1)",
            Read("""{"kind":"Deployment","apiVersion":"apps/v1beta1"}""").Error);
        Assert.StartsWith("Pod in version \"v1\" cannot be handled as a Deployment: ",
            Read("""{"kind":"Pod","apiVersion":"v1"}""").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Null_is_absent_and_a_missing_kind_is_filled_in()
    {
        var read = Read("""{"spec":null,"metadata":{"name":"x","labels":null}}""");

        Assert.Equal(
            """{"metadata":{"name":"x"},"apiVersion":"apps/v1","kind":"Deployment"}""", read.Object!.ToJsonString());
    }

    [Fact]
    public void Deep_nesting_is_refused_before_it_can_exhaust_the_stack()
    {
        var body = "{\"metadata\":" + string.Concat(Enumerable.Repeat("{\"a\":", 5000)) + "1" + new string('}', 5001);

        Assert.Contains("json parse error", Read(body).Error!, StringComparison.Ordinal);
    }

    /// <summary>Seeded: bytes are cut out, doubled and changed; whatever comes, it is an object or an error.</summary>
    [Fact]
    public void Damaged_bodies_never_throw()
    {
        const string good = """
            {"kind":"Deployment","apiVersion":"apps/v1","metadata":{"name":"x","labels":{"a":"b"}},"spec":{"replicas":1,
            "selector":{"matchLabels":{"a":"b"}},"template":{"spec":{"containers":[{"name":"a","image":"i",
            "ports":[{"containerPort":80}],"resources":{"limits":{"cpu":"100m"}}}]}}}}
            """;
        var random = new Random(20171027);
        for (var round = 0; round < 5000; round++)
        {
            var bytes = Encoding.UTF8.GetBytes(good).ToList();
            for (var hits = random.Next(1, 4); hits > 0; hits--)
            {
                var at = random.Next(bytes.Count);
                switch (random.Next(3))
                {
                    case 0: bytes.RemoveAt(at); break;
                    case 1: bytes.Insert(at, bytes[at]); break;
                    default: bytes[at] = (byte)random.Next(256); break;
                }
            }

            var read = ObjectReader.Read(DeploymentResource.Type.Expected, bytes.ToArray(), FieldValidation.Strict);
            Assert.True(read.Object is null != read.Error is null);
        }
    }

    private static ReadOutcome Read(string body, FieldValidation validation = FieldValidation.Warn) =>
        ObjectReader.Read(DeploymentResource.Type.Expected, Encoding.UTF8.GetBytes(body), validation);
}
