# One = of a word, and all before it, is another word for bash, which puts only the rest in.
_sngan() {
  local line="${COMP_LINE:0:COMP_POINT}" program="${1##*/}" before="" each
  local name="_sngan_words_${program#sngan-}" word="${line##*[[:space:]]}"
  local words="${!name}"
  case "$word" in
    *=*[\[,]*) before="${word%"${word##*[\[,]}"}" ;;
  esac
  COMPREPLY=()
  for each in $words; do
    if [[ "$word" != *=* ]]; then
      each="${each%%=*}${each//[^=]/}"  # Of a group first its name, then its members.
    elif [[ -n "$before" ]]; then
      [[ "$each" == "${before%%=*}="* ]] || continue
      each="$before${each#*=}"
    fi
    [[ "$each" == "$word"* && "$each" != "$word" ]] && COMPREPLY+=("$each")
  done
  mapfile -t COMPREPLY < <(printf '%s\n' "${COMPREPLY[@]}" | sort -u | sed '/^$/d')
  [[ ${#COMPREPLY[@]} == 1 && "${COMPREPLY[0]}" == *= ]] && compopt -o nospace 2>/dev/null
  if [[ "$word" == *=* && "$COMP_WORDBREAKS" == *=* ]]; then
    COMPREPLY=("${COMPREPLY[@]#"${word%%=*}="}")
  fi
}
complete -o default -o bashdefault -F _sngan \
  sngan-train sngan-eval sngan-sample sngan-analyze sngan-reproduce sngan-report \
  sngan-export sngan-import
