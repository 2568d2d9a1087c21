"""How long any scenario waits for anything: nothing takes so long unless something is wrong."""

PATIENCE = 20.0  # seconds
