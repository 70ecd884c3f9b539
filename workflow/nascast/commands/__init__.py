"""Subcommands of ``nascast``, one module each; a module imports what it needs when it runs."""
