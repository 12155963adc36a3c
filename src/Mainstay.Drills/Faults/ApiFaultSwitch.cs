using System.Collections.Immutable;

namespace Mainstay.Drills.Faults;

/// <summary>
/// The faults of one proxy that are on. Every change wakes whoever waits for a fault to be lifted. Thread safe.
/// </summary>
public sealed class ApiFaultSwitch
{
    private readonly Lock _lock = new(); // guards both fields below
    private ImmutableArray<ApiFault> _on = [];
    private TaskCompletionSource _changed = Fresh();

    public ImmutableArray<ApiFault> On
    {
        get
        {
            lock (_lock)
            {
                return _on;
            }
        }
    }

    /// <summary>On; one of the same name is replaced.</summary>
    public void TurnOn(ApiFault fault) =>
        Change(on => [.. on.Where(other => other.Name != fault.Name), fault]);

    /// <summary>Off; nothing happens where none of that name is on.</summary>
    public void TurnOff(string name) => Change(on => [.. on.Where(fault => fault.Name != name)]);

    public void Clear() => Change(_ => []);

    /// <summary>The first fault for this call with such an effect; null where none is on.</summary>
    internal T? EffectOn<T>(ApiCall call)
        where T : ApiEffect
    {
        foreach (var fault in On)
        {
            if (fault.Effect is T effect && fault.IsFor(call))
            {
                return effect;
            }
        }

        return null;
    }

    /// <summary>Returns once no <see cref="ApiEffect.Mute"/> is on for this call.</summary>
    internal async Task WhileMuteAsync(ApiCall call, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                changed = _changed.Task;
            }

            if (EffectOn<ApiEffect.Mute>(call) is null)
            {
                return;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    private void Change(Func<ImmutableArray<ApiFault>, ImmutableArray<ApiFault>> change)
    {
        TaskCompletionSource before;
        lock (_lock)
        {
            _on = change(_on);
            before = _changed;
            _changed = Fresh();
        }

        before.SetResult();
    }

    private static TaskCompletionSource Fresh() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
