namespace Mainstay.Up;

/// <summary>What <c>up</c> tells while it works: one line per step with the seconds since it began.</summary>
internal sealed class Progress(TextWriter output, TimeProvider time)
{
    private readonly long _began = time.GetTimestamp();

    public TimeSpan Elapsed => time.GetElapsedTime(_began);

    public void Step(string what) => output.WriteLine($"{Elapsed.TotalSeconds,6:0.0} s  {what}");

    public void Line(string text) => output.WriteLine(text);
}
