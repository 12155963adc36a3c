using System.Text.Json.Nodes;
using Mainstay.ApiServer.Schema;

namespace Mainstay.Tests.ApiServer.Schema;

public sealed class FieldErrorTests
{
    [Fact]
    public void Errors_are_summed_up_and_told_as_causes()
    {
        var errors = new FieldErrors();
        var ports = FieldPath.Root.Child("spec").Child("ports");
        errors.Required(ports.Index(0).Child("name"));
        Assert.Equal("spec.ports[0].name: Required value", errors.Summary());

        errors.Invalid(FieldPath.Root.Child("data").Key("a b"), "a\"b", "no");
        errors.NotSupported(ports, "X", ["A", "B"]);
        errors.NotSupported(ports, "X", ["A", "B"]);

        Assert.Equal(
            "[spec.ports[0].name: Required value, data[a b]: Invalid value: \"a\\\"b\": no, " +
            "spec.ports: Unsupported value: \"X\": supported values: \"A\", \"B\"]",
            errors.Summary());
        var cause = """{"reason":"FieldValueRequired","message":"Required value","field":"spec.ports[0].name"}""";
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(cause), errors.Causes()[0]));
    }

    [Theory]
    [InlineData(5, "Invalid value: 5: x")]
    [InlineData(true, "Invalid value: true: x")]
    [InlineData(null, "Invalid value: \"null\": x")]
    [InlineData("a\n", "Invalid value: \"a\\n\": x")]
    public void A_value_is_shown_as_Go_shows_it(object? value, string body)
    {
        Assert.Equal(body, new FieldError(FieldErrorType.Invalid, "f", value, "x").Body);
    }
}
