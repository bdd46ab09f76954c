using Lowbit.Configuration;

namespace Lowbit.Data;

/// <summary>
/// 70,000 grey images of 28x28 pixels in 10 classes, in IDX files: handwritten digits, or clothes that are harder to tell apart.
/// LeCun et al. 1998, "Gradient-Based Learning Applied to Document Recognition"; Xiao et al. 2017, "Fashion-MNIST: a Novel Image
/// Dataset for Benchmarking Machine Learning Algorithms".
/// </summary>
sealed record Mnist(
    string Name, PublishedFolder Folder, bool IsMirrorable, IReadOnlyList<string> Classes, float Mean, float Deviation) : IDataset
{
    const int Size = 28;

    static readonly string[] Files =
        ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"];

    public static Mnist Digits { get; } = new(
        "mnist",
        FolderOf(
            "mnist",
            ["https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/"],
            "f68b3c2dcbeaaa9fbdd348bbdeb94873", "d53e105ee54ea40749a09fcbcd1e9432",
            "9fb629c4189551a2d022fa330f9573f3", "ec29112dd5afa0611ce80d1b7f02629c"),
        IsMirrorable: false,
        ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
        Mean: 0.1307f,
        Deviation: 0.3081f);

    public static Mnist Fashion { get; } = new(
        "fashion_mnist",
        FolderOf(
            "fashion_mnist",
            ["http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"],
            "8d4fb7e6c68d591d4c3dfef9ec88bf0d", "25c81989df183df01b3e8a0aad5dffbe",
            "bef4ecab320f06d8554ea6380940ec79", "bb300cfdad3c16e7a12a480ee83cd310"),
        IsMirrorable: true,
        ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"],
        Mean: 0.2860f,
        Deviation: 0.3530f);

    public DatasetInfo Describe(DatasetOptions options) => new(Name, 1, Size, Size, Classes, [Mean], [Deviation]);

    public DatasetImages Load(DatasetOptions options, IProgress<DownloadProgress>? progress, CancellationToken cancel)
    {
        string folder = Folder.Find(options, progress, cancel);
        string[] files = [.. Files.Select(file => Path.Combine(folder, file))];
        return new(Read(files[0], files[1]), Read(files[2], files[3]));
    }

    public IImageSource Augment(IImageSource images, DatasetInfo info, DatasetOptions options) =>
        new CropAndFlip(images, info, options.CropPadding, options.HorizontalFlip ?? IsMirrorable);

    ImagesInMemory Read(string imageFile, string labelFile)
    {
        byte[] labels = IdxFile.Read(labelFile), pixels = IdxFile.Read(imageFile, Size, Size);
        if (labels.Length * Size * Size != pixels.Length)
            throw new LowbitException($"{imageFile} has {pixels.Length / (Size * Size)} images, and {labelFile} {labels.Length} labels");
        int wrong = Array.FindIndex(labels, label => label >= Classes.Count);
        if (wrong >= 0) throw new LowbitException($"{labelFile} names class {labels[wrong]}; {Name} has classes 0 to {Classes.Count - 1}");
        return new(pixels, labels);
    }

    static PublishedFolder FolderOf(string name, string[] places, params string[] md5s) =>
        new(name, name, Files,
            [.. Files.Zip(md5s, (file, md5) => new PublishedFile(file, md5, [.. places.Select(place => place + file)]))],
            SharesFileNames: true);
}
