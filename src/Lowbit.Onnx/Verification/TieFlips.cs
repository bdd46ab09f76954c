using Lowbit.Export.Interpretation;

namespace Lowbit.Export.Verification;

/// <summary>
/// Tells whether logits that others computed in single precision differ by a rounding tie: it rounds the values that lie nearest to one the
/// other way, one at a time, and looks whether the logits come out.
/// </summary>
sealed class TieFlips
{
    /// <summary>What single precision may be off, in steps of a quantizer.</summary>
    const double Nearness = 1e-4;

    /// <summary>Values that are tried for an image.</summary>
    const int MostFlips = 16;

    readonly Interpreter interpreter;
    readonly OnnxModel model;
    readonly OnnxRunOptions options;

    public TieFlips(OnnxModel model, OnnxRunOptions options) =>
        (this.model, this.options, interpreter) = (model, options, new Interpreter(model, options.Output, options.Budget));

    /// <param name="image">One image, [1, ...].</param>
    /// <param name="expected">Its logits.</param>
    /// <param name="tolerance">What they may differ by.</param>
    public bool Explain(NdArray image, double[] expected, double tolerance)
    {
        var input = interpreter.FirstOfBatch(image, out var layout);
        var near = new List<Tie>();
        Run((node, known) => near.AddRange(Tie.Near(node, known, Nearness)));
        return near.OrderBy(tie => tie.Distance).Take(MostFlips).Any(tie => IsExpected(Run((node, known) =>
        {
            if (node == tie.Node) known[node.Outputs[0]].Data[tie.Index] = tie.Other;
        })));

        AliveTensors Run(Action<OnnxNode, AliveTensors> computed) =>
            interpreter.RunOnce(input, new Ledger(options.Budget, images: layout.Shape[0]), computed);

        bool IsExpected(AliveTensors known)
        {
            var outputs = OutputChoice.Candidates(model, options.Output).Select(name => (name, known[name].Shape)).ToArray();
            var logits = known[OutputChoice.Choose(model, outputs, layout.Shape[0], expected.Length)].Data.AsSpan(0, expected.Length);
            for (int i = 0; i < expected.Length; i++)
                if (!(Math.Abs(logits[i] - expected[i]) <= tolerance)) return false;
            return true;
        }
    }
}
