"""The subcommands of `kumeo`, one module each; each is imported when it is called."""
