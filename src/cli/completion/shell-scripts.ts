/**
 * What each shell needs to ask us: one hidden command is asked with the words so far and answers a candidate a line, with a
 * tab before what it does; `:files` stands for the names of files, which the shell itself knows best.
 */
export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

export const ASK = '__complete'
export const FILES = ':files'

const BASH = `# sallyport for bash: eval "$(sallyport completion bash)" in ~/.bashrc
_sallyport() {
  local line word before broken=
  local -a words=()
  # To bash ada@web1, --machine=web1 and http://server are several words, of which the last, $2, is replaced; or the last two.
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD}"; do
    if [[ \${#words[@]} -gt 0 && ( $word == [@=:] || -n $broken ) ]]; then
      words[\${#words[@]}-1]+=$word
    else
      words+=("$word")
    fi
    [[ $word == [@=:] ]] && broken=yes || broken=
  done
  word=\${words[\${#words[@]}-1]}
  before=\${word%"$2"}
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == '${FILES}' ]]; then
      compopt -o default 2>/dev/null
    else
      line=\${line%%$'\\t'*}
      COMPREPLY+=("$(printf '%q' "\${line#"$before"}")")
    fi
  done < <(sallyport ${ASK} -- "\${words[@]}" 2>/dev/null)
}
complete -F _sallyport sallyport
`

const ZSH = `#compdef sallyport
# sallyport for zsh: eval "$(sallyport completion zsh)" in ~/.zshrc, after compinit
_sallyport() {
  local line text does
  local -a found
  for line in "\${(@f)$(sallyport ${ASK} -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    if [[ $line == '${FILES}' ]]; then
      _files
    elif [[ -n $line ]]; then
      text=\${\${line%%$'\\t'*}//:/\\\\:}
      does=\${line#*$'\\t'}
      found+=("$text\${does:+:$does}")
    fi
  done
  (( \${#found} )) && _describe sallyport found
}
compdef _sallyport sallyport
`

const FISH = `# sallyport for fish: sallyport completion fish > ~/.config/fish/completions/sallyport.fish
function __sallyport_complete
    set -l words (commandline -opc) (commandline -ct)
    for line in (sallyport ${ASK} -- $words[2..-1] 2>/dev/null)
        if test "$line" = '${FILES}'
            __fish_complete_path (commandline -ct)
        else
            printf '%s\\n' $line
        end
    end
end
complete -c sallyport -f -a '(__sallyport_complete)'
`

export const SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH }
