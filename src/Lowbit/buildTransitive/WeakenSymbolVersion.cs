using System;
using System.IO;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Marks one symbol version that an ELF library requires as weak (VER_FLG_WEAK), so that the loader accepts a system
/// library without it. Layout: System V ABI, "Symbol Versioning", section .gnu.version_r of a 64-bit little-endian file.
/// </summary>
public sealed class WeakenSymbolVersion : Task
{
    const uint VersionRequirements = 0x6ffffffe;
    const byte Weak = 2;

    [Required] public string Library { get; set; }
    [Required] public string SymbolVersion { get; set; }

    public override bool Execute()
    {
        byte[] elf = File.ReadAllBytes(Library);
        int flags = FindFlags(elf);
        if (flags < 0 || (elf[flags] & Weak) != 0) return true;

        elf[flags] |= Weak;
        // A new file, then a rename: the old one may be a hard link into the package cache. The time is kept, so that
        // incremental builds do not copy the original over it.
        DateTime written = File.GetLastWriteTimeUtc(Library);
        string aside = Library + ".weak";
        File.WriteAllBytes(aside, elf);
        File.SetLastWriteTimeUtc(aside, written);
        File.Delete(Library);
        File.Move(aside, Library);
        Log.LogMessage(MessageImportance.Normal, Library + ": requirement of " + SymbolVersion + " made weak");
        return true;
    }

    /// <summary>The offset of the version's vna_flags, or -1 when the library does not require that version.</summary>
    int FindFlags(byte[] elf)
    {
        long sections = BitConverter.ToInt64(elf, 0x28);
        int sectionSize = BitConverter.ToUInt16(elf, 0x3A), sectionCount = BitConverter.ToUInt16(elf, 0x3C);
        for (int s = 0; s < sectionCount; s++)
        {
            int header = (int)(sections + s * sectionSize);
            if (BitConverter.ToUInt32(elf, header + 4) != VersionRequirements) continue;
            int names = (int)BitConverter.ToInt64(elf, (int)(sections + BitConverter.ToInt32(elf, header + 0x28) * sectionSize) + 0x18);
            int need = (int)BitConverter.ToInt64(elf, header + 0x18);
            for (int n = BitConverter.ToInt32(elf, header + 0x2C); n > 0; n--)
            {
                int entry = need + BitConverter.ToInt32(elf, need + 8);
                for (int e = BitConverter.ToUInt16(elf, need + 2); e > 0; e--)
                {
                    if (NameAt(elf, names + BitConverter.ToInt32(elf, entry + 8)) == SymbolVersion) return entry + 4;
                    entry += BitConverter.ToInt32(elf, entry + 12);
                }
                need += BitConverter.ToInt32(elf, need + 12);
            }
        }
        return -1;
    }

    static string NameAt(byte[] elf, int offset) =>
        Encoding.ASCII.GetString(elf, offset, Array.IndexOf(elf, (byte)0, offset) - offset);
}
