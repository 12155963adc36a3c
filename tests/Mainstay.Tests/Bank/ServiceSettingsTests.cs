using System.Collections;
using Bank.Shared;

namespace Mainstay.Tests.Bank;

public sealed class ServiceSettingsTests
{
    [Fact]
    public void The_pods_address_is_all_that_is_needed()
    {
        var (settings, faults) = ServiceSettings.Read(["ledger"], Environment(("POD_IP", "127.17.0.5")));

        Assert.Empty(faults);
        Assert.Equal(
            ("127.17.0.5", 8080, "http://127.17.0.5:4140/", "/data"),
            (settings!.Address.ToString(), settings.Port, settings.Router!.ToString(), settings.DataFolder));
    }

    [Fact]
    public void Every_fault_is_told_at_once()
    {
        var (settings, faults) = ServiceSettings.Read(
            ["ledger", "v9"],
            Environment(("POD_IP", "x"), ("PORT", "99999"), ("RATE", "fast")));

        Assert.Null(settings);
        Assert.Equal(4, faults.Count);
        Assert.Contains(faults, fault => fault.StartsWith("POD_IP", StringComparison.Ordinal));
        Assert.Contains(faults, fault => fault.StartsWith("PORT", StringComparison.Ordinal));
        Assert.Contains(faults, fault => fault.StartsWith("RATE", StringComparison.Ordinal));
        Assert.Contains(faults, fault => fault.Contains("v9", StringComparison.Ordinal));
    }

    [Fact]
    public void Names_can_be_called_directly_where_there_is_no_router()
    {
        var (settings, _) = ServiceSettings.Read(
            ["gateway"], Environment(("POD_IP", "10.0.0.5"), ("ROUTER_URL", "direct")));

        Assert.Null(settings!.Router);
    }

    private static Hashtable Environment(params (string Name, string Value)[] values)
    {
        var table = new Hashtable();
        foreach (var (name, value) in values)
        {
            table[name] = value;
        }

        return table;
    }
}
