"""What the end-to-end scenarios share."""
