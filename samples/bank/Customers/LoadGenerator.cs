using System.Threading.Channels;
using Bank.Shared;

namespace Bank.Customers;

/// <summary>
/// Sends customers on their journeys at a steady rate, whatever becomes of them. Each journey has its own customers
/// (workers), so that one that hangs takes nothing from the others. A payment is tried again under its id until its
/// outcome is known. Nobody comes before the bank is open: its services start one after the other, and what a customer
/// met meanwhile would look like an outage.
/// </summary>
internal sealed class LoadGenerator(
    Teller teller, ServiceSettings settings, ServiceSeams seams, ILogger<LoadGenerator> logger)
    : BackgroundService
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan OpeningLook = TimeSpan.FromSeconds(1);

    /// <summary>Then they come all the same: a bank that is down at its customers' start has customers.</summary>
    private const int OpeningLooksMax = 10;

    private readonly Lane[] _lanes = [.. Enum.GetValues<Journey>().Select(_ => new Lane())];
    private readonly DateTimeOffset _since = seams.Time.GetUtcNow();

    /// <summary>One turn sends under one rate: once a rate is set, nobody is sent under the one before.</summary>
    private readonly Lock _turn = new();

    private double _ratePerSecond = settings.RatePerSecond;
    private long _number;

    /// <summary>Names this run: two runs share no payment.</summary>
    public string Run { get; } = $"run-{seams.Chance.NextId()[..10]}";

    public AcceptedJournal Accepted { get; } = new();

    public double RatePerSecond
    {
        get => Volatile.Read(ref _ratePerSecond);
        set
        {
            lock (_turn)
            {
                Volatile.Write(ref _ratePerSecond, value);
            }
        }
    }

    public LoadReport Report() => new(
        Run,
        RatePerSecond,
        _since,
        Accepted.Count,
        [.. _lanes.Select((lane, index) =>
            lane.Figures.Report(NameOf((Journey)index), Interlocked.Read(ref lane.Pending)))]);

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var workers = _lanes.SelectMany(lane => Enumerable.Range(0, Limits.CustomersPerJourneyMax)
            .Select(_ => WorkAsync(lane, stoppingToken)));
        return Task.WhenAll([PaceAsync(stoppingToken), LogAsync(stoppingToken), .. workers]);
    }

    private async Task WaitForOpeningAsync(CancellationToken stoppingToken)
    {
        for (var look = 0; look < OpeningLooksMax && !await teller.IsOpenAsync(stoppingToken); look++)
        {
            await Task.Delay(OpeningLook, seams.Time, stoppingToken);
        }
    }

    private async Task PaceAsync(CancellationToken stoppingToken)
    {
        await WaitForOpeningAsync(stoppingToken);
        logger.LoadStarts(Run, RatePerSecond);
        using var timer = new PeriodicTimer(Tick, seams.Time);
        var last = seams.Time.GetTimestamp();
        var due = 0.0;
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var now = seams.Time.GetTimestamp();
            due = Turn(due, seams.Time.GetElapsedTime(last, now));
            last = now;
        }
    }

    /// <returns>what of a customer is still due</returns>
    private double Turn(double due, TimeSpan elapsed)
    {
        lock (_turn)
        {
            var rate = RatePerSecond;

            // After a pause of the whole machine the missed customers do not all come at once.
            for (due = Math.Min(due + (rate * elapsed.TotalSeconds), Math.Max(rate, 1)); due >= 1; due--)
            {
                Send(++_number);
            }

            return due;
        }
    }

    /// <summary>A payment is pending from here on: who waits for a worker is not forgotten.</summary>
    private void Send(long number)
    {
        var plan = JourneyPlan.Number(Run, number);
        var lane = _lanes[(int)plan.Journey];
        var pending = plan.MovesMoney ? 1 : 0;
        Interlocked.Add(ref lane.Pending, pending);
        if (!lane.Queue.Writer.TryWrite(number))
        {
            Interlocked.Add(ref lane.Pending, -pending);
            lane.Figures.Shed();
        }
    }

    private async Task WorkAsync(Lane lane, CancellationToken stoppingToken)
    {
        await foreach (var number in lane.Queue.Reader.ReadAllAsync(stoppingToken))
        {
            lane.Figures.Sent();
            var plan = JourneyPlan.Number(Run, number);
            if (plan.MovesMoney)
            {
                await PayAsync(lane, plan, number, stoppingToken);
            }
            else
            {
                var start = seams.Time.GetTimestamp();
                var problem = await teller.LookAsync(plan, stoppingToken);
                Count(lane.Figures, problem, seams.Time.GetElapsedTime(start));
            }
        }
    }

    private async Task PayAsync(Lane lane, JourneyPlan plan, long number, CancellationToken stoppingToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var start = seams.Time.GetTimestamp();
            var problem = (await teller.PayAsync(plan, stoppingToken)).Problem;
            if (Count(lane.Figures, problem, seams.Time.GetElapsedTime(start)))
            {
                if (problem is null)
                {
                    Accepted.Accept(number);
                }

                Interlocked.Decrement(ref lane.Pending);
                return;
            }

            // 0.1 s, doubling up to 2 s, each half by chance: a person who presses the button again.
            var pause = Math.Min(2.0, 0.1 * Math.Pow(2, attempt - 1)) * (0.5 + (seams.Chance.NextDouble() / 2));
            await Task.Delay(TimeSpan.FromSeconds(pause), seams.Time, stoppingToken);
        }
    }

    /// <summary>True: the outcome is known.</summary>
    private static bool Count(JourneyFigures figures, Problem? problem, TimeSpan took)
    {
        switch (problem)
        {
            case null:
                figures.Succeeded(took);
                return true;
            case { Status: >= 400 and < 500 }:
                figures.Refused(took);
                return true;
            default:
                figures.AttemptFailed(problem.Detail);
                return false;
        }
    }

    private async Task LogAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LogInterval, seams.Time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var journeys = Report().Journeys;
            logger.LoadGoesOn(
                Run,
                journeys.Sum(journey => journey.Sent),
                journeys.Sum(journey => journey.Succeeded),
                journeys.Sum(journey => journey.Refused),
                journeys.Sum(journey => journey.FailedAttempts),
                journeys.Sum(journey => journey.Pending));
        }
    }

    private static string NameOf(Journey journey) => journey switch
    {
        Journey.CardPayment => "card-payment",
        Journey.PrepaidCard => "prepaid-card",
        Journey.Transfer => "transfer",
        Journey.FeedAndBalance => "feed-and-balance",
        _ => "customer-operations",
    };

    private sealed class Lane
    {
        public JourneyFigures Figures { get; } = new();

        /// <summary>
        /// A customer who finds nobody free turns round: the queue holds no more than can be served at once.
        /// </summary>
        public Channel<long> Queue { get; } = Channel.CreateBounded<long>(Limits.CustomersPerJourneyMax);

        public long Pending;
    }
}
