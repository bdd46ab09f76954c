using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Lowbit.Tests.Data;

/// <summary>A web server on this machine that gives files by name and, when told, ends connections midway.</summary>
sealed class FileServer : IDisposable
{
    readonly TcpListener listener = new(IPAddress.Loopback, 0);
    readonly Thread thread;

    public FileServer()
    {
        listener.Start();
        thread = new Thread(Serve) { IsBackground = true };
        thread.Start();
    }

    public Dictionary<string, byte[]> Files { get; } = [];

    /// <summary>For each connection to come, after how many bytes of the body it ends; once used up, connections last.</summary>
    public ConcurrentQueue<int> Breaks { get; } = new();

    /// <summary>For a name, the address that it is redirected to.</summary>
    public Dictionary<string, string> Redirects { get; } = [];

    /// <summary>Whether answers say how long they are.</summary>
    public bool TellsLengths { get; set; } = true;

    public bool KnowsRanges { get; set; } = true;

    /// <summary>For each request, from which byte on it asked; 0 for the whole file.</summary>
    public List<long> Requests { get; } = [];

    public string UrlOf(string file) => $"http://{listener.LocalEndpoint}/{file}";

    public void Dispose()
    {
        listener.Stop();
        thread.Join();
    }

    void Serve()
    {
        try
        {
            while (true)
            {
                using var client = listener.AcceptTcpClient();
                using var stream = client.GetStream();
                TryAnswer(client, stream);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The test is over.
        }
    }

    void TryAnswer(TcpClient client, NetworkStream stream)
    {
        try
        {
            Answer(stream);
            client.Client.Shutdown(SocketShutdown.Send);
        }
        catch (Exception error) when (error is SocketException or IOException)
        {
            // Who asked has hung up.
        }
    }

    void Answer(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, leaveOpen: true);
        string name = reader.ReadLine()!.Split(' ')[1].TrimStart('/');
        long from = 0;
        while (reader.ReadLine() is { Length: > 0 } header)
            if (header.StartsWith("Range: bytes=", StringComparison.OrdinalIgnoreCase))
                from = long.Parse(header.Split('=')[1].TrimEnd('-'), CultureInfo.InvariantCulture);
        Requests.Add(from);

        if (Redirects.TryGetValue(name, out string? place)) Write(stream, $"302 Found\r\nLocation: {place}", []);
        else if (!Files.TryGetValue(name, out byte[]? content)) Write(stream, "404 Not Found", []);
        else if (!KnowsRanges || from == 0) Write(stream, "200 OK", content);
        else if (from >= content.Length) Write(stream, "416 Range Not Satisfiable", []);
        else WriteFrom(stream, content, from);
    }

    void WriteFrom(NetworkStream stream, byte[] content, long from) =>
        Write(stream, $"206 Partial Content\r\nContent-Range: bytes {from}-{content.Length - 1}/{content.Length}", content[(int)from..]);

    void Write(NetworkStream stream, string status, byte[] body)
    {
        stream.Write(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\n{(TellsLengths ? $"Content-Length: {body.Length}\r\n" : "")}Connection: close\r\n\r\n"));
        stream.Write(Breaks.TryDequeue(out int end) ? body.AsSpan(0, Math.Min(end, body.Length)) : body);
    }
}
