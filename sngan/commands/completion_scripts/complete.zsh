_sngan() {
  local name="_sngan_words_${${words[1]:t}#sngan-}" each
  local -aU found closed open
  found=(${=${(P)name}})
  if [[ "$PREFIX" == *=* ]]; then
    closed=(${(M)found:#${PREFIX%%=*}=?*})
    compset -P '*='
    if compset -P '*[\[,]'; then
      compadd -S '' -- ${closed#*=}
    else
      compadd -- ${closed#*=} || _files
    fi
  else
    for each in $found; do
      [[ "$each" == *=* ]] && open+=("${each%%=*}=") || closed+=("$each")
    done
    compadd -S '' -- $open
    compadd -- $closed
    [[ "$PREFIX" == -* ]] || _files
  fi
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
compdef _sngan sngan-train sngan-eval sngan-sample sngan-analyze sngan-reproduce sngan-report \
  sngan-export sngan-import
