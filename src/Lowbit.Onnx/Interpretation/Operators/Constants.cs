namespace Lowbit.Export.Interpretation.Operators;

/// <summary>Constant and ConstantOfShape.</summary>
static class Constants
{
    public static NdArray Constant(Call call) =>
        call.Node.Tensor("value")
        ?? (call.Node.Has("value_float") ? NdArray.Scalar(call.Node.Float("value_float", 0)) : null)
        ?? (call.Node.Has("value_int") ? NdArray.Scalar(call.Node.Int("value_int", 0), ElementType.Int64) : null)
        ?? (call.Node.Ints("value_ints") is { } ints ? NdArray.Vector(ints) : null)
        ?? (call.Node.Floats("value_floats") is { } floats ? new NdArray([floats.Count], [.. floats]) : null)
        ?? throw new LowbitException("it has no value that is a number or numbers");

    public static NdArray OfShape(Call call)
    {
        var value = call.Node.Tensor("value") ?? NdArray.Scalar(0);
        var result = NdArray.Zeros(call.X.Ints(), value.Type);
        Array.Fill(result.Data, value.Single());
        return result;
    }
}
