function __sngan_words
    set -l name _sngan_words_(string replace -r '.*sngan-' '' -- (commandline -opc)[1])
    set -l word (commandline -ct)
    for each in (string split ' ' -- $$name)
        if string match -q -- '*=*' $word
            echo $each
        else
            string replace -r '=.*' '=' -- $each
        end
    end | sort -u
end
for program in train eval sample analyze reproduce report export import
    complete -c sngan-$program -a '(__sngan_words)'
end
