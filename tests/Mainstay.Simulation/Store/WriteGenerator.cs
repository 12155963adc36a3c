using System.Globalization;
using Google.Protobuf;
using Mainstay.Etcd.Protocol;
using Mainstay.Store;

namespace Mainstay.Simulation.Store;

/// <summary>Writes of every kind over few keys and leases, so that they meet.</summary>
internal sealed class WriteGenerator(Random random)
{
    private const int Keys = 12;
    private const int Leases = 4;

    public StoreWrite[] Batch(long revision) =>
        [.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => One(revision))];

    private StoreWrite One(long revision)
    {
        switch (random.Next(20))
        {
            case < 9:
                return new StoreWrite.Put(Put(), 100);
            case < 12:
                return new StoreWrite.Delete(Delete(), 20);
            case < 15:
                return new StoreWrite.Txn(Txn(), 200);
            case 15:
                return new StoreWrite.Compact(random.NextInt64(1, revision + 2));
            case 16 or 17:
                return new StoreWrite.GrantLease(random.Next(1, Leases + 1), random.Next(2, 100));
            case 18:
                return new StoreWrite.EndLease(random.Next(1, Leases + 1));
            default:
                return new StoreWrite.SetSpaceAlarm(random.Next(4) == 0);
        }
    }

    private PutRequest Put()
    {
        var value = new byte[random.Next(4) == 0 ? random.Next(3000) : random.Next(20)];
        random.NextBytes(value);
        return new PutRequest
        {
            Key = Key(),
            Value = ByteString.CopyFrom(value),
            Lease = random.Next(3) == 0 ? random.Next(1, Leases + 1) : 0,
        };
    }

    private DeleteRangeRequest Delete() => new()
    {
        Key = Key(),
        RangeEnd = random.Next(2) == 0 ? ByteString.Empty : Key(),
    };

    private TxnRequest Txn()
    {
        var compared = Key();
        return new TxnRequest
        {
            Compare =
            {
                new Compare
                {
                    Key = compared,
                    Target = Compare.Types.CompareTarget.Version,
                    Result = Compare.Types.CompareResult.Equal,
                    Version = random.Next(3),
                },
            },
            Success = { new RequestOp { RequestPut = Put() } },
            Failure = { new RequestOp { RequestDeleteRange = Delete() } },
        };
    }

    private ByteString Key() =>
        ByteString.CopyFromUtf8("k" + random.Next(Keys).ToString("D2", CultureInfo.InvariantCulture));
}
