namespace Lowbit.Tests.Data;

/// <summary>Small files in the layout of the official binary download of CIFAR-10.</summary>
static class CifarFiles
{
    public const int ImagesPerFile = 20;

    /// <summary>The byte of one pixel: what a reader that mixes up planes, rows or images would not find where it looks.</summary>
    public static byte Pixel(int file, int image, int channel, int row, int column) =>
        (byte)(file * 41 + image * 7 + channel * 83 + row * 5 + column);

    public static byte Label(int file, int image) => (byte)((file + image) % 10);

    public static void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        for (int file = 1; file <= 5; file++) File.WriteAllBytes(Path.Combine(folder, $"data_batch_{file}.bin"), Content(file));
        File.WriteAllBytes(Path.Combine(folder, "test_batch.bin"), Content(6));
    }

    static byte[] Content(int file)
    {
        var bytes = new MemoryStream();
        for (int image = 0; image < ImagesPerFile; image++)
        {
            bytes.WriteByte(Label(file, image));
            for (int channel = 0; channel < 3; channel++)
                for (int row = 0; row < 32; row++)
                    for (int column = 0; column < 32; column++)
                        bytes.WriteByte(Pixel(file, image, channel, row, column));
        }
        return bytes.ToArray();
    }
}
