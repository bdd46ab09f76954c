using Lowbit.Configuration;

namespace Lowbit.Data;

/// <summary>
/// 70,000 grey images of 28x28 pixels in 10 classes, in IDX files: handwritten digits, or clothes that are harder to tell apart.
/// LeCun et al. 1998, "Gradient-Based Learning Applied to Document Recognition"; Xiao et al. 2017, "Fashion-MNIST: a Novel Image
/// Dataset for Benchmarking Machine Learning Algorithms".
/// </summary>
sealed record Mnist(
    string Name, PublishedFolder Folder, bool IsMirrorable, IReadOnlyList<string> Classes, float Mean, float Std) : IDataset
{
    const int Size = 28;

    // EMNIST, the largest set in this layout, has 814,255.
    const int MostImages = 1_000_000;

    static readonly string[] Files =
        ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"];

    public static Mnist Digits { get; } = new(
        "mnist",
        FolderOf(
            "mnist",
            ["https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/"],
            (9_912_422, "f68b3c2dcbeaaa9fbdd348bbdeb94873", "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
            (28_881, "d53e105ee54ea40749a09fcbcd1e9432", "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
            (1_648_877, "9fb629c4189551a2d022fa330f9573f3", "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
            (4_542, "ec29112dd5afa0611ce80d1b7f02629c", "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6")),
        IsMirrorable: false,
        ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
        Mean: 0.1307f,
        Std: 0.3081f);

    public static Mnist Fashion { get; } = new(
        "fashion_mnist",
        FolderOf(
            "fashion_mnist",
            [
                "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
                "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
            ],
            (26_421_880, "8d4fb7e6c68d591d4c3dfef9ec88bf0d", "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
            (29_515, "25c81989df183df01b3e8a0aad5dffbe", "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
            (4_422_102, "bef4ecab320f06d8554ea6380940ec79", "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
            (5_148, "bb300cfdad3c16e7a12a480ee83cd310", "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5")),
        IsMirrorable: true,
        ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"],
        Mean: 0.2860f,
        Std: 0.3530f);

    public DatasetInfo Describe(DatasetOptions options) => new(Name, 1, Size, Size, Classes, [Mean], [Std]);

    public DatasetImages Load(DatasetOptions options, IProgress<DownloadProgress>? progress, CancellationToken cancel)
    {
        string folder = Folder.Find(options, progress, cancel);
        string[] files = [.. Files.Select(file => Path.Combine(folder, file))];
        ImagesInMemory train = Read(files[0], files[1]), test = Read(files[2], files[3]);
        return new(train, test) { Notices = [.. NoticeOf(folder)] };
    }

    /// <summary>One sentence, where a file is not as published.</summary>
    IEnumerable<string> NoticeOf(string folder)
    {
        string[] others = [.. Folder.Published.Where(file => file.DifferenceOf(Path.Combine(folder, file.Name)) is not null).Select(file => file.Name)];
        if (others.Length > 0)
            yield return $"{Name} in {folder} is not as published ({string.Join(", ", others)}): a subset of it, or another version";
    }

    ImagesInMemory Read(string imageFile, string labelFile)
    {
        uint images = IdxFile.Count(imageFile, dimensions: 3), labelled = IdxFile.Count(labelFile, dimensions: 1);
        if (images != labelled) throw new LowbitException($"{imageFile} has {images} images, and {labelFile} {labelled} labels");
        if (images == 0) throw new LowbitException($"{imageFile} has 0 images");
        byte[] labels = IdxFile.Read(labelFile, MostImages), pixels = IdxFile.Read(imageFile, MostImages, Size, Size);
        int wrong = Array.FindIndex(labels, label => label >= Classes.Count);
        if (wrong >= 0) throw new LowbitException($"{labelFile} names class {labels[wrong]}; {Name} has classes 0 to {Classes.Count - 1}");
        return new(pixels, labels);
    }

    static PublishedFolder FolderOf(string name, string[] places, params (long Length, string Md5, string Sha256)[] sums) => new(name, name, Files,
    [
        .. Files.Zip(sums, (file, sum) => new PublishedFile(file, sum.Length, sum.Md5, sum.Sha256, [.. places.Select(place => place + file)])),
    ], SharesFileNames: true);
}
