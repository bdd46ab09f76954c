using System.Net;
using System.Net.Http.Headers;

namespace Lowbit.Data;

/// <summary>Asks for files over https, wherever servers redirect to; over http only from this very machine.</summary>
static class WebClient
{
    const int MostRedirects = 10;

    static readonly HttpClient Client = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = Patience };

    /// <summary>How long nothing may come before a connection counts as broken.</summary>
    public static TimeSpan Patience => TimeSpan.FromSeconds(30);

    /// <summary>Asks for a file from a byte on; the answer's headers have come when this returns.</summary>
    /// <exception cref="HttpRequestException">It cannot be had, or lies where nothing is fetched from.</exception>
    public static async Task<HttpResponseMessage> Get(string url, long from, CancellationToken cancel)
    {
        var place = new Uri(url);
        bool local = place.IsLoopback;
        for (int redirects = 0; redirects <= MostRedirects; redirects++)
        {
            bool allowed = place.Scheme == Uri.UriSchemeHttps || (place.Scheme == Uri.UriSchemeHttp && local && place.IsLoopback);
            if (!allowed) throw new HttpRequestException($"it leads to {Printable.Line(place.OriginalString)}, and only https is fetched");
            using var request = new HttpRequestMessage(HttpMethod.Get, place);
            if (from > 0) request.Headers.Range = new RangeHeaderValue(from, null);
            var response = await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel).ConfigureAwait(false);
            if (!IsRedirect(response)) return response;
            bool isPlace = Uri.TryCreate(place, response.Headers.Location, out var next);
            response.Dispose();
            place = isPlace ? next! : throw new HttpRequestException("it redirects to what is no address");
        }
        throw new HttpRequestException($"it redirects more than {MostRedirects} times");
    }

    static bool IsRedirect(HttpResponseMessage response) => response.Headers.Location is not null && response.StatusCode is
        HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect
        or HttpStatusCode.PermanentRedirect;
}
