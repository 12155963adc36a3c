using System.Collections.Immutable;
using System.Text.Json.Nodes;
using static Mainstay.ApiServer.Schema.Declare;

namespace Mainstay.ApiServer.Schema.Types;

/// <summary>How a container is asked whether it is well, and what is done around its life.</summary>
internal static class ProbeTypes
{
    private static readonly ImmutableArray<string> Handlers = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"];

    private static readonly ObjectSchema ExecAction = Define("api.core.v1.ExecAction",
        "Runs a program in the container; exit code 0 is success.",
        Texts("command", "The program and its arguments; no shell is involved.").NotEmpty());

    private static readonly ObjectSchema HttpHeader = Define("api.core.v1.HTTPHeader",
        "A header of a request.",
        Text("name", "Its name.").Required().CheckedBy(Checks.Named(NameRules.IsHeaderName)),
        Text("value", "Its value.").Always());

    private static readonly ObjectSchema HttpGetAction = Define("api.core.v1.HTTPGetAction",
        "Sends a GET; a status from 200 to 399 is success.",
        Text("path", "The path.").DefaultsTo("/"),
        IntOrString("port", "The port, by number or name.").Required().CheckedBy(Checks.PortNumberOrName),
        Text("host", "The host to connect to; the pod's address where there is none."),
        Text("scheme", "HTTP or HTTPS.").InGo("v1.URIScheme").OneOf("HTTP", "HTTPS").DefaultsTo("HTTP"),
        Many("httpHeaders", HttpHeader, "Headers to send along."));

    private static readonly ObjectSchema TcpSocketAction = Define("api.core.v1.TCPSocketAction",
        "Opens a connection; that it opens is success.",
        IntOrString("port", "The port, by number or name.").Required().CheckedBy(Checks.PortNumberOrName),
        Text("host", "The host to connect to; the pod's address where there is none."));

    private static readonly ObjectSchema GrpcAction = Define("api.core.v1.GRPCAction",
        "Asks the gRPC health service.",
        Int32("port", "The port.").Required().CheckedBy(Checks.Port),
        Text("service", "The service to ask about."));

    private static readonly ObjectSchema SleepAction = Define("api.core.v1.SleepAction",
        "Waits.",
        Int64("seconds", "How long.").Required());

    public static readonly ObjectSchema Probe = Define("api.core.v1.Probe",
        "A question put to a container again and again.",
        One("exec", ExecAction, "By a program."),
        One("httpGet", HttpGetAction, "By a request."),
        One("tcpSocket", TcpSocketAction, "By a connection."),
        One("grpc", GrpcAction, "By the gRPC health service."),
        Int32("initialDelaySeconds", "The seconds from the start of the container to the first try.").AtLeast(0),
        Int32("timeoutSeconds", "The seconds after which a try has failed.").AtLeast(0).DefaultsTo(1).ZeroIsUnset(),
        Int32("periodSeconds", "The seconds from one try to the next.").AtLeast(0).DefaultsTo(10).ZeroIsUnset(),
        Int32("successThreshold", "The successes in a row that make it well.").AtLeast(0).DefaultsTo(1).ZeroIsUnset(),
        Int32("failureThreshold", "The failures in a row that make it ill.").AtLeast(0).DefaultsTo(3).ZeroIsUnset(),
        Int64("terminationGracePeriodSeconds", "The seconds a container is given to end when this probe fails."))
        .CheckedBy(CheckHandler);

    private static readonly ObjectSchema LifecycleHandler = Define("api.core.v1.LifecycleHandler",
        "Something done to a container: one of these.",
        One("exec", ExecAction, "Run a program in it."),
        One("httpGet", HttpGetAction, "Send it a request."),
        One("tcpSocket", TcpSocketAction, "Not used."),
        One("sleep", SleepAction, "Wait."))
        .CheckedBy(CheckHandler);

    public static readonly ObjectSchema Lifecycle = Define("api.core.v1.Lifecycle",
        "What is done around the life of a container.",
        One("postStart", LifecycleHandler, "Right after its start; it is ended if this fails."),
        One("preStop", LifecycleHandler, "Before it is told to end; the grace period runs meanwhile."),
        Text("stopSignal", "The signal that tells it to end.").InGo("v1.Signal"));

    private static void CheckHandler(JsonObject value, FieldPath path, FieldErrors errors)
    {
        var given = Handlers.Where(value.ContainsKey).ToList();
        if (given.Count == 0)
        {
            errors.Required(path, "must specify a handler type");
        }

        foreach (var extra in given.Skip(1))
        {
            errors.Forbidden(path.Child(extra), "may not specify more than 1 handler type");
        }
    }
}
