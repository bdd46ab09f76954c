using Onnx;

namespace Lowbit.Export.Reading;

/// <summary>
/// Where the data of a tensor lies that is kept in a file beside the model's, as PyTorch writes it. Nothing outside of the model's folder
/// is ever opened, neither by a path nor by a link that leads out of it.
/// </summary>
sealed class ExternalData
{
    readonly string path;
    readonly long offset, length;

    ExternalData(string path, long offset, long length) => (this.path, this.offset, this.length) = (path, offset, length);

    /// <exception cref="LowbitException">There is no such file in the folder, or it does not hold what the tensor needs.</exception>
    public static ExternalData Of(TensorProto tensor, string? folder, long needed)
    {
        if (folder is null) throw new LowbitException("its data lies in another file, which only that of an initializer may");
        var entries = tensor.ExternalData.DistinctBy(entry => entry.Key).ToDictionary(entry => entry.Key, entry => entry.Value);
        string location = entries.GetValueOrDefault("location", "");
        var file = Inside(folder, location);
        long offset = Number("offset", 0), length = Number("length", needed);
        if (length != needed) throw new LowbitException($"its data in {location} is {length} bytes long, where its shape needs {needed}");
        if (offset > file.Length - length)
            throw new LowbitException($"its {length} bytes from byte {offset} of {location} on end beyond the {file.Length} that the file has");
        return new(file.FullName, offset, length);

        long Number(string key, long otherwise) => !entries.TryGetValue(key, out string? text) ? otherwise
            : long.TryParse(text, out long number) && number >= 0 ? number
            : throw new LowbitException($"the {key} of its data in {location} is {text}; a number of bytes is expected");
    }

    public byte[] Read()
    {
        using var file = File.OpenHandle(path);
        byte[] bytes = new byte[length];
        for (int done = 0; done < bytes.Length;)
        {
            int read = RandomAccess.Read(file, bytes.AsSpan(done), offset + done);
            done += read > 0 ? read : throw new LowbitException($"{path} became shorter while it was read");
        }
        return bytes;
    }

    static FileInfo Inside(string folder, string location)
    {
        string[] parts = location.Split('/', '\\');
        if (location is "" || Path.IsPathRooted(location) || parts.Any(part => part is "" or "." or ".."))
            throw new LowbitException($"its data lies in \"{location}\"; only a file in the model's own folder is read");
        string path;
        try
        {
            path = FileIdentity.Followed(Path.Combine([folder, .. parts]));
        }
        catch (IOException error)
        {
            throw new LowbitException($"its data lies in {location}, which cannot be followed: {error.Message}", error);
        }
        if (!FileIdentity.IsWithin(FileIdentity.Followed(folder), path))
            throw new LowbitException($"its data lies in {location}, a link that leads out of the model's folder; only a file in it is read");
        return new FileInfo(path) is { Exists: true } file ? file : throw new LowbitException($"its data lies in {location}, which is not beside the model");
    }
}
