# Read by every script here: an empty virtual environment in a temporary folder, which is removed when the script ends.
# Exit codes of a script: 0 the surprise holds, 3 it no longer does, anything else: it could not be tried.
set -eu
shared=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT # so that the folder is removed then, too
trap 'exit 143' TERM
cd "$folder"
"${PYTHON:-python3}" -m venv environment

install() { # PACKAGE==VERSION ... or options of pip; nothing is compiled, since each package is imported once
    environment/bin/python -m pip install --quiet --disable-pip-version-check --no-compile "$@" >pip.log 2>&1 && return
    cat pip.log >&2
    echo "cannot install: $*" >&2
    exit 2
}

npm_install() { # PACKAGE@VERSION ...; into node_modules of the temporary folder, without scripts of the packages
    npm install --silent --no-audit --no-fund --ignore-scripts --prefix . "$@" >npm.log 2>&1 && return
    cat npm.log >&2
    echo "cannot install: $*" >&2
    exit 2
}

observe() { # run the program on standard input; `from report import report` finds the module beside this file
    PYTHONPATH=$shared PYTHONNOUSERSITE=1 PYTHONDONTWRITEBYTECODE=1 PYTHONWARNINGS=ignore TQDM_DISABLE=1 environment/bin/python -
}
