namespace Lowbit.Export.Interpretation;

/// <summary>
/// The reference that exported files are held against: computes a file's graph node by node, in double precision and by the letter of the
/// operators' documents.
/// It shares nothing with the networks that are trained but the file.
/// </summary>
sealed class Interpreter : IOnnxEngine
{
    readonly OnnxModel model;
    readonly OnnxBudget budget;
    readonly IReadOnlyList<string> candidates;

    /// <summary>What does not depend on the image.</summary>
    readonly AliveTensors constants;

    readonly IReadOnlyList<(OnnxNode Node, string[] Spent)> steps;

    /// <exception cref="LowbitException">A node cannot be computed, or not within the budget.</exception>
    public Interpreter(OnnxModel model, string? output = null, OnnxBudget? budget = null)
    {
        this.model = model;
        this.budget = budget ?? OnnxBudget.Default;
        candidates = OutputChoice.Candidates(model, output);
        var folded = FoldedGraph.Of(model, candidates, this.budget);
        constants = folded.Constants;
        steps = Lifetimes.Of(folded.PerImage, candidates);
    }

    /// <summary>The file's output for each image, one after the other: [N, classes]. Images are spread over all processors.</summary>
    public NdArray Run(NdArray images, int? classes = null)
    {
        if (images.Shape[0] == 0) return new NdArray([0, 0], []);
        var layout = InputLayout.Of(model, images.Shape);
        images = layout.Arrange(images);
        int batch = layout.Shape[0], count = images.Shape[0], imageSize = images.Count / count;
        var outputs = new NdArray[(count + batch - 1) / batch];
        var first = Alive(0, out long taken);
        string output = OutputChoice.Choose(model, [.. candidates.Select(name => (name, first(name).Shape))], batch, classes);
        outputs[0] = first(output);
        // As many at a time as there is room for beside the constants.
        int atATime = (int)Math.Clamp((budget.Memory - constants.Bytes) / Math.Max(1, taken), 1, Environment.ProcessorCount);
        try
        {
            Parallel.For(1, outputs.Length, new() { MaxDegreeOfParallelism = atATime }, i => outputs[i] = Alive(i, out _)(output));
        }
        catch (AggregateException failed) when (failed.InnerException is LowbitException problem)
        {
            throw new LowbitException(problem.Message, failed);
        }
        int outputSize = outputs[0].Count / batch;
        if (outputs.Any(computed => computed.Count != outputs[0].Count))
            throw new LowbitException($"{model.Path} cannot be run: its output {output} has another size for another image");
        return new NdArray([count, outputSize], [.. outputs.SelectMany(computed => computed.Data).Take(count * outputSize)]);

        Func<string, NdArray> Alive(int i, out long bytes)
        {
            int from = i * batch * imageSize, given = Math.Min(batch, count - i * batch);
            var ledger = new Ledger(budget, constants.Bytes, given);
            NdArray input;
            try
            {
                input = ledger.Count(0, () => NdArray.Zeros(layout.Shape, model.InputType));
            }
            catch (LowbitException problem)
            {
                throw new LowbitException($"{model.Path} cannot be run: {problem.Message}", problem);
            }
            images.Data.AsSpan(from, given * imageSize).CopyTo(input.Data);
            var known = RunOnce(input, ledger);
            bytes = ledger.Peak;
            return name => known.Find(name) ?? throw new LowbitException($"{model.Path} cannot be run: no node makes its output {name}");
        }
    }

    /// <summary>One image, in the file's order, as the file's first of a batch.</summary>
    public NdArray FirstOfBatch(NdArray image, out InputLayout layout)
    {
        layout = InputLayout.Of(model, image.Shape);
        var input = NdArray.Zeros(layout.Shape, model.InputType);
        layout.Arrange(image).Data.CopyTo(input.Data, 0);
        return input;
    }

    /// <summary>Nothing: the interpreter holds only managed memory.</summary>
    public void Dispose()
    {
    }

    /// <summary>The outputs for one input of the file's own shape.</summary>
    /// <param name="input">The images.</param>
    /// <param name="ledger">Counts what it takes.</param>
    /// <param name="computed">Is shown each node that has been computed, with the arrays that are known then, its inputs and outputs among them.</param>
    public AliveTensors RunOnce(NdArray input, Ledger ledger, Action<OnnxNode, AliveTensors>? computed = null)
    {
        var known = new AliveTensors(constants);
        known.Add(model.Input.Name, input);
        foreach (var (node, spent) in steps)
        {
            Compute(model, node, known, ledger);
            computed?.Invoke(node, known);
            foreach (string tensor in spent)
                known.Remove(tensor);
        }
        return known;
    }

    /// <summary>Computes one node from arrays that are known, and adds what it gives to them.</summary>
    /// <exception cref="LowbitException">The node's operator is unknown, or cannot compute from these inputs; names the node.</exception>
    public static void Compute(OnnxModel model, OnnxNode node, AliveTensors known, Ledger ledger)
    {
        try
        {
            NdArray?[] inputs = [.. node.Inputs.Select(input => input is "" ? null : known.Find(input)
                ?? throw new LowbitException($"it reads {input}, an output that its node does not give in evaluation"))];
            var outputs = ledger.Count(known.Bytes, () =>
            {
                Ledger.Spend(inputs.Sum(input => (double)(input?.Count ?? 0)) * OnnxBudget.PerElement);
                return OperatorTable.Find(node)(new Call(node, inputs));
            });
            for (int i = 0; i < Math.Min(outputs.Length, node.Outputs.Count); i++)
                if (node.Outputs[i] is not "") known.Add(node.Outputs[i], outputs[i]);
        }
        catch (LowbitException problem)
        {
            throw new LowbitException($"{model.Path} cannot be run: node {node.Name} ({node.Kind}): {problem.Message}", problem);
        }
        // Operators check what they have words for; whatever else a damaged file makes of their inputs ends here.
        catch (Exception problem) when (problem
            is IndexOutOfRangeException or ArgumentException or OverflowException or InvalidOperationException or DivideByZeroException)
        {
            var shapes = node.Inputs.Select(input => known.Find(input) is { } array ? NdArray.Text(array.Shape) : "nothing");
            string given = string.Join(", ", shapes);
            throw new LowbitException($"{model.Path} cannot be run: node {node.Name} ({node.Kind}) cannot be computed from {given}", problem);
        }
    }
}
