using System.Collections.Immutable;
using Mainstay.Kube;

namespace Mainstay.Router.Discovery.Brake;

/// <summary>An endpoint that nobody lists any more and that is kept in use. Frozen.</summary>
/// <param name="Service">whose it is, as it was heard last, with the selector by which its pods are asked for</param>
/// <param name="Slice">where it was listed last</param>
/// <param name="Ports">of that slice</param>
/// <param name="Address">as it was listed last</param>
internal sealed record HeldEndpoint(
    ServiceObject Service, ObjectKey Slice, ImmutableArray<ServicePort> Ports, SliceAddress Address)
{
    /// <summary>The Service itself is gone too, with most others.</summary>
    public bool HoldsService { get; init; }

    /// <summary>A pod that stands in two slices, with a port in each, is two endpoints.</summary>
    public string Id => $"{Service.Key} {Slice.Name} {Address.Address} {Address.Uid}";
}
