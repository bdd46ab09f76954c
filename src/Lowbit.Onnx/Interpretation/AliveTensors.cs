using System.Runtime.InteropServices;

namespace Lowbit.Export.Interpretation;

/// <summary>The arrays that are alive while a graph is computed, by name, with the bytes that they take; arrays may share their data.</summary>
/// <param name="outer">Arrays that are there, too, and are counted elsewhere: the constants.</param>
sealed class AliveTensors(AliveTensors? outer = null)
{
    readonly Dictionary<string, NdArray> arrays = [];
    readonly Dictionary<double[], int> owners = new(ReferenceEqualityComparer.Instance);

    public long Bytes { get; private set; }

    public NdArray this[string name] => Find(name) ?? throw new KeyNotFoundException(name);

    public NdArray? Find(string name) => arrays.GetValueOrDefault(name) ?? outer?.Find(name);

    public bool Contains(string name) => Find(name) is not null;

    public void Add(string name, NdArray array)
    {
        Remove(name);
        arrays[name] = array;
        ref int count = ref CollectionsMarshal.GetValueRefOrAddDefault(owners, array.Data, out bool isShared);
        count++;
        if (!isShared) Bytes += (long)array.Count * sizeof(double);
    }

    public void Remove(string name)
    {
        if (!arrays.Remove(name, out var array) || --CollectionsMarshal.GetValueRefOrNullRef(owners, array.Data) > 0) return;
        owners.Remove(array.Data);
        Bytes -= (long)array.Count * sizeof(double);
    }
}
