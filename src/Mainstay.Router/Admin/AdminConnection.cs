using System.Globalization;
using System.Text;
using Mainstay.Router.Http1;
using Mainstay.Router.Linux;
using Mainstay.Router.EventLoops;
using Mainstay.Router.Transport;

namespace Mainstay.Router.Admin;

/// <summary>
/// One connection to the admin port, on the admin loop: the data path's parser in front of whole pages. It answers one
/// request and closes; a page may be large, so it is sent as the reader takes it.
/// </summary>
internal sealed class AdminConnection : Watched, ITimed
{
    private const long DeadlineMicros = 10_000_000;

    /// <summary>What is done on request may take a minute; its own deadline comes first.</summary>
    private const long PostDeadlineMicros = 70_000_000;

    private readonly EventLoop _loop;
    private readonly AdminPages _pages;
    private readonly PlainTransport _transport = new();
    private readonly RequestHead _head = new();
    private readonly TimerNode _timer;
    private ByteBuffer? _in;
    private byte[]? _answer;
    private int _sent;
    private bool _waits;

    private AdminConnection(EventLoop loop, AdminPages pages)
    {
        _loop = loop;
        _pages = pages;
        _timer = new TimerNode(this);
    }

    public static void Open(EventLoop loop, AdminPages pages, int descriptor)
    {
        var connection = new AdminConnection(loop, pages);
        connection._transport.Open(descriptor);
        if (!loop.Watch(connection, descriptor))
        {
            connection._transport.Close(reset: false);
            return;
        }

        connection._head.Reset();
        connection._in = loop.Buffers.Rent();
        loop.Timers.Set(connection._timer, loop.NowMicros + DeadlineMicros);
    }

    public override void OnEvents(uint flags)
    {
        if ((flags & (Epoll.Failed | Epoll.HungUp)) != 0)
        {
            Close();
        }
        else if (_waits)
        {
            // Nothing more is read of it; a body, if there was one, is of no interest.
        }
        else if (_answer is null)
        {
            Read();
        }
        else
        {
            Send();
        }
    }

    public override void OnAgain()
    {
    }

    public void OnDeadline(long nowMicros) => Close();

    private void Read()
    {
        while (_in is not null)
        {
            var count = _transport.Receive(_in.Free);
            if (count == ByteTransport.WouldBlock)
            {
                return;
            }

            if (count <= 0)
            {
                Close();
                return;
            }

            _in.Grow(count);
            var status = _head.Parse(_in.Filled);
            if (status != ParseStatus.NeedMore)
            {
                Take(status, _in.Filled);
                return;
            }
        }
    }

    private void Take(ParseStatus status, ReadOnlySpan<byte> message)
    {
        if (status != ParseStatus.Complete)
        {
            Answer(AdminAnswer.Text("400 Bad Request", "bad request\n"));
            return;
        }

        var target = Encoding.ASCII.GetString(_head.Path(message));
        var mark = target.IndexOf('?', StringComparison.Ordinal);
        var (path, query) = mark < 0 ? (target, "") : (target[..mark], target[(mark + 1)..]);
        if (_head.Method == Method.Post && ActGuard.Refusal(
            Tcp.IsPeerLoopback(_transport.Descriptor), _head.Headers, message) is { } stranger)
        {
            Answer(AdminAnswer.Text("403 Forbidden", stranger));
            return;
        }

        if (_head.Method == Method.Post && _pages.Post(path, query) is { } action)
        {
            _waits = true;
            _loop.Timers.Set(_timer, _loop.NowMicros + PostDeadlineMicros);
            // The answer goes out on the loop's thread, if its reader is still there.
            action.GetAwaiter().OnCompleted(() => _loop.Post(() => Done(action)));
            return;
        }

        const string Refusal = "only GET and HEAD, and POST to /prove and /fallback/NAMESPACE/SERVICE\n";
        Answer(_head.Method is Method.Get or Method.Head
            ? _pages.Get(path)
            : AdminAnswer.Text("405 Method Not Allowed", Refusal));
    }

    private void Done(Task<AdminAnswer> action)
    {
        if (Slot >= 0)
        {
            _waits = false;
            Answer(action.IsCompletedSuccessfully
                ? action.Result
                : AdminAnswer.Text("500 Internal Server Error", $"{action.Exception?.InnerException?.Message}\n"));
        }
    }

    private void Answer(AdminAnswer answer)
    {
        var head = string.Create(
            CultureInfo.InvariantCulture,
            $"HTTP/1.1 {answer.Status}\r\ncontent-type: {answer.ContentType}\r\n" +
            $"content-length: {answer.Body.Length}\r\nconnection: close\r\n\r\n");
        var body = _head.Method == Method.Head ? default : answer.Body;
        _answer = [.. Encoding.ASCII.GetBytes(head), .. body.Span];
        Send();
    }

    private void Send()
    {
        while (_answer is not null && _sent < _answer.Length)
        {
            var count = _transport.Send(_answer.AsSpan(_sent));
            if (count == ByteTransport.WouldBlock)
            {
                return;
            }

            if (count < 0)
            {
                Close();
                return;
            }

            _sent += count;
        }

        Close();
    }

    private void Close()
    {
        _loop.Timers.Remove(_timer);
        _loop.Forget(this);
        _loop.Buffers.Return(ref _in);
        _transport.Close(reset: false);
    }
}
