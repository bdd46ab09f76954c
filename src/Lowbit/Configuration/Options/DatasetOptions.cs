using System.ComponentModel.DataAnnotations;

namespace Lowbit.Configuration;

/// <summary>The images to train on.</summary>
public sealed record DatasetOptions
{
    /// <summary>Which dataset.</summary>
    [AllowedValues("digits", "cifar10", "cifar100", "mnist", "fashion_mnist", "imagefolder", "imagenet")]
    public string Name { get; init; } = "cifar10";

    /// <summary>The folder in which datasets are kept, each in a folder of its own; for imagefolder and imagenet the folder with train/ and val/. <c>~</c> and <c>${VARIABLE}</c> are expanded.</summary>
    [Path, MayChangeOnResume] public string Root { get; init; } = "./data";

    /// <summary>Whether a dataset that is not there is fetched from where it is published.</summary>
    public bool Download { get; init; } = true;

    /// <summary>Threads that prepare batches ahead of training; 0 prepares each batch when training asks for it.</summary>
    [Range(0, 256), MayChangeOnResume] public int NumWorkers { get; init; } = 2;

    /// <summary>The fraction of the training images that is kept aside for validation, equally of every class; 0 for none.</summary>
    [Range(0.0, 1.0, MaximumIsExclusive = true)] public double ValSplit { get; init; }

    /// <summary>What the choice of validation images, and of those within the limit, follows from.</summary>
    [Range(0, int.MaxValue)] public int Seed { get; init; } = 42;

    /// <summary>Train on this many images only, chosen so that the classes keep their proportions; by default on all.</summary>
    [Range(1, int.MaxValue)] public int? Limit { get; init; }

    /// <summary>Turn colours into grey (1) or grey into three equal channels (3); by default images keep what they have.</summary>
    [AllowedValues(null, 1, 3)] public int? Channels { get; init; }

    /// <summary>Grow or shrink images to squares of this many pixels; by default they keep their size (224 for imagefolder and imagenet).</summary>
    [Range(4, 4096)] public int? ImageSize { get; init; }

    /// <summary>Whether training images are changed at random: moved, mirrored and, where other keys say so, covered in part.</summary>
    public bool Augment { get; init; } = true;

    /// <summary>Pixels by which a training image is moved at most, each way; what comes in from outside is black.</summary>
    [Range(0, 256)] public int CropPadding { get; init; } = 4;

    /// <summary>Whether training images are mirrored half of the time; by default where a mirrored image still belongs to its class.</summary>
    public bool? HorizontalFlip { get; init; }

    /// <summary>
    /// Whether images that are mirrored are so in every other epoch, those of the first epoch chosen at random, rather than at random in each; another seed chooses others. Jordan 2024,
    /// "94% on CIFAR-10 in 3.29 Seconds on a Single GPU".
    /// </summary>
    public bool AlternatingFlip { get; init; }

    /// <summary>
    /// The side, in pixels, of a square of the dataset's mean that covers a part of every training image, its centre anywhere in the image; 0 for none. 16 for CIFAR-10 and 8
    /// for CIFAR-100. DeVries and Taylor 2017, "Improved Regularization of Convolutional Neural Networks with Cutout".
    /// </summary>
    [Range(0, 4096)] public int Cutout { get; init; }

    /// <summary>
    /// How probable it is that a rectangle of a training image, 2 to 40 % of its area and 3:10 to 10:3 in shape, becomes random pixels; 0 for none. Zhong et al. 2017, "Random
    /// Erasing Data Augmentation", which has 0.5.
    /// </summary>
    [Range(0.0, 1.0)] public double RandomErasing { get; init; }

    /// <summary>The most pixels that an image file may have, in millions; one with more counts as an image that cannot be read.</summary>
    [Range(1, 500)] public int MaxMegapixels { get; init; } = 64;

    /// <summary>What to do with an image that cannot be read.</summary>
    public CorruptImages Corrupt { get; init; } = CorruptImages.Refuse;
}

/// <summary>What to do with an image that cannot be read.</summary>
public enum CorruptImages
{
    /// <summary>Stop with an error that names it.</summary>
    Refuse,

    /// <summary>Leave it out; each epoch says how many, and names the first. An epoch without any image is an error.</summary>
    Skip,
}
