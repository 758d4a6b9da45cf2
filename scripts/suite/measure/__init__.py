"""Measuring: groups of fresh processes, their rounds, what they answer, and the journal of a run."""
