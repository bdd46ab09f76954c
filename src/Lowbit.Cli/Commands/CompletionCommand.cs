using System.CommandLine;

namespace Lowbit.Cli.Commands;

/// <summary><c>lowbit completion SHELL</c>: a script by which a shell completes command lines.</summary>
static class CompletionCommand
{
    /// <summary>Options are offered where a word begins with a dash, so that elsewhere the names of files are.</summary>
    const string Bash = """
        _lowbit() {
            local word="${COMP_WORDS[COMP_CWORD]}" suggestions
            suggestions="$(lowbit "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)"
            if [[ "$word" != -* ]]; then suggestions="$(grep -v '^[-/]' <<< "$suggestions")"; fi
            COMPREPLY=($(compgen -W "$suggestions" -- "$word"))
        }
        complete -o default -F _lowbit lowbit

        """;

    const string Zsh = """
        _lowbit() {
            local -a suggestions
            suggestions=(${(f)"$(lowbit "[suggest:${#LBUFFER}]" "$LBUFFER" 2>/dev/null)"})
            if [[ "$PREFIX" != -* ]]; then suggestions=(${suggestions:#[-/]*}); fi
            if (( ${#suggestions} )); then compadd -a suggestions; else _files; fi
        }
        compdef _lowbit lowbit

        """;

    /// <summary>Where there are suggestions, they are taken in the place of the names of files.</summary>
    const string Fish = """
        function __lowbit_has_suggestions
            set -l line (commandline -cp)
            set -l hidden '-*'
            string match -q -- '-*' (commandline -ct); and set hidden '/*'
            set -g __lowbit_suggestions (lowbit "[suggest:"(string length -- $line)"]" "$line" 2>/dev/null | string match -rv '^(/|$)' | string match -v -- $hidden)
            set -q __lowbit_suggestions[1]
        end
        complete -c lowbit -n __lowbit_has_suggestions -f -a '$__lowbit_suggestions'

        """;

    /// <summary>PowerShell completes the names of files where there are no suggestions.</summary>
    const string PowerShell = """
        Register-ArgumentCompleter -Native -CommandName lowbit -ScriptBlock {
            param($word, $tree, $position)
            lowbit "[suggest:$position]" "$tree" 2>$null |
                Where-Object { $_ -notlike '/*' -and $_ -like "$word*" -and ("$word" -like '-*' -or $_ -notlike '-*') } |
                ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
        }

        """;

    static readonly Dictionary<string, string> Scripts = new() { ["bash"] = Bash, ["zsh"] = Zsh, ["fish"] = Fish, ["pwsh"] = PowerShell };

    public static Command Create()
    {
        var shell = new Argument<string>("shell") { Description = $"{string.Join(", ", Scripts.Keys)}." };
        shell.AcceptOnlyFromAmong([.. Scripts.Keys]);
        var command = new ExampledCommand("completion", "Print a script by which a shell completes lowbit's command lines.", """
            eval "$(lowbit completion bash)"          in ~/.bashrc
            eval "$(lowbit completion zsh)"           in ~/.zshrc, after compinit
            lowbit completion fish | source           in ~/.config/fish/config.fish
            lowbit completion pwsh | Out-String | Invoke-Expression    in $PROFILE
            """) { shell };
        command.SetAction(parsed => Console.Write(Scripts[parsed.GetValue(shell)!]));
        return command;
    }
}
