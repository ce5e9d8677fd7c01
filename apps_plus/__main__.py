"""The command line as a module: ``python -m apps_plus``, and ``accelerate launch -m apps_plus train CONFIG``."""

from apps_plus.import_paths import leave_current_folder

if __name__ == "__main__":
    leave_current_folder()
    from apps_plus.cli import main

    main()
