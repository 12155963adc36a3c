using Mainstay.ApiServer.Http;
using Microsoft.AspNetCore.Http;

namespace Mainstay.Tests.ApiServer.Http;

public sealed class DispatcherTests
{
    [Theory]
    [InlineData(typeof(OperationCanceledException), true)]
    [InlineData(typeof(IOException), true)]
    [InlineData(typeof(ObjectDisposedException), true)]
    [InlineData(typeof(InvalidOperationException), false)]
    public void What_a_client_that_left_makes_of_its_answer_is_no_bug_of_ours(Type fault, bool isClientGone)
    {
        var thrown = (Exception)Activator.CreateInstance(fault, "x")!;
        var http = new DefaultHttpContext();
        Assert.False(Dispatcher.IsClientGone(http, thrown));

        http.RequestAborted = new CancellationToken(canceled: true);
        Assert.Equal(isClientGone, Dispatcher.IsClientGone(http, thrown));
    }
}
