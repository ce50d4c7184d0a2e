#!/bin/sh
# Prints the path of a Python that can run the project, or says on standard error what is missing.
# PYTHON=/path/to/python chooses one.
set -u

suits='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))'
has_pip='import ensurepip, venv'
without_pip=''

# 3.11 first: the constraints file was made with it.
for candidate in ${PYTHON:-python3.11 python3.12 python3.13 python3.14 python3 python}; do
    path=$(command -v "$candidate" 2>/dev/null) || continue
    case $path in
        "$PWD"/.venv/*) continue ;; # the environment that is about to be made anew
    esac
    "$path" -c "$suits" >/dev/null 2>&1 || continue
    if "$path" -c "$has_pip" >/dev/null 2>&1; then
        echo "$path"
        exit 0
    fi
    without_pip=$path
done

if [ -n "$without_pip" ]; then
    version=$("$without_pip" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    echo "$without_pip cannot make a virtual environment with pip, because its module ensurepip is missing." >&2
    echo "On Debian and Ubuntu install it with: apt install python$version-venv" >&2
elif [ -n "${PYTHON:-}" ]; then
    echo "PYTHON=$PYTHON is not a Python 3.11 to 3.14. Name another one, or none to have one looked for." >&2
else
    echo "No Python 3.11 to 3.14 was found on the PATH." >&2
    echo "Install one (on Debian and Ubuntu: apt install python3 python3-venv), or name one: make PYTHON=/path/to/python" >&2
fi
exit 1
