using System.Text;
using Mainstay.ApiServer.Http;

namespace Mainstay.Tests.ApiServer.Http;

public sealed class KubeStatusTests
{
    private static readonly Subject Deployment = new("apps", "deployments", "Deployment", "web");

    [Fact]
    public void A_missing_object_is_told_as_kubernetes_tells_it()
    {
        Assert.Equal(
            """
            {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",
            "message":"deployments.apps \"web\" not found","reason":"NotFound",
            "details":{"name":"web","group":"apps","kind":"deployments"},"code":404}
            """.ReplaceLineEndings(""),
            Encoding.UTF8.GetString(KubeStatus.NotFound(Deployment).ToJson()));
    }

    [Fact]
    public void A_lost_update_is_told_in_the_words_that_clients_match()
    {
        var status = KubeStatus.Modified(Deployment);

        Assert.Equal(409, status.Code);
        Assert.Equal(
            "Operation cannot be fulfilled on deployments.apps \"web\": the object has been modified; please apply "
            + "your changes to the latest version and try again",
            status.Message);
    }

    [Fact]
    public void One_fault_stands_alone_and_several_stand_in_brackets()
    {
        var one = new StatusCause("FieldValueRequired", "Required value", "spec.a");
        var two = new StatusCause("FieldValueInvalid", "Invalid value: 1", "spec.b");

        Assert.Equal(
            "Deployment.apps \"web\" is invalid: spec.a: Required value",
            KubeStatus.Invalid(Deployment, [one]).Message);
        Assert.Equal(
            "Deployment.apps \"web\" is invalid: [spec.a: Required value, spec.b: Invalid value: 1]",
            KubeStatus.Invalid(Deployment, [one, two]).Message);
    }

    [Fact]
    public void A_revision_from_the_future_carries_the_cause_that_clients_look_for()
    {
        var status = KubeStatus.RevisionTooLarge(9, 5);

        Assert.Equal(504, status.Code);
        Assert.Equal("ResourceVersionTooLarge", Assert.Single(status.Details!.Causes).Reason);
    }
}
