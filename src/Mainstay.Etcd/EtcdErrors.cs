using System.Collections.Frozen;
using Grpc.Core;

namespace Mainstay.Etcd;

/// <summary>
/// The errors of the etcd v3 protocol: the one place that knows their codes and exact texts. Clients match on the text,
/// so a text here may not be improved.
/// </summary>
public static class EtcdErrors
{
    public static readonly EtcdError EmptyKey =
        new(StatusCode.InvalidArgument, "etcdserver: key is not provided");

    public static readonly EtcdError KeyNotFound =
        new(StatusCode.InvalidArgument, "etcdserver: key not found");

    public static readonly EtcdError ValueProvided =
        new(StatusCode.InvalidArgument, "etcdserver: value is provided");

    public static readonly EtcdError LeaseProvided =
        new(StatusCode.InvalidArgument, "etcdserver: lease is provided");

    public static readonly EtcdError TooManyOps =
        new(StatusCode.InvalidArgument, "etcdserver: too many operations in txn request");

    public static readonly EtcdError DuplicateKey =
        new(StatusCode.InvalidArgument, "etcdserver: duplicate key given in txn request");

    public static readonly EtcdError InvalidSortOption =
        new(StatusCode.InvalidArgument, "etcdserver: invalid sort option");

    public static readonly EtcdError RequestTooLarge =
        new(StatusCode.InvalidArgument, "etcdserver: request is too large");

    public static readonly EtcdError Compacted =
        new(StatusCode.OutOfRange, "etcdserver: mvcc: required revision has been compacted");

    public static readonly EtcdError FutureRevision =
        new(StatusCode.OutOfRange, "etcdserver: mvcc: required revision is a future revision");

    public static readonly EtcdError NoSpace =
        new(StatusCode.ResourceExhausted, "etcdserver: mvcc: database space exceeded");

    public static readonly EtcdError TooManyRequests =
        new(StatusCode.ResourceExhausted, "etcdserver: too many requests");

    public static readonly EtcdError LeaseNotFound =
        new(StatusCode.NotFound, "etcdserver: requested lease not found");

    public static readonly EtcdError LeaseExists =
        new(StatusCode.FailedPrecondition, "etcdserver: lease already exists");

    public static readonly EtcdError LeaseTtlTooLarge =
        new(StatusCode.OutOfRange, "etcdserver: too large lease TTL");

    public static readonly EtcdError MemberNotFound =
        new(StatusCode.NotFound, "etcdserver: member not found");

    public static readonly EtcdError MemberExists =
        new(StatusCode.FailedPrecondition, "etcdserver: member ID already exist");

    public static readonly EtcdError PeerUrlExists =
        new(StatusCode.FailedPrecondition, "etcdserver: Peer URLs already exists");

    public static readonly EtcdError NotEnoughStarted =
        new(StatusCode.FailedPrecondition,
            "etcdserver: re-configuration failed due to not enough started members");

    public static readonly EtcdError LearnerNotReady =
        new(StatusCode.FailedPrecondition,
            "etcdserver: can only promote a learner member which is in sync with leader");

    public static readonly EtcdError BadLeaderTransferee =
        new(StatusCode.FailedPrecondition, "etcdserver: bad leader transferee");

    // 3.5 answers FailedPrecondition with the same words.
    public static readonly EtcdError NotForLearner =
        new(StatusCode.Unavailable, "etcdserver: rpc not supported for learner");

    public static readonly EtcdError NoLeader =
        new(StatusCode.Unavailable, "etcdserver: no leader");

    public static readonly EtcdError LeaderChanged =
        new(StatusCode.Unavailable, "etcdserver: leader changed");

    public static readonly EtcdError Stopped =
        new(StatusCode.Unavailable, "etcdserver: server stopped");

    public static readonly EtcdError Timeout =
        new(StatusCode.Unavailable, "etcdserver: request timed out");

    public static readonly EtcdError Unhealthy =
        new(StatusCode.Unavailable, "etcdserver: unhealthy cluster");

    public static readonly EtcdError Corrupt =
        new(StatusCode.DataLoss, "etcdserver: corrupt cluster");

    private static readonly FrozenDictionary<string, EtcdError> ByText = new[]
    {
        EmptyKey, KeyNotFound, ValueProvided, LeaseProvided, TooManyOps, DuplicateKey, InvalidSortOption,
        RequestTooLarge, Compacted, FutureRevision, NoSpace, TooManyRequests, LeaseNotFound, LeaseExists,
        LeaseTtlTooLarge, MemberNotFound, MemberExists, PeerUrlExists, NotEnoughStarted, LearnerNotReady,
        BadLeaderTransferee, NotForLearner, NoLeader, LeaderChanged, Stopped, Timeout, Unhealthy, Corrupt,
    }.ToFrozenDictionary(error => error.Text);

    /// <summary>The error of the table with this text, or null where the text is nobody's.</summary>
    public static EtcdError? Find(string text) => ByText.GetValueOrDefault(text);
}

/// <summary>One error of the protocol: what a server answers and a client recognises.</summary>
public sealed record EtcdError(StatusCode Code, string Text)
{
    public RpcException ToException() => new(new Status(Code, Text));
}
