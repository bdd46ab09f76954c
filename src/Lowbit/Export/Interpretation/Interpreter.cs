namespace Lowbit.Export.Interpretation;

/// <summary>
/// The reference that exported files are held against: computes a file's graph node by node, in double precision and by the letter of the
/// operators' documents.
/// It shares nothing with the networks that are trained but the file.
/// </summary>
sealed class Interpreter : IOnnxEngine
{
    readonly OnnxModel model;

    /// <summary>What does not depend on the image.</summary>
    readonly Dictionary<string, NdArray> constants;

    readonly List<(OnnxNode Node, string[] LastUsed)> steps;

    public Interpreter(OnnxModel model) : this(model, FoldedGraph.Of(model))
    {
    }

    public Interpreter(OnnxModel model, FoldedGraph folded)
    {
        this.model = model;
        var used = folded.PerImage.SelectMany(node => node.Inputs).Append(model.Output.Name).ToHashSet();
        constants = folded.Constants.Where(constant => used.Contains(constant.Key)).ToDictionary();
        steps = WithLastUses(folded.PerImage);
    }

    /// <summary>The file's output for each image, one after the other: [N, ...]. Images are spread over all processors.</summary>
    /// <param name="images">As many as one likes, [N, ...]; each of as many values as the file's input has for one.</param>
    public NdArray Run(NdArray images)
    {
        int[] shape = model.InputShape(images.Shape);
        int batch = shape[0], count = images.Shape[0];
        var outputs = new NdArray[(count + batch - 1) / batch];
        int imageSize = images.Count / Math.Max(1, count);
        try
        {
            Parallel.For(0, outputs.Length, i =>
            {
                var input = NdArray.Zeros(shape);
                int from = i * batch * imageSize;
                images.Data.AsSpan(from, Math.Min(input.Count, images.Count - from)).CopyTo(input.Data);
                outputs[i] = RunOnce(input);
            });
        }
        catch (AggregateException failed) when (failed.InnerException is LowbitException problem)
        {
            throw new LowbitException(problem.Message, failed);
        }
        int outputSize = outputs.Length == 0 ? 0 : outputs[0].Count / batch;
        return new NdArray([count, outputSize], [.. outputs.SelectMany(output => output.Data).Take(count * outputSize)]);
    }

    /// <summary>Nothing: the interpreter holds only managed memory.</summary>
    public void Dispose()
    {
    }

    /// <summary>The output for one input of the file's own shape.</summary>
    /// <param name="input">The images.</param>
    /// <param name="computed">Is shown each node that has been computed, with the arrays that are known then, its inputs and outputs among them.</param>
    public NdArray RunOnce(NdArray input, Action<OnnxNode, IReadOnlyDictionary<string, NdArray>>? computed = null)
    {
        var known = new Dictionary<string, NdArray>(constants) { [model.Input.Name] = input };
        foreach (var (node, lastUsed) in steps)
        {
            Compute(model, node, known);
            computed?.Invoke(node, known);
            foreach (string spent in lastUsed)
                known.Remove(spent);
        }
        return known.TryGetValue(model.Output.Name, out var output)
            ? output
            : throw new LowbitException($"{model.Path} cannot be run: no node makes its output {model.Output.Name}");
    }

    /// <summary>Computes one node from arrays that are known, and adds what it gives to them.</summary>
    /// <exception cref="LowbitException">The node's operator is unknown, or cannot compute from these inputs; names the node.</exception>
    public static void Compute(OnnxModel model, OnnxNode node, Dictionary<string, NdArray> known)
    {
        try
        {
            NdArray?[] inputs = [.. node.Inputs.Select(input => input is "" ? null : known.GetValueOrDefault(input)
                ?? throw new LowbitException($"it reads {input}, an output that its node does not give in evaluation"))];
            var outputs = OperatorTable.Find(node)(new Call(node, inputs));
            for (int i = 0; i < Math.Min(outputs.Length, node.Outputs.Count); i++)
                known[node.Outputs[i]] = outputs[i];
        }
        catch (LowbitException problem)
        {
            throw new LowbitException($"{model.Path} cannot be run: node {node.Name} ({node.Kind}): {problem.Message}", problem);
        }
        // Operators check what they have words for; whatever else a damaged file makes of their inputs ends here.
        catch (Exception problem) when (problem
            is IndexOutOfRangeException or ArgumentException or OverflowException or InvalidOperationException or DivideByZeroException)
        {
            var shapes = node.Inputs.Select(input => known.TryGetValue(input, out var array) ? NdArray.Text(array.Shape) : "nothing");
            string given = string.Join(", ", shapes);
            throw new LowbitException($"{model.Path} cannot be run: node {node.Name} ({node.Kind}) cannot be computed from {given}", problem);
        }
    }

    /// <summary>With each node, the tensors that no later node reads.</summary>
    List<(OnnxNode Node, string[] LastUsed)> WithLastUses(IEnumerable<OnnxNode> nodes)
    {
        var seen = new HashSet<string>(constants.Keys) { "", model.Output.Name };
        var result = new List<(OnnxNode, string[])>();
        foreach (var node in nodes.Reverse())
            result.Add((node, [.. node.Inputs.Concat(node.Outputs).Where(seen.Add)]));
        result.Reverse();
        return result;
    }
}
