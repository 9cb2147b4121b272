#!/usr/bin/env bash
# generate.sh PROGRAM FOLDER SOURCES VERSION: man pages, completion and the package's changelog,
# reproducible for the same sources.
set -euo pipefail
program=$1 folder=$2 sources=$3 version=$4
rm -rf "$folder" && mkdir -p "$folder/man1"
"$program" complete bash > "$folder/completion.bash"
"$program" complete zsh > "$folder/completion.zsh"
"$program" complete man | gzip -9n > "$folder/man1/capstan.1.gz"
for command in $("$program" complete commands); do
  "$program" complete man "$command" | gzip -9n > "$folder/man1/capstan-$command.1.gz"
done
date=$(git -C "$sources" log -1 --format=%cD 2> /dev/null || date -R -d "@${SOURCE_DATE_EPOCH:-0}")
sed -e "s/@VERSION@/$version/" -e "s/@DATE@/$date/" "$sources/packaging/debian/changelog.in" | gzip -9n > "$folder/changelog.gz"
touch "$folder/stamp"
