using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Orchestrator.Web.Tests.Telemetry;

/// <summary>A span as it came over the wire.</summary>
internal sealed record Span(string TraceId, string Id, string ParentId, string Name, IReadOnlyDictionary<string, string> Tags, IReadOnlyList<string> LinkedTraces);

/// <summary>An OpenTelemetry collector: takes OTLP over HTTP, in protobuf, and keeps all of it.</summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<(string Path, byte[] Body)> _taken = new();

    private Collector(WebApplication app) => _app = app;

    public string Address => _app.Urls.First();

    public IReadOnlyList<Span> Spans => [.. BodiesOf("/v1/traces").SelectMany(SpansOf)];

    public IEnumerable<byte[]> Everything => _taken.Select(taken => taken.Body);

    public static async Task<Collector> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var collector = new Collector(builder.Build());
        collector._app.Run(collector.TakeAsync);
        await collector._app.StartAsync();
        return collector;
    }

    public IEnumerable<byte[]> BodiesOf(string path) => _taken.Where(taken => taken.Path == path).Select(taken => taken.Body);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        _taken.Enqueue((context.Request.Path, body.ToArray()));
        context.Response.ContentType = "application/x-protobuf";
    }

    /// <summary><c>ExportTraceServiceRequest</c>: resource spans, scope spans, spans.</summary>
    private static IEnumerable<Span> SpansOf(byte[] request) =>
        from resource in Field.Read(request).Where(field => field.Number == 1)
        from scope in Field.Read(resource.Bytes).Where(field => field.Number == 2)
        from span in Field.Read(scope.Bytes).Where(field => field.Number == 2)
        let fields = Field.Read(span.Bytes)
        select new Span(
            Hex(fields, 1), Hex(fields, 2), Hex(fields, 4), Text(fields, 5),
            fields.Where(field => field.Number == 9).Select(field => Field.Read(field.Bytes)).ToDictionary(tag => Text(tag, 1), tag => Value(tag.First(field => field.Number == 2).Bytes)),
            [.. fields.Where(field => field.Number == 13).Select(link => Hex(Field.Read(link.Bytes), 1))]);

    private static string Hex(List<Field> fields, int number) =>
        Convert.ToHexStringLower(fields.FirstOrDefault(field => field.Number == number)?.Bytes ?? []);

    private static string Text(List<Field> fields, int number) =>
        Encoding.UTF8.GetString(fields.FirstOrDefault(field => field.Number == number)?.Bytes ?? []);

    /// <summary><c>AnyValue</c>: a text, or a number.</summary>
    private static string Value(byte[] any) => Field.Read(any) is [var field, ..]
        ? field.Number == 1 ? Encoding.UTF8.GetString(field.Bytes) : field.Numeral.ToString(CultureInfo.InvariantCulture)
        : "";

    /// <summary>A field of a protobuf message.</summary>
    private sealed record Field(int Number, byte[] Bytes, ulong Numeral)
    {
        public static List<Field> Read(byte[] message)
        {
            var fields = new List<Field>();
            for (var at = 0; at < message.Length;)
            {
                var key = Varint(message, ref at);
                var number = (int)(key >> 3);
                switch (key & 7)
                {
                    case 0:
                        fields.Add(new Field(number, [], Varint(message, ref at)));
                        break;
                    case 1:
                        fields.Add(new Field(number, [], BitConverter.ToUInt64(message, at)));
                        at += 8;
                        break;
                    case 2:
                        var length = (int)Varint(message, ref at);
                        fields.Add(new Field(number, message[at..(at + length)], 0));
                        at += length;
                        break;
                    case 5:
                        fields.Add(new Field(number, [], BitConverter.ToUInt32(message, at)));
                        at += 4;
                        break;
                    default:
                        throw new InvalidDataException($"There is no wire type {key & 7}.");
                }
            }
            return fields;
        }

        private static ulong Varint(byte[] message, ref int at)
        {
            var value = 0UL;
            for (var shift = 0; ; shift += 7)
            {
                var octet = message[at++];
                value |= (ulong)(octet & 0x7F) << shift;
                if (octet < 0x80)
                {
                    return value;
                }
            }
        }
    }
}
