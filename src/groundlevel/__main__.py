"""Lets `python -m groundlevel` be the command line."""

from groundlevel.cli import main

if __name__ == "__main__":
    main()
