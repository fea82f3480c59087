"""Training, evaluation and experiment tracking for quotestance."""
