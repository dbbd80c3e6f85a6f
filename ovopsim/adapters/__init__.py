"""The shapes of other tools: Mesa's batches, EMA Workbench's models, SALib's problems."""
