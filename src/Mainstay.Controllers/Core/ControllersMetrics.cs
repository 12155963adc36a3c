using System.Diagnostics.Metrics;

namespace Mainstay.Controllers.Core;

/// <summary>What the controllers measure of themselves; docs/controllers.md lists it.</summary>
internal sealed class ControllersMetrics
{
    public const string MeterName = "Mainstay.Controllers";
    private readonly Meter _meter;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _errors;
    private readonly Counter<long> _writes;

    public ControllersMetrics(IMeterFactory factory)
    {
        _meter = factory.Create(MeterName);
        _duration = _meter.CreateHistogram<double>("mainstay_controllers_reconcile_duration_seconds");
        _errors = _meter.CreateCounter<long>("mainstay_controllers_reconcile_errors_total");
        _writes = _meter.CreateCounter<long>("mainstay_controllers_writes_total");
    }

    public void Reconciled(string loop, TimeSpan took) =>
        _duration.Record(took.TotalSeconds, new KeyValuePair<string, object?>("loop", loop));

    public void Failed(string loop) => _errors.Add(1, new KeyValuePair<string, object?>("loop", loop));

    public void Written(string kind) => _writes.Add(1, new KeyValuePair<string, object?>("kind", kind));

    /// <summary>Figures that are read when somebody asks.</summary>
    public void Observe(string name, Func<IEnumerable<Measurement<double>>> read) =>
        _meter.CreateObservableGauge(name, read);
}
