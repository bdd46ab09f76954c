namespace Lowbit.Export.Interpretation.Operators;

/// <summary>How a kernel slides along one axis of an image: where it stands for each output, and which of its taps fall inside.</summary>
readonly record struct Sliding(int Input, int Kernel, int Stride, int Dilation, int Before, int After, int Output)
{
    /// <summary>Position in the input that a tap looks at; outside 0 to <see cref="Input"/> it looks at padding.</summary>
    public int Position(int output, int tap) => output * Stride - Before + tap * Dilation;

    public bool Contains(int position) => position >= 0 && position < Input;

    /// <summary>Taps of all outputs together that look at the image, at most: a kernel larger than it costs no more than it.</summary>
    public double TapsInside() => (double)Output * Math.Min(Kernel, (Input - 1L) / Dilation + 1);

    /// <summary>Taps that stand on the image or its padding; with ceil_mode the last window can hang over the end of both.</summary>
    public int TapsWithPadding(int output)
    {
        int room = Input + After - Position(output, 0);
        return Math.Min(Kernel, (room + Dilation - 1) / Dilation);
    }
}

/// <summary>How a kernel slides over images [N, C, H, W], or over signals [N, C, W], which are images of height 1.</summary>
readonly record struct Window(Sliding Vertical, Sliding Horizontal)
{
    const int Largest = 1 << 16;

    /// <summary>Reads strides, pads, dilations, auto_pad and ceil_mode from a node.</summary>
    /// <param name="node">A convolution or pool.</param>
    /// <param name="image">Its input, [N, C, H, W].</param>
    /// <param name="kernel">The kernel's size along as many axes as the node has them.</param>
    public static Window Of(OnnxNode node, NdArray image, int[] kernel)
    {
        int axes = kernel.Length;
        int[] strides = node.Ints("strides") ?? [.. Enumerable.Repeat(1, axes)];
        int[] dilations = node.Ints("dilations") ?? [.. Enumerable.Repeat(1, axes)];
        int[] pads = node.Ints("pads") ?? new int[2 * axes];
        if (axes is not (1 or 2) || strides.Length != axes || dilations.Length != axes || pads.Length != 2 * axes)
            throw new LowbitException("its kernel_shape, strides, dilations and pads are not those of one or two axes");
        if (kernel.Concat(strides).Concat(dilations).Any(size => size is < 1 or > Largest) || pads.Any(pad => pad is < 0 or > Largest))
            throw new LowbitException($"its kernel_shape, strides, dilations and pads must be positive and at most {Largest}");

        string autoPad = node.Text("auto_pad", "NOTSET");
        bool ceil = node.Flag("ceil_mode");
        var horizontal = Along(image.Shape[3], axes - 1);
        return new Window(axes == 2 ? Along(image.Shape[2], 0) : new Sliding(image.Shape[2], 1, 1, 1, 0, 0, image.Shape[2]), horizontal);

        Sliding Along(int input, int axis)
        {
            long extent = (kernel[axis] - 1L) * dilations[axis] + 1;
            int stride = strides[axis];
            var (before, after) = autoPad switch
            {
                "NOTSET" => (pads[axis], pads[axis + axes]),
                "VALID" => (0, 0),
                "SAME_UPPER" => Same(input, stride, extent, oddAtEnd: true),
                "SAME_LOWER" => Same(input, stride, extent, oddAtEnd: false),
                _ => throw new LowbitException($"its auto_pad is {autoPad}; NOTSET, VALID, SAME_UPPER and SAME_LOWER are known"),
            };
            long room = (long)input + before + after - extent;
            if (room < 0)
                throw new LowbitException($"its kernel covers {extent} of the {input + before + after} elements there are");
            long output = (ceil ? (room + stride - 1) / stride : room / stride) + 1;
            // A window that would start in the padding after the image is left out.
            if (ceil && (output - 1) * stride >= input + before)
                output--;
            return new Sliding(input, kernel[axis], stride, dilations[axis], before, after, (int)Math.Min(output, int.MaxValue));
        }
    }

    static (int Before, int After) Same(int input, int stride, long extent, bool oddAtEnd)
    {
        long outputs = ((long)input + stride - 1) / stride;
        int padding = (int)Math.Clamp((outputs - 1) * stride + extent - input, 0, int.MaxValue);
        return oddAtEnd ? (padding / 2, padding - padding / 2) : (padding - padding / 2, padding / 2);
    }

    /// <summary>Images as [N, C, H, W], signals with a height of 1.</summary>
    public static NdArray AsImages(NdArray x) => x.Rank switch
    {
        4 => x,
        3 => x.Reshape([x.Shape[0], x.Shape[1], 1, x.Shape[2]]),
        _ => throw new LowbitException($"it takes images [N, C, H, W], not shape {NdArray.Text(x.Shape)}"),
    };

    /// <summary>Undoes <see cref="AsImages"/> where the input was a signal.</summary>
    public static NdArray As(int rank, NdArray images) =>
        rank == 4 ? images : images.Reshape([images.Shape[0], images.Shape[1], images.Shape[3]]);
}
