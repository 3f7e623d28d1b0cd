"""`python -m mainstay`: the command, where its script is not on the path."""

from mainstay.cli import main

if __name__ == "__main__":
    main()
